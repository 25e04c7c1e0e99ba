// SPDX-License-Identifier: Apache-2.0

import GRDB
import Sweeps

/// Row ids by what names them outside, looked up once.
extension TrackerStore {
  func trialID(_ task: TrialTask, _ database: Database) throws -> Int64 {
    let key = TrialKey(sweep: task.sweep, number: task.trial)
    if let id = trialIDs[key] { return id }
    let found = try Int64.fetchOne(
      database, sql: "SELECT trial_id FROM trial WHERE sweep_id = ? AND number = ?",
      arguments: [task.sweep.value, task.trial])
    guard let found else {
      throw TrackerError(code: .failed, path: path, detail: "task \(task) belongs to no recorded trial")
    }
    trialIDs[key] = found
    return found
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
