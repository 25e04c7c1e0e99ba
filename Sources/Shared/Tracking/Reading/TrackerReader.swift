// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Hyperparameters

/// A read-only look at a tracker, during a sweep and after it. Never makes a file, never waits for the writer.
package final class TrackerReader {
  package let path: String
  /// Of the file as it was opened; the views for people are there from 3 on.
  package let schemaVersion: Int32
  let queue: DatabaseQueue

  package init(path: String) throws(TrackerError) {
    self.path = path
    guard FileManager.default.fileExists(atPath: path) else {
      throw TrackerError(code: .missing, path: path, detail: "no such file; a sweep file names its tracker as track.db")
    }
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(10)
    configuration.prepareDatabase { database in
      TrackerReader.limitLengths(database)
      try TrackerReader.hideDeleted(database)
    }
    let queue = try tracking(path) { try DatabaseQueue(path: path, configuration: configuration) }
    self.queue = queue
    schemaVersion = try tracking(path) {
      try queue.read { database in
        try TrackerStore.checkSchema(database, path: path)
        return try Int32.fetchOne(database, sql: "PRAGMA user_version") ?? 0
      }
    }
  }

  /// In this connection `sweep` and `trial` mean those that are not deleted, for whoever asks: a temporary view comes before a
  /// table of its name. `main.sweep` and `main.trial` are all of them.
  private static func hideDeleted(_ database: Database) throws {
    let isMarked = try Bool.fetchOne(
      database, sql: "SELECT count(*) > 0 FROM pragma_table_info('trial') WHERE name = 'deleted_ms'")
    guard isMarked == true else { return }
    try database.execute(
      sql: """
        PRAGMA temp_store = MEMORY;
        CREATE TEMP VIEW sweep AS SELECT * FROM main.sweep WHERE deleted_ms IS NULL;
        CREATE TEMP VIEW trial AS SELECT * FROM main.trial WHERE deleted_ms IS NULL;
        """)
  }

  /// Of the file and of its write-ahead log; 0 for one that is not there.
  package var byteCounts: (file: Int64, log: Int64) {
    (FileSystemKind.byteCount(path), FileSystemKind.byteCount(path + "-wal"))
  }

  /// Oldest first.
  package func sweeps() throws(TrackerError) -> [SweepSummary] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT v.*, s.n_folds * s.n_repeats AS folds_a_trial FROM v_sweep v
          JOIN sweep s ON s.sweep_id = v.sweep_id ORDER BY v.sweep_id
          """
      ).map { row in
        SweepSummary(
          id: row["sweep_id"], name: row["name"], outcome: row["outcome"], state: row["state"], metric: row["metric"],
          isMaximized: row["direction"] == "maximize", dataset: row["dataset"], rowCount: row["n_rows"],
          patientCount: row["n_patients"], foldCount: row["folds_a_trial"], trialCount: row["trials"],
          completedCount: row["completed"], failedCount: row["failed"], foldsRecorded: row["folds"], best: row["best"],
          createdAt: row["created_at"])
      }
    }
  }

  /// The sweep of that name.
  ///
  /// - Throws: `.notFound`, with the names there are.
  package func sweep(named name: String) throws(TrackerError) -> SweepSummary {
    let all = try sweeps()
    guard let found = all.first(where: { $0.name == name }) else {
      let names = all.map(\.name).joined(separator: ", ")
      throw TrackerError(
        code: .notFound, path: path, detail: "no sweep \(name); it has \(names.isEmpty ? "none yet" : names)")
    }
    return found
  }

  /// All trials, ascending by number.
  package func trials(of sweep: SweepSummary) throws(TrackerError) -> [TrialSummary] {
    try read { database in
      let scores = try Row.fetchAll(
        database,
        sql: """
          SELECT m.trial_id, m.metric, m.mean, m.sd, m.folds FROM v_metric m JOIN trial t ON t.trial_id = m.trial_id
          WHERE t.sweep_id = ? ORDER BY m.trial_id, m.metric
          """, arguments: [sweep.id])
      let scoresByTrial = Dictionary(grouping: scores) { $0["trial_id"] as Int64 }
      return try Row.fetchAll(
        database,
        sql: """
          SELECT t.*, (SELECT coalesce(sum(a.wall_ms), 0) FROM attempt a
            WHERE a.trial_id = t.trial_id AND a.state = 'completed') AS training_ms
          FROM trial t WHERE t.sweep_id = ? ORDER BY t.number
          """, arguments: [sweep.id]
      ).map { row in
        let id: Int64 = row["trial_id"]
        return TrialSummary(
          number: row["number"], learner: row["learner"], state: row["state"],
          parameters: try TrackerStore.parameters(id, database), parametersJSON: row["params"],
          objective: row["objective"], objectiveSD: row["objective_sd"], intervalLow: row["ci_low"],
          intervalHigh: row["ci_high"], foldsDone: row["folds_done"], reason: row["reason"],
          trainingMilliseconds: row["training_ms"],
          scores: (scoresByTrial[id] ?? []).map { score in
            TrialSummary.Score(
              metric: score["metric"], mean: score["mean"], sd: score["sd"], foldCount: score["folds"])
          })
      }
    }
  }

  /// Completed trials, best first, those without a score last; ties by number.
  package func leaderboard(of sweep: SweepSummary) throws(TrackerError) -> [TrialSummary] {
    let completed = try trials(of: sweep).filter { $0.state == "completed" }
    return completed.sorted { left, right in
      switch (left.objective, right.objective) {
      case (let one?, let other?) where one != other: sweep.isMaximized ? one > other : one < other
      case (_?, nil): true
      case (nil, _?): false
      default: left.number < right.number
      }
    }
  }

  /// Everything deterministic of a sweep as text, a line a fact: two runs of one sweep are equal if and only if these are,
  /// bit for bit, whatever died on the way.
  package func resultLines(of sweep: SweepSummary) throws(TrackerError) -> [String] {
    try read { database in
      let trials = try Row.fetchAll(
        database, sql: "SELECT * FROM trial WHERE sweep_id = ? ORDER BY number", arguments: [sweep.id])
      let metrics = try Row.fetchAll(
        database,
        sql: """
          SELECT v.trial, v.fold, v.rung, v.metric, v.value, r.fingerprint FROM v_fold v JOIN result r
            ON r.trial_id = v.trial_id AND r.fold = v.fold AND r.rung = v.rung
          WHERE v.sweep_id = ? ORDER BY v.trial, v.fold, v.rung, v.metric
          """, arguments: [sweep.id])
      return trials.map { row in
        "trial \(row["number"] as Int) \(row["learner"] as String) \(row["params"] as String) \(row["state"] as String)"
          + " \(Self.bits(row["objective"])) \(Self.bits(row["ci_low"])) \(Self.bits(row["ci_high"]))"
      }
        + metrics.map { row in
          "fold \(row["trial"] as Int) \(row["fold"] as Int) \(row["rung"] as Int) \(row["metric"] as String)"
            + " \(Self.bits(row["value"])) \(String(UInt64(bitPattern: row["fingerprint"] as Int64), radix: 16))"
        }
    }
  }

  func read<Value>(_ body: (Database) throws -> Value) throws(TrackerError) -> Value {
    try tracking(path) { try queue.read(body) }
  }

  private static func bits(_ value: Double?) -> String { value.map { String($0.bitPattern, radix: 16) } ?? "-" }
}
