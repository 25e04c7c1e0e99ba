// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Reporting
import Search
import SweepPlans
import Tracking

/// The plan with the trials of its warm start: those that its first start recorded, or the best of the other sweep as it
/// stands now.
func warmed(_ plan: SweepPlan) throws -> SweepPlan {
  guard let warm = plan.warmStart, warm.trials == nil else { return plan }
  return try asCommand {
    if let trials = try recordedTrials(of: plan) { return plan.warmed(with: trials) }
    let reader = try TrackerReader(path: warm.tracker ?? plan.trackerPath)
    let learners = plan.learners.map(\.rawValue)
    var trials: [Parameters] = []
    for trial in try reader.leaderboard(of: try reader.sweep(named: warm.sweep))
    where trial.objective != nil && learners.contains(trial.learner) && trials.count < warm.best {
      let given = try plan.readTrial(trial.asEnqueued)
      if !trials.contains(given) { trials.append(given) }
    }
    guard !trials.isEmpty else {
      throw CommandFailure(
        .nothingFound,
        "warm_start: sweep \(warm.sweep) in \(reader.path) has no trial with a score of \(learners.joined(separator: " or "))"
      )
    }
    return plan.warmed(with: trials)
  }
}

private func recordedTrials(of plan: SweepPlan) throws -> [Parameters]? {
  guard FileManager.default.fileExists(atPath: plan.trackerPath) else { return nil }
  let reader = try TrackerReader(path: plan.trackerPath)
  guard try reader.sweeps().contains(where: { $0.name == plan.name }),
    case .text(let spec)? = try reader.sql("SELECT spec FROM sweep WHERE name = '\(plan.name)'").rows.first?.first
  else { return nil }
  return try readSweepPlan(text: spec, path: "the recorded sweep \(plan.name)").warmStart?.trials
}

extension TrialSummary {
  /// As a sweep file's `enqueue` writes it.
  var asEnqueued: String {
    let values = [("model", jsonQuoted(learner))] + parameters.entries.map { ($0.name, $0.value.json) }
    return "{" + values.map { "\($0.0): \($0.1)" }.joined(separator: ", ") + "}"
  }

  /// With `model`, complete: a proposal again.
  var proposal: Parameters {
    var proposal = parameters
    proposal["model"] = .text(learner)
    return proposal
  }
}
