// SPDX-License-Identifier: Apache-2.0

import GRDB
import Hyperparameters
package import Sweeps

extension TrackerStore {
  /// Writes all records in one transaction; when it returns they are on disk.
  ///
  /// - Throws: nothing of the commit may be acknowledged then. `.unwritable` and `.busy`: it may be tried again as it is.
  ///   `.disk`: flushing failed, and the process must start again from disk.
  package func commit(_ records: [TrackerRecord], at wallMilliseconds: Int64) throws(TrackerError) {
    guard !records.isEmpty else { return }
    try write { database in
      totals = SweepTotals()
      for record in records { try write(record, at: wallMilliseconds, to: database) }
      try totals.write(to: database)
    }
  }

  private func write(_ record: TrackerRecord, at now: Int64, to database: Database) throws {
    switch record {
    case .workerJoined(let identity): try join(identity, at: now, to: database)
    case .workerLeft(let incarnation, let reason):
      try database.run(
        "UPDATE worker SET left_ms = max(?, joined_ms), left_reason = ? WHERE incarnation = ?", now, reason,
        incarnation.description)
      try event(database, now, .info, "worker-left", incarnation.description, reason)
    case .leaseGranted(let attempt, let holder): try grant(attempt, to: holder, at: now, to: database)
    case .leaseEnded(let attempt, let end, let message):
      try self.end(attempt, end, message, at: now, to: database)
      if end != .completed { try event(database, now, .warning, "lease-" + end.rawValue, "\(attempt)", message) }
    case .resultAccepted(let attempt, let worker, let result):
      try accept(attempt, from: worker, result, at: now, to: database)
    case .resultCompared(let attempt, let worker, let agrees):
      let text = agrees ? "a second result, equal bit for bit" : "a second result with other bits: not deterministic"
      try event(
        database, now, agrees ? .info : .error, agrees ? "result-equal" : "nondeterminism", "\(attempt)",
        "\(text), from \(worker)")
    case .taskQuarantined(let task, let reason):
      try database.run(
        "INSERT OR REPLACE INTO quarantine(trial_id, fold, rung, reason, at_ms) VALUES(?, ?, ?, ?, ?)",
        trialRow(task, database).id, task.fold, task.rung, reason, now)
      try event(database, now, .error, "task-quarantined", "\(task)", reason)
    case .trialAdded(let trial): try add(trial, at: now, to: database)
    case .trialEnded(let sweep, let trial, let end): try self.end(sweep, trial, end, at: now, to: database)
    case .requestTaken(let sweep, let request): try take(request, sweep, at: now, to: database)
    case .sweepChanged(let sweep, let state, let reason):
      try database.run(
        "UPDATE sweep SET state = ?, finished_ms = max(?, created_ms) WHERE sweep_id = ?", state.rawValue,
        state == .running ? nil : now, sweep.value)
      try event(database, now, .info, "sweep-" + state.rawValue, "\(sweep)", reason)
    }
  }

  private func take(_ request: ControlRecord, _ sweep: SweepID, at now: Int64, to database: Database) throws {
    try database.run(
      "INSERT INTO request(token, sweep_id, effect, trial, note, taken_ms) VALUES(?, ?, ?, ?, ?, ?)", request.token,
      sweep.value, request.effect.rawValue, request.trial, request.note, now)
    if request.effect == .trialRetried {
      try database.run(
        """
        UPDATE quarantine SET lifted_after = (SELECT coalesce(max(attempt_id), 0) FROM attempt)
        WHERE trial_id = (SELECT trial_id FROM trial WHERE sweep_id = ? AND number = ?)
        """, sweep.value, request.trial)
    }
    let subject = request.trial.map { "\(sweep)/#\($0)" } ?? "\(sweep)"
    try event(database, now, .info, "request-" + request.effect.rawValue, subject, request.note)
  }

  private func join(_ identity: WorkerIdentity, at now: Int64, to database: Database) throws {
    try database.run(
      """
      INSERT INTO worker(incarnation, name, host, pid, code_version, machine, joined_ms, key_name)
      VALUES(?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT(incarnation) DO UPDATE SET left_ms = NULL, left_reason = NULL, key_name = excluded.key_name
      """, identity.incarnation.description, identity.name, identity.host, identity.processID, identity.codeVersion,
      identity.machineType, now, identity.keyName)
    try event(database, now, .info, "worker-joined", identity.incarnation.description, identity.name)
  }

