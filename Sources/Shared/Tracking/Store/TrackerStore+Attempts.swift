// SPDX-License-Identifier: Apache-2.0

import GRDB
import Sweeps

/// One row an attempt, from its lease to its end.
extension TrackerStore {
  /// A worker that was given up and comes back still training gets its attempt again: the row opens anew.
  func grant(_ attempt: TaskAttempt, to holder: Incarnation, at now: Int64, to database: Database) throws {
    let (task, number) = (attempt.task, attempt.attempt)
    try database.run(
      """
      INSERT INTO attempt(trial_id, fold, rung, epoch, number, worker_id, state, started_ms)
      VALUES(?, ?, ?, ?, ?, ?, 'running', ?) ON CONFLICT(epoch, number) DO NOTHING
      """, trialRow(task, database).id, task.fold, task.rung, number.epoch, number.number, workerID(holder, database),
      now)
    if database.changesCount == 1 {
      openAttempts[number] = database.lastInsertedRowID
      return
    }
    try database.run(
      """
      UPDATE attempt SET state = 'running', ended_ms = NULL, message = '', worker_id = ? WHERE epoch = ? AND number = ?
      """, workerID(holder, database), number.epoch, number.number)
    openAttempts[number] = try attemptID(number, database)
  }

  func end(
    _ attempt: TaskAttempt, _ end: LeaseEnd, _ message: String, at now: Int64, to database: Database
  ) throws {
    guard let id = try attemptID(attempt.attempt, database) else { return }
    openAttempts[attempt.attempt] = nil
    try database.run(
      "UPDATE attempt SET state = ?, message = ?, ended_ms = max(?, started_ms) WHERE attempt_id = ?", end.rawValue,
      message, now, id)
  }

  /// - Returns: the attempt's row, made here for a lease that a restored backup does not know.
  func complete(
    _ attempt: TaskAttempt, by worker: Incarnation, _ cost: Cost, at now: Int64, to database: Database
  ) throws -> Int64 {
    let (task, number) = (attempt.task, attempt.attempt)
    if let id = try attemptID(number, database) {
      openAttempts[number] = nil
      try database.run(
        """
        UPDATE attempt SET state = 'completed', ended_ms = max(?, started_ms), wall_ms = ?, cpu_ms = ?,
          rss_peak_bytes = ?, resumed_step = ? WHERE attempt_id = ?
        """, now, cost.wallMilliseconds, cost.cpuMilliseconds, cost.residentBytesPeak, cost.resumedStep, id)
      return id
    }
    try database.run(
      """
      INSERT INTO attempt(trial_id, fold, rung, epoch, number, worker_id, state, started_ms, ended_ms, wall_ms, cpu_ms,
        rss_peak_bytes, resumed_step) VALUES(?, ?, ?, ?, ?, ?, 'completed', ?, ?, ?, ?, ?, ?)
      """, trialRow(task, database).id, task.fold, task.rung, number.epoch, number.number, workerID(worker, database),
      now, now, cost.wallMilliseconds, cost.cpuMilliseconds, cost.residentBytesPeak, cost.resumedStep)
    return database.lastInsertedRowID
  }
}
