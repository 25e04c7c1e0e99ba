// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import Sweeps

/// Reads `objective` against the metrics that the task's labels have.
enum ObjectiveReader {
  static func read(_ node: YAMLNode, outcome: Outcome) throws(SweepPlanError) -> Objective {
    let section = try SectionReader(node, path: "objective", .objective)
    let metrics = Metric.all(for: outcome.objective)
    let metric = try metric(try section.required("metric"), path: "objective.metric", outcome)
    if let asked = try section.oneOf("direction", Direction.self), asked != metric.direction {
      throw try section.required("direction").error(
        .badValue,
        "objective.direction: expected \(metric.direction.rawValue) for \(metric.name), found \(asked.rawValue)",
        note: "\(metric.name) is better when it is \(metric.direction == .maximize ? "larger" : "smaller")")
    }
    var also = metrics.map(\.name).filter { $0 != metric.name }
    if let items = try section.list("also") {
      also = []
      for (index, item) in items.enumerated() {
        let name = try Self.metric(item, path: "objective.also[\(index)]", outcome).name
        if !also.contains(name), name != metric.name { also.append(name) }
      }
    }
    return Objective(
      metric: metric.name, direction: metric.direction,
      aggregate: try section.oneOf("aggregate", Aggregate.self, later: ["lower-ci", "pooled"]) ?? .mean, also: also,
      second: try second(section, beside: metric, outcome))
  }

  private static func second(
    _ section: SectionReader, beside first: Metric, _ outcome: Outcome
  ) throws(SweepPlanError) -> Objective.Second? {
    guard let node = section.optional("second") else { return nil }
    let cost = Objective.Second(metric: Objective.Second.costMetric, direction: .minimize)
    if node.text == cost.metric { return cost }
    let metric = try metric(node, path: "objective.second", outcome)
    guard metric.name != first.name else {
      throw node.error(.badValue, "objective.second: \(metric.name) is the first objective already")
    }
    return Objective.Second(metric: metric.name, direction: metric.direction)
  }

  /// A second objective needs a sampler that weighs two, and no pruner, which would look at the first alone.
  static func check(
    _ file: SectionReader, _ second: Objective.Second?, _ sampler: SamplerKind, isReproducible: Bool,
    _ pruner: PrunerKind
  ) throws(SweepPlanError) {
    guard let second, let node = try file.required("objective")["second"] else { return }
    guard sampler == .nsga2 else {
      throw node.error(
        .badValue, "objective.second means nothing beside sampler.kind: \(sampler.rawValue)", note: "it is for nsga2")
    }
    guard pruner == .none else {
      throw node.error(
        .badValue, "objective.second and pruner.kind: \(pruner.rawValue) exclude each other",
        note: "a pruner would stop what is good by the second objective alone")
    }
    guard !second.isCost || !isReproducible else {
      throw node.error(
        .badValue, "objective.second: \(second.metric) differs from run to run, so proposals that follow it do too",
        note: "expected sampler.reproducible: false beside it")
    }
  }

  private static func metric(
    _ node: YAMLNode, path: String, _ outcome: Outcome
  ) throws(SweepPlanError) -> Metric {
    let metrics = Metric.all(for: outcome.objective)
    let others = ObjectiveKind.allCases.filter { $0 != outcome.objective }.flatMap(Metric.all)
    if let text = node.text, others.contains(where: { $0.name == text }) {
      throw node.error(
        .badValue, "\(path): \(text) is undefined for \(outcome.rawValue), whose labels are \(outcome.labelsText)",
        note: "expected \(listed(metrics.map(\.name), or: true))")
    }
    return try node.oneOf(metrics, names: metrics.map(\.name), path: path)
  }
}

extension Outcome {
  fileprivate var labelsText: String { objective == .binary ? "0 and 1" : "real numbers" }
}
