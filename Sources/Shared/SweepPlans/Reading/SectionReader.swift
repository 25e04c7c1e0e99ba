// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

/// Reads the keys of one mapping, every one of which is known: others are refused when the reader is made.
struct SectionReader {
  let node: YAMLNode
  /// "space.branches[0]"; empty at the top level.
  let path: String

  /// - Throws: `.wrongType` for anything but a mapping; `.unknownKey`, `.notSupportedYet`.
  init(_ node: YAMLNode, path: String, _ section: FileSection) throws(SweepPlanError) {
    self.node = node
    self.path = path
    guard let pairs = node.pairs else {
      throw node.error(.wrongType, "\(path.isEmpty ? "the file" : path): expected a mapping, found \(node.kindText)")
    }
    for pair in pairs {
      guard let key = pair.key.text else {
        throw pair.key.error(.wrongType, "a key is \(pair.key.kindText)", note: "expected a word")
      }
      if section.keyNames.contains(key) { continue }
      let takes = "\(section.name.isEmpty ? "a sweep file" : section.name) takes: \(listed(section.keyNames))"
      if section.later.contains(key) {
        throw pair.key.error(
          .notSupportedYet, "`\(key)`\(Self.place(path)) is not supported yet", note: takes, help: Self.reference)
      }
      let guess = nearest(to: key, of: section.keyNames).map { "did you mean `\($0)`? " } ?? ""
      throw pair.key.error(
        .unknownKey, "unknown key `\(key)`\(Self.place(path))", note: guess + takes, help: Self.reference)
    }
  }

  static let reference = "docs/Configuration.md lists every key"

  static func place(_ path: String) -> String { path.isEmpty ? "" : " in \(path)" }

  func pathText(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  func optional(_ key: String) -> YAMLNode? { node[key] }

  func required(_ key: String) throws(SweepPlanError) -> YAMLNode {
    if let value = node[key] { return value }
    throw node.error(.missingKey, "missing key `\(key)`\(Self.place(path))", help: Self.reference)
  }

  /// A scalar as text. Numbers and flags are their text: `name: 2026` needs no quotes.
  func text(_ key: String) throws(SweepPlanError) -> String? {
    guard let value = node[key] else { return nil }
    guard let text = value.text, !value.isNull else {
      throw value.error(.wrongType, "\(pathText(key)): expected text, found \(value.kindText)")
    }
    return text
  }

  func requiredText(_ key: String) throws(SweepPlanError) -> String {
    let value = try required(key)
    guard let text = try text(key), !text.isEmpty else {
      throw value.error(.badValue, "\(pathText(key)): expected text, found nothing")
    }
    return text
  }

  func integer(_ key: String, in range: ClosedRange<Int64>) throws(SweepPlanError) -> Int64? {
    guard let value = node[key] else { return nil }
    let wanted =
      range.upperBound == .max
      ? "an integer of at least \(range.lowerBound)" : "an integer in \(range.lowerBound)...\(range.upperBound)"
    guard let integer = value.integer else {
      throw value.error(.wrongType, "\(pathText(key)): expected \(wanted), found \(value.kindText)")
    }
    guard range.contains(integer) else {
      throw value.error(.badValue, "\(pathText(key)): expected \(wanted), found \(integer)")
    }
    return integer
  }

  func number(_ key: String, in range: ClosedRange<Double>) throws(SweepPlanError) -> Double? {
    guard let value = node[key] else { return nil }
    let isAny = range.upperBound == .greatestFiniteMagnitude
    let wanted = isAny ? "a number" : "a number in \(range.lowerBound)...\(range.upperBound)"
    guard let number = value.number else {
      throw value.error(.wrongType, "\(pathText(key)): expected \(wanted), found \(value.kindText)")
    }
    guard range.contains(number) else {
      throw value.error(.badValue, "\(pathText(key)): expected \(wanted), found \(value.kindText)")
    }
    return number
  }

  func flag(_ key: String) throws(SweepPlanError) -> Bool? {
    guard let value = node[key] else { return nil }
    guard let flag = value.flag else {
      throw value.error(.wrongType, "\(pathText(key)): expected true or false, found \(value.kindText)")
    }
    return flag
  }

  func list(_ key: String) throws(SweepPlanError) -> [YAMLNode]? {
    guard let value = node[key] else { return nil }
    guard case .list(let items) = value.kind else {
      throw value.error(.wrongType, "\(pathText(key)): expected a list, found \(value.kindText)")
    }
    return items
  }

  /// One of the cases of `Value`; names of the format that are not there yet have an answer of their own.
  func oneOf<Value: RawRepresentable<String> & CaseIterable>(
    _ key: String, _ type: Value.Type, later: [String] = []
  ) throws(SweepPlanError) -> Value? {
    guard let value = node[key] else { return nil }
    return try value.oneOf(Array(Value.allCases), later: later, path: pathText(key))
  }
}

extension YAMLNode {
  func error(
    _ code: SweepPlanError.Code, _ message: String, note: String? = nil, help: String? = nil
  ) -> SweepPlanError {
    SweepPlanError(code, message, at: place, note: note, help: help)
  }

  /// The one of `values` that the node names.
  func oneOf<Value: RawRepresentable<String>>(
    _ values: [Value], later: [String] = [], path: String
  ) throws(SweepPlanError) -> Value {
    try oneOf(values, names: values.map(\.rawValue), later: later, path: path)
  }

  /// The one of `values` whose name, at the same position of `names`, the node is.
  func oneOf<Value>(
    _ values: [Value], names: [String], later: [String] = [], path: String
  ) throws(SweepPlanError) -> Value {
    guard let text, !isNull else {
      throw error(.wrongType, "\(path): expected \(listed(names, or: true)), found \(kindText)")
    }
    if let index = names.firstIndex(of: text) { return values[index] }
    if later.contains(text) {
      throw error(
        .notSupportedYet, "\(path): `\(text)` is not supported yet", note: "expected \(listed(names, or: true))")
    }
    let guess = nearest(to: text, of: names).map { "did you mean `\($0)`? " } ?? ""
    throw error(.badValue, "\(path): there is no `\(text)`", note: guess + "expected \(listed(names, or: true))")
  }
}

/// A word of the format that stands for itself alone.
struct Word: RawRepresentable, Hashable, Sendable {
  let rawValue: String
  init(rawValue: String) { self.rawValue = rawValue }

  static let apiVersion = Word(rawValue: "sweep/v1")
  static let kind = Word(rawValue: "Sweep")
  static let patient = Word(rawValue: "patient")
  static let none = Word(rawValue: "none")
}

/// "a, b, c" or "a, b or c".
func listed(_ names: [String], or isAlternative: Bool = false) -> String {
  guard isAlternative, names.count > 1, let last = names.last else { return names.joined(separator: ", ") }
  return names.dropLast().joined(separator: ", ") + " or " + last
}
