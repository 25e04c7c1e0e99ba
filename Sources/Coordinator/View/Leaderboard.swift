// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Reporting
import Tracking

/// The completed trials of a sweep, best first.
struct Leaderboard {
  private let sweep: SweepSummary
  private let trials: [TrialSummary]
  private let metrics: [String]
  private let varying: [String: [String]]

  /// - Parameter metrics: shown beside the objective, in this order.
  init(sweep: SweepSummary, trials: [TrialSummary], metrics: [String]) {
    self.sweep = sweep
    self.trials = trials
    self.metrics = [sweep.metric] + metrics.filter { $0 != sweep.metric }
    varying = Self.varyingKeys(trials)
  }

  func lines(_ console: Console) -> [String] {
    guard !trials.isEmpty else { return ["no trial has all its folds yet"] }
    var titles: [(String, TextTable.Alignment)] = [("RANK", .right), ("TRIAL", .right), ("LEARNER", .left)]
    titles += metrics.map { (Self.title($0), .right) }
    titles += [("FOLDS", .right), ("TIME", .right), ("PARAMETERS", .left)]
    var table = TextTable(titles)
    for (index, trial) in trials.enumerated() {
      let scores = metrics.map { metric in
        let score = trial.score(metric)
        return "\(decimal(score?.mean, places: 4)) ± \(decimal(score?.sd, places: 4))"
      }
      table.append(
        [trial.objective == nil ? "–" : "\(index + 1)", "#\(trial.number)", trial.learner] + scores
          + ["\(trial.foldsDone)/\(sweep.foldCount)", duration(milliseconds: trial.trainingMilliseconds), keys(trial)])
    }
    guard console.isOutputTerminal else { return table.tabSeparated }
    return table.lines.enumerated().map { $0 == 0 ? console.bold($1) : $1 }
  }

  /// The parameters that set a trial apart from others of its learner.
  func keys(_ trial: TrialSummary) -> String {
    (varying[trial.learner] ?? []).compactMap { name in trial.parameters[name].map { "\(name)=\($0)" } }
      .joined(separator: " ")
  }

  private static func varyingKeys(_ trials: [TrialSummary]) -> [String: [String]] {
    var varying: [String: [String]] = [:]
    for trial in trials where varying[trial.learner] == nil {
      let peers = trials.filter { $0.learner == trial.learner }
      varying[trial.learner] = trial.parameters.entries.map(\.name).filter { name in
        Set(peers.map { $0.parameters[name] }).count > 1
      }
    }
    return varying
  }

  /// "AUROC" for "valid/auroc".
  private static func title(_ metric: String) -> String {
    (metric.split(separator: "/").last.map(String.init) ?? metric).uppercased()
  }
}