  /// `UNIQUE(trial, fold, rung)` stands behind the scheduler: a second accepted result is refused by the database itself.
  private func accept(
    _ attempt: TaskAttempt, from worker: Incarnation, _ result: FoldResult, at now: Int64, to database: Database
  ) throws {
    let (task, measurement, cost) = (attempt.task, result.measurement, result.cost)
    let row = try trialRow(task, database)
    let trial = row.id
    let attemptID = try complete(attempt, by: worker, cost, at: now, to: database)
    try database.run(
      """
      INSERT INTO result(trial_id, fold, rung, attempt_id, fingerprint, best_step, n_train, n_valid, recorded_ms)
      VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, trial, task.fold, task.rung, attemptID, Int64(bitPattern: measurement.fingerprint), measurement.bestStep,
      measurement.trainRowCount, measurement.validRowCount, now)
    for metric in measurement.metrics {
      try database.run(
        "INSERT INTO fold_metric(trial_id, fold, rung, metric_id, value) VALUES(?, ?, ?, ?, ?)", trial, task.fold,
        task.rung, metricID(metric.name, database), finite(metric.value))
    }
    for point in measurement.curve {
      try database.run(
        "INSERT INTO curve_point(trial_id, fold, rung, metric_id, step, value) VALUES(?, ?, ?, ?, ?, ?)", trial,
        task.fold, task.rung, metricID(point.metric, database), point.step, finite(point.value))
    }
    for artifact in measurement.artifacts {
      try database.run(
        "INSERT INTO artifact(trial_id, fold, rung, kind, sha256, bytes) VALUES(?, ?, ?, ?, ?, ?)", trial, task.fold,
        task.rung, artifact.kind.rawValue, artifact.digest.hex, artifact.byteCount)
    }
    if !measurement.scoreBins.isEmpty {
      try database.run(
        "INSERT INTO fold_scores(trial_id, fold, rung, bins) VALUES(?, ?, ?, ?)", trial, task.fold, task.rung,
        Self.text(of: measurement.scoreBins))
    }
    if !row.isDeleted { totals.record(task.sweep, cost, at: now) }
    if row.hasEnded { try Schema.averageTrials(database, only: trial) }
  }

  /// `[[low, rows, mean prediction, sum of labels], …]`: one row of a table, for a row a bin would be more than all else.
  static func text(of bins: [ScoreBin]) -> String {
    let items = bins.map { bin in
      let sum = bin.labelSum == bin.labelSum.rounded() ? "\(Int64(bin.labelSum))" : "\(bin.labelSum)"
      return "[\(bin.low),\(bin.rowCount),\(bin.prediction),\(sum)]"
    }
    return "[" + items.joined(separator: ",") + "]"
  }

  private func add(_ trial: TrialRecord, at now: Int64, to database: Database) throws {
    try database.run(
      "INSERT INTO trial(sweep_id, number, learner, params, state, created_ms) VALUES(?, ?, ?, ?, 'running', ?)",
      trial.sweep.value, trial.number, trial.learner.rawValue, trial.parameters.json, now)
    let id = database.lastInsertedRowID
    trialRows[TrialKey(sweep: trial.sweep, number: trial.number)] = TrialRow(
      id: id, state: .running, isDeleted: false)
    totals.add(trial.sweep)
    for entry in trial.parameters.entries {
      try database.run("INSERT INTO trial_param(trial_id, name, value) VALUES(?, ?, ?)", id, entry.name, entry.value)
    }
  }

  private func end(
    _ sweep: SweepID, _ number: Int, _ end: TrialEnd, at now: Int64, to database: Database
  ) throws {
    let key = TrialKey(sweep: sweep, number: number)
    let row = try trialRow(key, database)
    try database.run(
      """
      UPDATE trial SET state = ?, objective = ?, objective_sd = ?, ci_low = ?, ci_high = ?, folds_done = ?, reason = ?,
        finished_ms = max(?, created_ms) WHERE trial_id = ?
      """, end.state.rawValue, end.objective, end.objectiveSD, end.interval?.lowerBound, end.interval?.upperBound,
      end.foldsDone, end.reason, now, row.id)
    trialRows[key] = TrialRow(id: row.id, state: end.state, isDeleted: row.isDeleted)
    if !row.isDeleted { totals.move(sweep, from: row.state, to: end.state) }
    if end.state != .running { try Schema.averageTrials(database, only: row.id) }
  }

  enum Severity: String { case info, warning, error }

  func event(
    _ database: Database, _ now: Int64, _ severity: Severity, _ kind: String, _ subject: String, _ message: String
  ) throws {
    try database.run(
      "INSERT INTO event(at_ms, severity, kind, subject, message) VALUES(?, ?, ?, ?, ?)", now, severity.rawValue, kind,
      subject, message)
  }

  /// SQLite knows no NaN and stores it as NULL; infinities are kept out too, so that NULL always means "undefined".
  private func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
}
