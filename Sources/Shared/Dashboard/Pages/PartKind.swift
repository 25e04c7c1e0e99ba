// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// The sections that can be asked for by themselves.
enum PartKind: String, CaseIterable {
  case sweeps, head, history, matrix, leaderboard, parallel, curves, pruning, importance, slices, contour, pareto
  case trialCurves = "trial-curves"
  case timeline, scores

  var path: String { "/part/" + rawValue }

  var title: String {
    switch self {
    case .sweeps: "All sweeps"
    case .head: "Now"
    case .history: "Best so far"
    case .matrix: "Trials × folds"
    case .leaderboard: "Leaderboard"
    case .parallel: "Parallel coordinates"
    case .curves: "Learning curves"
    case .pruning: "What pruning saved"
    case .importance: "Importance of parameters"
    case .slices: "Slices"
    case .contour: "Two parameters at once"
    case .pareto: "Score against cost"
    case .trialCurves: "Learning curves, a line a fold"
    case .timeline: "Timeline"
    case .scores: "Held-out rows by score"
    }
  }

  func markup(reader: TrackerReader, request: PageRequest) throws -> Markup {
    func sweep() throws -> SweepFacts { try SweepFacts.named(request.first("name"), reader) }
    switch self {
    case .sweeps: return try SweepsPage(reader: reader, request: request).list()
    case .head: return try SweepPage(reader: reader, request: request).head(sweep())
    case .history: return try HistoryPart(reader: reader, sweep: sweep()).markup()
    case .matrix: return try MatrixPart(reader: reader, sweep: sweep(), request: request).markup()
    case .leaderboard: return try LeaderboardPart(reader: reader, sweep: sweep(), request: request).markup()
    case .parallel: return try ParallelPart(reader: reader, sweep: sweep()).markup()
    case .curves: return try CurvesPart(reader: reader, sweep: sweep(), request: request).markup()
    case .pruning: return try PruningPart(reader: reader, sweep: sweep()).markup()
    case .importance: return try ImportancePart(reader: reader, sweep: sweep()).markup()
    case .slices: return try SlicesPart(reader: reader, sweep: sweep()).markup()
    case .contour: return try ContourPart(reader: reader, sweep: sweep()).markup()
    case .pareto: return try ParetoPart(reader: reader, sweep: sweep(), request: request).markup()
    case .trialCurves: return try TrialPage(reader: reader, request: request).curves()
    case .scores:
      return try ScoresPart(reader: reader, trial: TrialPage(reader: reader, request: request).trial()).markup()
    case .timeline: return try WorkersPage(reader: reader, request: request).timeline()
    }
  }
}
