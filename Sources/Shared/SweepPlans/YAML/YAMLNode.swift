// SPDX-License-Identifier: Apache-2.0

/// A value of a sweep file with its place, so that every later check can point at it.
struct YAMLNode {
  enum Kind {
    /// The text, and whether it is plain (only plain text can be a number, a flag or null).
    case scalar(String, isPlain: Bool)
    case list([YAMLNode])
    /// In the order of the file.
    case map([Pair])
  }

  struct Pair {
    let key: YAMLNode
    var value: YAMLNode
  }

  var kind: Kind
  let source: YAMLSource
  /// From 1; in Unicode scalars.
  let line: Int
  let column: Int

  var place: SweepPlanError.Place {
    // A quoted scalar may contain escapes or fold over lines: its caret covers the first character alone.
    let width: Int =
      if case .scalar(let text, isPlain: true) = kind, !text.contains("\n") { text.unicodeScalars.count } else { 1 }
    return SweepPlanError.Place(
      source: source.name, line: line, column: column, width: width, text: source.line(line))
  }

  var kindText: String {
    switch kind {
    case .scalar(let text, let isPlain): isPlain ? (text.isEmpty ? "nothing" : text) : "the text \"\(text)\""
    case .list: "a list"
    case .map: "a mapping"
    }
  }

  /// The text of a scalar.
  var text: String? { if case .scalar(let text, _) = kind { text } else { nil } }

  var pairs: [Pair]? { if case .map(let pairs) = kind { pairs } else { nil } }

  subscript(key: String) -> YAMLNode? { pairs?.first { $0.key.text == key }?.value }
}

/// A text that nodes come from: the file, or one `--set`.
final class YAMLSource: Sendable {
  let name: String
  private let lines: [String]

  init(name: String, text: String) {
    self.name = name
    // By bytes: "\r\n" is one character and would not be split at "\n".
    lines = text.utf8.split(separator: 10, omittingEmptySubsequences: false).map {
      String(decoding: $0.last == 13 ? $0.dropLast() : $0, as: UTF8.self)
    }
  }

  /// Line `number`, from 1, with each tab as one blank so that a caret stands below its column.
  func line(_ number: Int) -> String {
    guard lines.indices.contains(number - 1) else { return "" }
    return lines[number - 1].replacing("\t", with: " ")
  }
}
