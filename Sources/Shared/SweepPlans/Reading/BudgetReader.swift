// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import Sweeps

/// Reads `budget` against what a trial costs and what it can score.
struct BudgetReader {
  struct Budget {
    let trialCount: Int
    let wallTime: Int64?
    let compute: Int64?
    let rules: StopRules
  }

  let objective: Objective
  let folds: FoldPlan
  let space: SearchSpace
  let enqueued: [Parameters]
  let warmCount: Int

  func read(_ file: SectionReader, _ kind: SamplerKind) throws(SweepPlanError) -> Budget {
    let section = try file.section("budget", .budget)
    let rules = try rules(section)
    return Budget(
      trialCount: try trialCount(file, section, kind, rules), wallTime: try section?.duration("wall_time"),
      compute: try section?.number("worker_hours", in: 0.0001...10_000_000).map { Int64(($0 * 3_600_000).rounded()) },
      rules: rules)
  }

  private func trialCount(
    _ file: SectionReader, _ section: SectionReader?, _ kind: SamplerKind, _ rules: StopRules
  ) throws(SweepPlanError) -> Int {
    let most = PlanReader.trialCountMax
    let asked = try section?.integer("trials", in: 1...most).map { Int($0) }
    if let asked, asked < enqueued.count + warmCount, let node = section?.optional("trials") {
      throw node.error(
        .badValue,
        "budget.trials: expected at least the \(enqueued.count + warmCount) enqueued trials, found \(asked)",
        note: warmCount > 0 ? "\(warmCount) of them by warm_start" : nil)
    }
    // A pruned trial takes one fold at least.
    let bound = asked ?? rules.foldCountMax.map { min($0, Int(most)) }
    if kind == .grid, let gridCount = (try? GridSampler(space: space, leavingOut: enqueued))?.size {
      let all = enqueued.count + min(gridCount, Int.max - enqueued.count)
      if bound == nil, all > Int(most) {
        throw file.node.error(
          .missingKey, "missing key `trials` in budget: the grid has \(gridCount) cells",
          note: "expected at most \(most) trials")
      }
      return min(bound ?? all, all)
    }
    guard let bound else {
      throw (section?.node ?? file.node).error(
        .missingKey, "missing key `trials` in budget", note: "a \(kind.rawValue) search ends at a number of trials",
        help: SectionReader.reference)
    }
    return bound
  }

  private func rules(_ section: SectionReader?) throws(SweepPlanError) -> StopRules {
    var rules = StopRules()
    let oneTrial = Int64(folds.taskCount)
    guard let section else { return rules }
    if let asked = try section.integer("folds", in: 1...(PlanReader.trialCountMax * 1_000)) {
      guard asked >= oneTrial else {
        throw try section.required("folds").error(
          .badValue, "budget.folds: expected at least the \(oneTrial) folds of one trial, found \(asked)")
      }
      rules.foldCountMax = Int(asked)
    }
    guard let conditions = try section.section("stop_if", .stopRules) else { return rules }
    let any = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    rules.target = try conditions.number("target", in: any)
    if let target = rules.target, let best = Metric.bestPossible(objective.metric) {
      let isMaximized = objective.direction == .maximize
      if isMaximized ? target > best : target < best {
        throw try conditions.required("target").error(
          .badValue, "budget.stop_if.target: \(objective.metric) never reaches \(target)",
          note: "expected at \(isMaximized ? "most" : "least") \(best)")
      }
    }
    rules.noImprovementCount = try conditions.integer("no_improvement", in: 1...PlanReader.trialCountMax).map {
      Int($0)
    }
    if let delta = try conditions.number("min_delta", in: 0...Double.greatestFiniteMagnitude) {
      guard rules.noImprovementCount != nil else {
        throw try conditions.required("min_delta").error(
          .badValue, "`min_delta` in budget.stop_if means nothing without no_improvement")
      }
      rules.minDelta = delta
    }
    return rules
  }
}
