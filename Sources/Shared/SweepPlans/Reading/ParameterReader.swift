// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search

/// Reads `{float: [low, high], log: true}` and its kin.
struct ParameterReader {
  private let node: YAMLNode
  private let path: String
  private static let forms = ["float", "int", "choice", "ordinal", "value"]

  init(_ node: YAMLNode, path: String) {
    self.node = node
    self.path = path
  }

  /// The distribution of `model`: learners by name.
  func model() throws(SweepPlanError) -> Distribution {
    let names = Learner.allCases.map(\.rawValue)
    let specification = ParameterSpecification(
      SpaceReader.modelName, .choice(names), default: .text(names[0]), "The learner.")
    return try distribution([specification])
  }

  /// - Parameter specifications: what each learner that may run here says of the parameter; not empty.
  func distribution(_ specifications: [ParameterSpecification]) throws(SweepPlanError) -> Distribution {
    guard node.pairs != nil else {
      let scalar = node.parameterValue == nil ? nil : "for one value write {value: \(node.text ?? "")}"
      throw node.error(
        .wrongType,
        "\(path): expected one of {float: …}, {int: …}, {choice: …}, {ordinal: …}, {value: …}, found \(node.kindText)",
        note: scalar)
    }
    let section = try SectionReader(node, path: path, .parameter)
    let given = Self.forms.filter { node[$0] != nil }
    guard given.count == 1, let form = given.first, let value = node[form] else {
      let found = given.isEmpty ? "none of them" : listed(given)
      throw node.error(
        given.isEmpty ? .missingKey : .badValue,
        "\(path): expected one of \(listed(Self.forms, or: true)), found \(found)")
    }
    try refuseStrangers(form)
    do {
      switch form {
      case "float": return try real(section, value, specifications)
      case "int": return try integer(section, value, specifications)
      case "choice", "ordinal": return try choice(section, form, specifications)
      default: return .fixed(try checked(value, path: section.pathText("value"), specifications))
      }
    } catch let error as SearchError {
      throw located(error, form)
    } catch let error as SweepPlanError {
      throw error
    } catch {
      throw node.error(.badValue, "\(path): \(error)")
    }
  }

  /// Keys that are known, but mean nothing beside `form`.
  private func refuseStrangers(_ form: String) throws(SweepPlanError) {
    let companions: [String] =
      switch form {
      case "float", "int": ["log", "step", "points"]
      case "choice", "ordinal": ["weights"]
      default: []
      }
    for pair in node.pairs ?? [] {
      guard let key = pair.key.text, key != form, !companions.contains(key) else { continue }
      let takes = companions.isEmpty ? "nothing beside it" : listed(companions)
      throw pair.key.error(
        .badValue, "`\(key)` in \(path) means nothing beside `\(form)`", note: "\(form) takes: \(takes)")
    }
  }

  /// A rule of `Search`, at the key that broke it.
  private func located(_ error: SearchError, _ form: String) -> SweepPlanError {
    let key = error.part == .range || error.part == .choice || error.part == .grid ? form : error.part.rawValue
    return (node[key] ?? node).error(.badValue, "\(path).\(key): expected \(error.expected), found \(error.found)")
  }

  private func ends(_ value: YAMLNode, _ form: String) throws(SweepPlanError) -> (YAMLNode, YAMLNode) {
    guard case .list(let items) = value.kind, items.count == 2 else {
      throw value.error(.wrongType, "\(path).\(form): expected [low, high], found \(value.kindText)")
    }
    return (items[0], items[1])
  }

  private func real(
    _ section: SectionReader, _ value: YAMLNode, _ specifications: [ParameterSpecification]
  ) throws -> Distribution {
    for specification in specifications {
      if case .real = specification.domain { continue }
      throw node.keyError("float", "\(path): expected \(specification.domainText), found a range of reals")
    }
    let (lowNode, highNode) = try ends(value, "float")
    var numbers: [Double] = []
    for end in [lowNode, highNode] {
      guard let number = try checked(end, path: "\(path).float", specifications).number else {
        throw end.error(.wrongType, "\(path).float: expected a number, found \(end.kindText)")
      }
      numbers.append(number)
    }
    var step: Double?
    if let stepNode = section.optional("step") {
      guard let number = stepNode.number else {
        throw stepNode.error(.wrongType, "\(path).step: expected a number, found \(stepNode.kindText)")
      }
      step = number
    }
    let (isLog, points) = try (section.flag("log") ?? false, points(section))
    return .real(try RealRange(numbers[0], numbers[1], log: isLog, step: step, points: points))
  }

