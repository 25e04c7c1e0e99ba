// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import Sweeps

/// Reads the tree of parameters, each checked against what the learners that may run there take.
struct SpaceReader {
  /// What is known where a level of the tree begins.
  struct Scope {
    /// The parameters of this level and those around it, in declared order.
    var parameters: [SearchSpace.Parameter] = []
    /// Learners that may run here, given the conditions around.
    var learners: [Learner] = Learner.allCases
    let outcome: Outcome
  }

  /// The parameter that names the learner.
  static let modelName = "model"

  /// - Throws: any error of the section, at its place.
  static func read(_ node: YAMLNode, _ outcome: Outcome) throws(SweepPlanError) -> SearchSpace {
    let section = try SectionReader(node, path: "space", .space)
    let params = try section.required("params")
    guard params[modelName] != nil else {
      throw params.error(
        .missingKey, "missing key `\(modelName)` in space.params",
        note: "for one learner alone: \(modelName): {value: \(Learner.allCases[0].rawValue)}")
    }
    let space = try level(section, params: params, Scope(outcome: outcome))
    let requirements = try RequirementsReader.read(section, space)
    return SearchSpace(space.parameters, branches: space.branches, requirements: requirements)
  }

  private static func level(
    _ section: SectionReader, params: YAMLNode?, _ outer: Scope
  ) throws(SweepPlanError) -> SearchSpace {
    var scope = outer
    let isRoot = outer.parameters.isEmpty
    let path = section.pathText("params")
    if isRoot, let model = params?[modelName] {
      let distribution = try ParameterReader(model, path: "\(path).\(modelName)").model()
      scope.learners = Learner.allCases.filter { distribution.contains(.text($0.rawValue)) }
    }
    var own: [SearchSpace.Parameter] = []
    if let params {
      guard let pairs = params.pairs else {
        throw params.error(.wrongType, "\(path): expected a mapping, found \(params.kindText)")
      }
      for pair in pairs {
        let parameter = try parameter(pair, path: path, isRoot: isRoot, scope)
        own.append(parameter)
        scope.parameters.append(parameter)
      }
    }
    let branches = try BranchReader.read(section, scope) { (inner, params, scope) throws(SweepPlanError) in
      try level(inner, params: params, scope)
    }
    return SearchSpace(own, branches: branches)
  }

  private static func parameter(
    _ pair: YAMLNode.Pair, path: String, isRoot: Bool, _ scope: Scope
  ) throws(SweepPlanError) -> SearchSpace.Parameter {
    guard let name = pair.key.text else {
      throw pair.key.error(.wrongType, "a key is \(pair.key.kindText)", note: "expected the name of a parameter")
    }
    let reader = ParameterReader(pair.value, path: "\(path).\(name)")
    if isRoot, name == modelName { return .init(name, try reader.model()) }
    if scope.parameters.contains(where: { $0.name == name }) {
      throw pair.key.error(.duplicateKey, "`\(name)` in \(path) exists in a level around it already")
    }
    let distribution = try reader.distribution(try specifications(name, pair.key, path: path, scope.learners))
    try OutcomeRules.check(distribution, of: name, pair.value, path: "\(path).\(name)", scope.outcome)
    return .init(name, distribution)
  }

  /// What each learner that may run here says of `name`.
  static func specifications(
    _ name: String, _ key: YAMLNode, path: String, _ learners: [Learner]
  ) throws(SweepPlanError) -> [ParameterSpecification] {
    var found: [ParameterSpecification] = []
    for learner in learners {
      if let specification = learner.specifications.first(where: { $0.name == name }) {
        found.append(specification)
        continue
      }
      let names = learner.specifications.map(\.name)
      let takers = Learner.allCases.filter { $0.specifications.contains { $0.name == name } }
      let isOfAnother = learners.count > 1 && !takers.isEmpty
      let guess =
        isOfAnother
        ? "put it in a branch with if: {model: \(takers[0].rawValue)}; "
        : nearest(to: name, of: names).map { "did you mean `\($0)`? " } ?? ""
      throw key.error(
        .unknownKey, "unknown key `\(name)` in \(path)",
        note: "\(guess)\(learner.rawValue) takes: \(listed(names))", help: SectionReader.reference)
    }
    return found
  }
}
