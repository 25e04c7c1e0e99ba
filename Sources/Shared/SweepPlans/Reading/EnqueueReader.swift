// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
import Search
import Sweeps

/// Reads `enqueue`: trials by hand. A parameter that is left out has the space's fixed value, or else the learner's default;
/// a value may lie outside the searched range, but never outside what the learner takes.
enum EnqueueReader {
  static let countMax = 10_000

  static func read(
    _ file: SectionReader, space: SearchSpace, _ outcome: Outcome
  ) throws(SweepPlanError) -> [Parameters] {
    try trials(try file.list("enqueue") ?? [], path: "enqueue", space, outcome)
  }

  static func warmStart(
    _ file: SectionReader, space: SearchSpace, _ outcome: Outcome, _ sampler: SamplerKind
  ) throws(SweepPlanError) -> WarmStart? {
    guard let section = try file.section("warm_start", .warmStart) else { return nil }
    guard sampler != .grid else {
      throw section.node.error(
        .badValue, "warm_start means nothing beside sampler.kind: grid", note: "a grid tries every combination anyway")
    }
    return WarmStart(
      sweep: try section.requiredText("sweep"), best: Int(try section.integer("best", in: 1...1_000) ?? 5),
      tracker: try section.path("tracker"),
      trials: try section.list("trials").map { (nodes) throws(SweepPlanError) in
        try trials(nodes, path: "warm_start.trials", space, outcome)
      })
  }

  private static func trials(
    _ nodes: [YAMLNode], path: String, _ space: SearchSpace, _ outcome: Outcome
  ) throws(SweepPlanError) -> [Parameters] {
    var trials: [Parameters] = []
    for (index, node) in nodes.enumerated() {
      guard index < countMax else { throw node.error(.badValue, "\(path): expected at most \(countMax) trials") }
      let trial = try trial(node, path: "\(path)[\(index)]", space, outcome)
      if let same = trials.firstIndex(of: trial) {
        throw node.error(.badValue, "\(path)[\(index)] is the trial of \(path)[\(same)]", note: trial.json)
      }
      trials.append(trial)
    }
    return trials
  }

  static func trial(
    _ node: YAMLNode, path: String, _ space: SearchSpace, _ outcome: Outcome
  ) throws(SweepPlanError) -> Parameters {
    guard let pairs = node.pairs else {
      throw node.error(.wrongType, "\(path): expected a mapping of parameters, found \(node.kindText)")
    }
    let learner = try learner(node, path: path, space)
    var given = Parameters()
    for pair in pairs {
      let name = pair.key.text ?? ""
      if name == SpaceReader.modelName { continue }
      let specifications = try SpaceReader.specifications(name, pair.key, path: path, [learner])
      let value = try pair.value.checkedValue(path: "\(path).\(name)", specifications)
      try OutcomeRules.check(.fixed(value), of: name, pair.value, path: "\(path).\(name)", outcome)
      given[name] = value
    }
    var trial = space.walk { parameter, _ in
      if parameter.name == SpaceReader.modelName { return .text(learner.rawValue) }
      if let value = given[parameter.name] { return value }
      if case .fixed(let value) = parameter.distribution { return value }
      let standard = learner.specifications.first { $0.name == parameter.name }?.standard
      // The space holds keys of its learners only, so there is one.
      return standard ?? parameter.distribution.value(at: 0)
    }
    for entry in given.entries { trial[entry.name] = entry.value }
    return trial
  }

  private static func learner(
    _ node: YAMLNode, path: String, _ space: SearchSpace
  ) throws(SweepPlanError) -> Learner {
    let model = space.parameters.first { $0.name == SpaceReader.modelName }?.distribution
    let learners = Learner.allCases.filter { model?.contains(.text($0.rawValue)) == true }
    guard let given = node[SpaceReader.modelName] else {
      if learners.count == 1 { return learners[0] }
      throw node.error(
        .missingKey, "missing key `\(SpaceReader.modelName)` in \(path)",
        note: "expected \(listed(learners.map(\.rawValue), or: true))")
    }
    return try given.oneOf(learners, path: "\(path).\(SpaceReader.modelName)")
  }
}

extension SweepPlan {
  /// A trial as `enqueue` writes it, `{model: booster, leaves: 31}`, checked like one of the file.
  package func readTrial(_ text: String) throws(SweepPlanError) -> Parameters {
    let node = try YAMLReader.read(text, source: YAMLSource(name: "the trial", text: text))
    return try EnqueueReader.trial(node, path: "the trial", space, outcome)
  }
}
