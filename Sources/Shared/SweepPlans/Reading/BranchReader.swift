// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search

/// Reads `branches`: their conditions against the parameters in scope, and that no two that can hold at once share a name.
enum BranchReader {
  typealias Level = (SectionReader, YAMLNode?, SpaceReader.Scope) throws(SweepPlanError) -> SearchSpace

  static func read(
    _ section: SectionReader, _ scope: SpaceReader.Scope, level: Level
  ) throws(SweepPlanError) -> [SearchSpace.Branch] {
    var branches: [SearchSpace.Branch] = []
    for (index, node) in (try section.list("branches") ?? []).enumerated() {
      let inner = try SectionReader(node, path: "\(section.pathText("branches"))[\(index)]", .branch)
      let conditionNode = try inner.required("if")
      let conditions = try conditions(conditionNode, path: inner.pathText("if"), scope)
      var narrowed = scope
      for condition in conditions where condition.name == SpaceReader.modelName {
        narrowed.learners = narrowed.learners.filter { condition.values.contains(.text($0.rawValue)) }
      }
      guard !narrowed.learners.isEmpty else {
        throw conditionNode.error(.badValue, "\(inner.pathText("if")): no learner is left here: it never holds")
      }
      let branch = SearchSpace.Branch(if: conditions, try level(inner, inner.optional("params"), narrowed))
      for earlier in branches where !areDisjoint(earlier, branch) {
        let names = branch.space.allParameters.map(\.name)
        if let name = earlier.space.allParameters.map(\.name).first(where: names.contains) {
          throw conditionNode.error(
            .duplicateKey, "`\(name)` exists in two branches of \(section.pathText("branches")) that can hold at once",
            note: "give them conditions that exclude each other")
        }
      }
      branches.append(branch)
    }
    return branches
  }

  private static func conditions(
    _ node: YAMLNode, path: String, _ scope: SpaceReader.Scope
  ) throws(SweepPlanError) -> [SearchSpace.Condition] {
    guard let pairs = node.pairs, !pairs.isEmpty else {
      throw node.error(.wrongType, "\(path): expected a mapping such as {model: booster}, found \(node.kindText)")
    }
    var conditions: [SearchSpace.Condition] = []
    for pair in pairs {
      let names = scope.parameters.map(\.name)
      guard let name = pair.key.text, let parameter = scope.parameters.first(where: { $0.name == name }) else {
        let found = pair.key.text ?? ""
        let guess = nearest(to: found, of: names).map { "did you mean `\($0)`? " } ?? ""
        throw pair.key.error(
          .unknownKey, "unknown parameter `\(found)` in \(path)", note: guess + "known here: \(listed(names))")
      }
      conditions.append(.init(name, try values(pair.value, parameter, path: "\(path).\(name)", scope)))
    }
    return conditions
  }

  private static func values(
    _ node: YAMLNode, _ parameter: SearchSpace.Parameter, path: String, _ scope: SpaceReader.Scope
  ) throws(SweepPlanError) -> [ParameterValue] {
    let countMax = 10_000
    guard let count = parameter.distribution.valueCount, count <= countMax else {
      throw node.error(
        .badValue, "\(path): a branch cannot depend on \(parameter.distribution)",
        note: "expected a choice, or a range of at most \(countMax) values")
    }
    let items: [YAMLNode] = if case .list(let items) = node.kind { items } else { [node] }
    guard !items.isEmpty else { throw node.error(.badValue, "\(path): expected a value, found an empty list") }
    var values: [ParameterValue] = []
    for item in items {
      // `1` asks for 1.0 where the parameter is real.
      let specification = scope.learners[0].specifications.first { $0.name == parameter.name }
      let value = item.parameterValue.flatMap { (try? specification?.check($0)) ?? $0 }
      guard let value, parameter.distribution.contains(value) else {
        let names = parameter.distribution.valueCount.map { $0 <= 30 } == true ? texts(parameter.distribution) : []
        let guess = nearest(to: item.text ?? "", of: names).map { "did you mean `\($0)`? " } ?? ""
        throw item.error(
          .badValue, "\(path): `\(parameter.name)` is never \(item.kindText)",
          note: "\(guess)it is \(parameter.distribution)")
      }
      values.append(value)
    }
    return values
  }

  private static func texts(_ distribution: Distribution) -> [String] {
    (0..<(distribution.valueCount ?? 0)).map { distribution.value(at: $0).description }
  }

  /// Whether some parameter would need two values at once. Not found does not mean that both can hold, but then no one
  /// can see from the conditions that they cannot.
  private static func areDisjoint(_ left: SearchSpace.Branch, _ right: SearchSpace.Branch) -> Bool {
    left.conditions.contains { first in
      right.conditions.contains { $0.name == first.name && !$0.values.contains(where: first.values.contains) }
    }
  }
}
