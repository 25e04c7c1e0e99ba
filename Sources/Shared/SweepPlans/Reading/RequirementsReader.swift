// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search

/// Reads `space.require`: rules over the space's own parameters.
enum RequirementsReader {
  /// - Throws: for what is no rule, at the character where it stops being one; for a name that no trial has; for a space
  ///   of which no draw meets the rules.
  static func read(_ section: SectionReader, _ space: SearchSpace) throws(SweepPlanError) -> [Requirement] {
    guard let items = try section.list("require") else { return [] }
    var rules: [Requirement] = []
    for (index, item) in items.enumerated() {
      let path = "\(section.pathText("require"))[\(index)]"
      guard let text = item.text, !item.isNull else {
        throw item.error(
          .wrongType, "\(path): expected a rule such as leaves <= 2 ** max_depth, found \(item.kindText)")
      }
      let rule: Requirement
      do throws(RequirementError) {
        rule = try Requirement(text)
      } catch {
        throw SweepPlanError(
          .badValue, "\(path): expected \(error.expected), found \(error.found)", at: item.place(after: error.offset),
          note: "after: " + String(text.prefix(error.offset)))
      }
      try checkNames(rule, item, path, space)
      rules.append(rule)
    }
    let ruled = SearchSpace(space.parameters, branches: space.branches, requirements: rules)
    if RandomSampler(space: ruled, seed: 0).suggest(trial: 0, after: .none) == nil {
      throw section.node.error(.badValue, "space.require: none of 10,000 draws meets every rule")
    }
    return rules
  }

  private static func checkNames(
    _ rule: Requirement, _ item: YAMLNode, _ path: String, _ space: SearchSpace
  ) throws(SweepPlanError) {
    let names = space.allParameters.map(\.name)
    for name in rule.names where !names.contains(name) {
      let guess = nearest(to: name, of: names).map { "did you mean `\($0)`?" } ?? ""
      throw item.error(.unknownKey, "\(path): the space has no parameter `\(name)`", note: guess)
    }
    let learners = Learner.allCases.map(\.rawValue)
    for learner in rule.learners where !learners.contains(learner) {
      let guess = nearest(to: learner, of: learners).map { "did you mean `\($0)`?" } ?? ""
      throw item.error(.unknownKey, "\(path): there is no learner `\(learner)`", note: guess)
    }
  }
}

extension YAMLNode {
  /// The place `offset` characters into a scalar of one line.
  fileprivate func place(after offset: Int) -> SweepPlanError.Place {
    guard case .scalar(let text, let isPlain) = kind, !text.contains("\n") else { return place }
    return SweepPlanError.Place(
      source: source.name, line: line, column: column + offset + (isPlain ? 0 : 1), width: 1, text: source.line(line))
  }
}