  private func integer(
    _ section: SectionReader, _ value: YAMLNode, _ specifications: [ParameterSpecification]
  ) throws -> Distribution {
    for specification in specifications {
      if case .integer = specification.domain { continue }
      let isReal = if case .real = specification.domain { true } else { false }
      throw node.keyError(
        "int", "\(path): expected \(specification.domainText), found a range of integers",
        note: isReal ? "write float, with step: 1 if only whole numbers are meant" : nil)
    }
    let (lowNode, highNode) = try ends(value, "int")
    var numbers: [Int64] = []
    for end in [lowNode, highNode] {
      guard case .integer(let number) = try checked(end, path: "\(path).int", specifications) else {
        throw end.error(.wrongType, "\(path).int: expected an integer, found \(end.kindText)")
      }
      numbers.append(number)
    }
    let (isLog, points) = try (section.flag("log") ?? false, points(section))
    let step = try section.integer("step", in: 1...IntegerRange.magnitudeMax)
    return .integer(try IntegerRange(numbers[0], numbers[1], log: isLog, step: step, points: points))
  }

  private func points(_ section: SectionReader) throws(SweepPlanError) -> Int? {
    try section.integer("points", in: 2...Int64(RealRange.valueCountMax)).map(Int.init)
  }

  private func choice(
    _ section: SectionReader, _ form: String, _ specifications: [ParameterSpecification]
  ) throws -> Distribution {
    var values: [ParameterValue] = []
    for (index, item) in (try section.list(form) ?? []).enumerated() {
      values.append(try checked(item, path: "\(path).\(form)[\(index)]", specifications))
    }
    var weights: [Double]?
    if let items = try section.list("weights") {
      weights = []
      for item in items {
        guard let number = item.number else {
          throw item.error(.wrongType, "\(path).weights: expected a number, found \(item.kindText)")
        }
        weights?.append(number)
      }
    }
    return .choice(try Choice(values, weights: weights, ordered: form == "ordinal"))
  }

  private func checked(
    _ node: YAMLNode, path: String, _ specifications: [ParameterSpecification]
  ) throws(SweepPlanError) -> ParameterValue {
    try node.checkedValue(path: path, specifications)
  }
}

extension YAMLNode {
  /// The node's value in the kind of the parameter's domain, if every specification takes it.
  func checkedValue(
    path: String, _ specifications: [ParameterSpecification]
  ) throws(SweepPlanError) -> ParameterValue {
    var value = parameterValue
    for specification in specifications {
      do throws(ParameterError) {
        if let given = value { value = try specification.check(given) }
      } catch {
        throw domainError(path, specification)
      }
      if value == nil { throw domainError(path, specification) }
    }
    guard let value else { throw error(.wrongType, "\(path): expected a value, found \(kindText)") }
    return value
  }

  private func domainError(_ path: String, _ specification: ParameterSpecification) -> SweepPlanError {
    var guess: String?
    if case .choice(let names) = specification.domain, let text {
      guess = nearest(to: text, of: names).map { "did you mean `\($0)`?" }
    }
    let unit = specification.unit == "1" ? nil : "unit: \(specification.unit)"
    return error(
      .badValue, "\(path): expected \(specification.domainText), found \(kindText)", note: guess ?? unit)
  }

  /// An error that points at a key of this mapping.
  func keyError(_ key: String, _ message: String, note: String? = nil) -> SweepPlanError {
    let node = pairs?.first { $0.key.text == key }?.key ?? self
    return node.error(.wrongType, message, note: note)
  }
}
