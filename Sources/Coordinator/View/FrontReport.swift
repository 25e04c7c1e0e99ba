// SPDX-License-Identifier: Apache-2.0

import Reporting
import Search
import SweepPlans
import Tracking

/// Trials that no other beats in both objectives, best by the first one first.
struct FrontReport {
  private struct Place {
    let trial: TrialSummary
    let first: Double
    let second: Double
  }

  private let metric: String
  private let second: Objective.Second
  private let front: [Place]

  /// `nil` for a sweep with one objective.
  init?(_ plan: SweepPlan, _ sweep: SweepSummary, reader: TrackerReader) throws {
    guard let second = plan.objective.second else { return nil }
    self.second = second
    metric = plan.objective.metric
    let costs = second.isCost ? try Self.costs(sweep, reader) : [:]
    let places = try reader.leaderboard(of: sweep).compactMap { trial -> Place? in
      let other = second.isCost ? costs[trial.number] : trial.score(second.metric)?.mean
      guard let first = trial.objective, let other else { return nil }
      return Place(trial: trial, first: first, second: other)
    }
    let signs = (sweep.isMaximized ? -1.0 : 1, second.direction == .maximize ? -1.0 : 1)
    let members = places.enumerated().map { index, place in
      FrontMember(row: index, losses: [signs.0 * place.first, signs.1 * place.second])
    }
    front = (FrontMember.fronts(members).first ?? []).map(\.row).sorted().map { places[$0] }
  }

  func lines(_ console: Console) -> [String] {
    ["", "front of \(metric) and \(second.metric), \(front.count) trials"]
      + front.map { place in
        "  #\(place.trial.number) \(place.trial.learner)  \(decimal(place.first, places: 4))  "
          + decimal(place.second, places: 4)
      }
  }

  private static func costs(_ sweep: SweepSummary, _ reader: TrackerReader) throws -> [Int: Double] {
    let rows = try reader.sql(
      """
      SELECT t.number, avg(a.cpu_ms) / 1000.0 FROM trial t JOIN attempt a ON a.trial_id = t.trial_id
      WHERE t.sweep_id = \(sweep.id) AND a.state = 'completed' GROUP BY t.number
      """
    ).rows
    var costs: [Int: Double] = [:]
    for row in rows {
      if case .integer(let number) = row[0], case .real(let seconds) = row[1] { costs[Int(number)] = seconds }
    }
    return costs
  }
}
