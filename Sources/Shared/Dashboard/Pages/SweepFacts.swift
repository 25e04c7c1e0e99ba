// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// A sweep in numbers, as the pages' heads show it.
struct SweepFacts {
  let id: Int
  let name: String
  let state: String
  let outcome: String
  let metric: String
  let isMaximized: Bool
  let dataset: String
  let foldCount: Int
  let sampler: String
  let trials: Int
  let completed: Int
  let pruned: Int
  let failed: Int
  let running: Int
  let best: Double?
  let createdMilliseconds: Int
  let finishedMilliseconds: Int?
  /// Trials that its file allows; `nil` where another budget ends it.
  let plannedTrials: Int?

  private static let sql = """
    SELECT v.*, s.n_folds * s.n_repeats AS folds_a_trial, s.created_ms, s.finished_ms, s.spec ->> '$.budget.trials' AS planned
    FROM sweeps v JOIN sweep s ON s.sweep_id = v.sweep_id
    """

  static func all(_ reader: TrackerReader) throws -> [SweepFacts] {
    try reader.query(sql + " ORDER BY v.sweep_id DESC LIMIT 500").map { SweepFacts($0) }
  }

  static func named(_ name: String?, _ reader: TrackerReader) throws -> SweepFacts {
    guard let name else { throw PageError.badRequest("expected ?name=SWEEP, found no name") }
    let found = try reader.query(sql + " WHERE v.sweep = :name", ["name": .text(name)])
    guard let row = found.first else { throw PageError.notFound("no sweep \(name) in this tracker") }
    return SweepFacts(row)
  }

  private init(_ row: SQLRow) {
    id = row.int("sweep_id") ?? 0
    name = row.text("sweep")
    state = row.text("state")
    outcome = row.text("outcome")
    metric = row.text("metric")
    isMaximized = row.text("direction") == "maximize"
    dataset = row.text("dataset")
    foldCount = row.int("folds_a_trial") ?? 1
    sampler = row.text("sampler")
    trials = row.int("trials") ?? 0
    completed = row.int("completed") ?? 0
    pruned = row.int("pruned") ?? 0
    failed = row.int("failed") ?? 0
    running = row.int("running") ?? 0
    best = row.real("best")
    createdMilliseconds = row.int("created_ms") ?? 0
    finishedMilliseconds = row.int("finished_ms")
    plannedTrials = row.int("planned")
  }

  var link: String { Dashboard.link("/sweep", ["name": name]) }
  func link(trial: Int) -> String { Dashboard.link("/trial", ["sweep": name, "trial": "\(trial)"]) }
  var isRunning: Bool { state == "running" }
  func isBetter(_ one: Double, than other: Double) -> Bool { isMaximized ? one > other : one < other }
  /// "AUROC" of "valid/auroc".
  var metricTitle: String { (metric.split(separator: "/").last.map(String.init) ?? metric).uppercased() }
}

/// How fast a sweep goes, what it took, and when it may end.
struct SweepPace {
  /// Folds with a result.
  let done: Int
  /// Folds of all trials that may yet come, or that there are.
  let total: Int?
  /// Folds a minute over the last ten minutes.
  let rate: Double?
  let cpuSeconds: Double
  let secondsLeft: Double?

  init(_ facts: SweepFacts, _ reader: TrackerReader, now: Int64) throws {
    let counts = try reader.query(
      reader.schemaVersion >= 8 ? Self.kept : Self.counted, ["sweep": .integer(Int64(facts.id))]
    ).first
    let done = counts?.int("done") ?? 0
    self.done = done
    cpuSeconds = (counts?.real("cpu") ?? 0) / 1_000
    let trials = max(facts.plannedTrials ?? facts.trials, facts.trials)
    // What was pruned or failed left folds that never come.
    total = facts.isRunning ? trials * facts.foldCount : done
    let minutes = min(10, max(Double(now - Int64(facts.createdMilliseconds)) / 60_000, 0.05))
    let recent = facts.isRunning ? try Self.recent(facts, reader, since: now - 600_000) : 0
    rate = recent > 0 ? Double(recent) / minutes : nil
    // A pruned trial's folds never come.
    let ended = facts.completed + facts.pruned + facts.failed
    let left = Double((trials - ended) * facts.foldCount)
    secondsLeft = rate.map { max(left, 0) / $0 * 60 }
  }

  private static let kept = "SELECT folds AS done, cpu_ms AS cpu FROM sweep_total WHERE sweep_id = :sweep"
  /// In a tracker that keeps no totals yet.
  private static let counted = """
    SELECT (SELECT count(*) FROM trial t JOIN result r ON r.trial_id = t.trial_id WHERE t.sweep_id = :sweep) AS done,
      (SELECT sum(a.cpu_ms) FROM trial t JOIN attempt a ON a.trial_id = t.trial_id WHERE t.sweep_id = :sweep) AS cpu
    """

  /// Folds recorded since then. Only of trials that run or have ended since: others have none.
  private static func recent(_ facts: SweepFacts, _ reader: TrackerReader, since: Int64) throws -> Int {
    let trials = ["t.finished_ms IS NULL", "t.finished_ms > :since"].map {
      """
      SELECT count(*) AS n FROM trial t CROSS JOIN result r ON r.trial_id = t.trial_id
      WHERE t.sweep_id = :sweep AND \($0) AND r.recorded_ms > :since
      """
    }
    return try reader.query(
      "SELECT sum(n) AS recent FROM (\(trials.joined(separator: " UNION ALL ")))",
      ["sweep": .integer(Int64(facts.id)), "since": .integer(since)]
    ).first?.int("recent") ?? 0
  }
}
