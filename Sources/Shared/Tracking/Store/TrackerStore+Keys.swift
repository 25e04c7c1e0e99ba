// SPDX-License-Identifier: Apache-2.0

import GRDB
import Sweeps

/// Row ids by what names them outside, looked up once.
extension TrackerStore {
  func trialRow(_ task: TrialTask, _ database: Database) throws -> TrialRow {
    try trialRow(TrialKey(sweep: task.sweep, number: task.trial), database)
  }

  func trialRow(_ key: TrialKey, _ database: Database) throws -> TrialRow {
    if let row = trialRows[key] { return row }
    let found = try Row.fetchOne(
      database,
      sql: "SELECT trial_id, state, deleted_ms IS NOT NULL AS gone FROM trial WHERE sweep_id = ? AND number = ?",
      arguments: [key.sweep.value, key.number])
    guard let found else {
      throw TrackerError(code: .failed, path: path, detail: "\(key.sweep) has no recorded trial \(key.number)")
    }
    let row = TrialRow(
      id: found["trial_id"], state: TrialState(rawValue: found["state"]) ?? .running, isDeleted: found["gone"])
    trialRows[key] = row
    return row
  }

  func attemptID(_ attempt: Attempt, _ database: Database) throws -> Int64? {
    if let id = openAttempts[attempt] { return id }
    return try Int64.fetchOne(
      database, sql: "SELECT attempt_id FROM attempt WHERE epoch = ? AND number = ?",
      arguments: [attempt.epoch, attempt.number])
  }

  /// `nil` for a worker that was never recorded, as one that reports to a restored backup.
  func workerID(_ incarnation: Incarnation, _ database: Database) throws -> Int64? {
    if let id = workerIDs[incarnation] { return id }
    let found = try Int64.fetchOne(
      database, sql: "SELECT worker_id FROM worker WHERE incarnation = ?", arguments: [incarnation.description])
    workerIDs[incarnation] = found
    return found
  }

  func metricID(_ name: String, _ database: Database) throws -> Int64 {
    if let id = metricIDs[name] { return id }
    try database.execute(sql: "INSERT INTO metric(name) VALUES(?) ON CONFLICT(name) DO NOTHING", arguments: [name])
    let found = try Int64.fetchOne(database, sql: "SELECT metric_id FROM metric WHERE name = ?", arguments: [name])
    guard let found else { throw TrackerError(code: .failed, path: path, detail: "metric \(name) has no row") }
    metricIDs[name] = found
    return found
  }
}
