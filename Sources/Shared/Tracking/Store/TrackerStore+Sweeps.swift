// SPDX-License-Identifier: Apache-2.0

import GRDB
import Hyperparameters
import Sweeps

extension TrackerStore {
  /// Enters a sweep, or finds the one of that name with all that is known of it.
  ///
  /// - Throws: `.specChanged` when the name is taken by a sweep that asks another question.
  package func openSweep(
    _ registration: SweepRegistration, at wallMilliseconds: Int64
  ) throws(TrackerError) -> OpenedSweep {
    try write { database in
      let row = try Row.fetchOne(
        database, sql: "SELECT sweep_id, spec_digest, state FROM sweep WHERE name = ?", arguments: [registration.name])
      guard let row else { return try insert(registration, at: wallMilliseconds, into: database) }
      let found: String = row["spec_digest"]
      guard found == registration.specDigest else {
        throw TrackerError(
          code: .specChanged, path: path,
          detail: """
            sweep \(registration.name) was recorded with digest \(found.prefix(12)), the file now has \
            \(registration.specDigest.prefix(12)); rename the sweep, or restore the file as it was
            """)
      }
      let id = SweepID(row["sweep_id"])
      return OpenedSweep(
        id: id, isNew: false, state: SweepState(rawValue: row["state"]) ?? .running,
        recovered: try recover(id, from: database), trials: try trials(of: id, from: database),
        givenUp: try givenUp(id, from: database),
        requests: try requests(id, from: database), computeMilliseconds: try computeMilliseconds(id, from: database))
    }
  }

  private func insert(_ given: SweepRegistration, at now: Int64, into database: Database) throws -> OpenedSweep {
    let dataset = given.dataset
    try database.execute(
      sql: """
        INSERT INTO dataset(name, digest, source, outcome, n_rows, n_patients, n_columns, prevalence, path, created_ms)
        VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(digest) DO NOTHING
        """,
      arguments: [
        dataset.name, dataset.digest.hex, dataset.source, given.outcome.rawValue, dataset.rowCount,
        dataset.patientCount,
        dataset.columnCount, dataset.prevalence, dataset.path, now,
      ])
    // Seeds are unsigned 64-bit, which SQLite's integers are not: text keeps every one.
    try database.execute(
      sql: """
        INSERT INTO sweep(name, outcome, dataset_id, metric, direction, cv_scheme, n_folds, n_repeats, cv_seed, sampler,
          seed, state, spec, spec_digest, code_version, created_ms)
        VALUES(?, ?, (SELECT dataset_id FROM dataset WHERE digest = ?), ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?, ?, ?)
        """,
      arguments: [
        given.name, given.outcome.rawValue, dataset.digest.hex, given.metric,
        given.isMaximized ? "maximize" : "minimize", given.folds.scheme.rawValue, given.folds.foldCount,
        given.folds.repeatCount, String(given.folds.seed), given.sampler, String(given.seed), given.spec,
        given.specDigest, given.codeVersion, now,
      ])
    return OpenedSweep(
      id: SweepID(database.lastInsertedRowID), isNew: true, state: .running, recovered: RecoveredSweep(), trials: [],
      givenUp: [], requests: [], computeMilliseconds: 0)
  }

  private func givenUp(_ sweep: SweepID, from database: Database) throws -> [TrialTask] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT t.number, q.fold, q.rung FROM quarantine q JOIN trial t ON t.trial_id = q.trial_id
        WHERE t.sweep_id = ? ORDER BY t.number, q.fold, q.rung
        """, arguments: [sweep.value]
    ).map { TrialTask(sweep: sweep, trial: $0["number"], fold: $0["fold"], rung: $0["rung"]) }
  }

  private func requests(_ sweep: SweepID, from database: Database) throws -> [ControlRecord] {
    try Row.fetchAll(
      database, sql: "SELECT token, effect, trial, note FROM request WHERE sweep_id = ? ORDER BY request_id",
      arguments: [sweep.value]
    ).map { row in
      guard let effect = ControlRecord.Effect(rawValue: row["effect"]) else {
        throw TrackerError(code: .schemaNewer, path: path, detail: "a request has an effect of a newer muster")
      }
      return ControlRecord(token: row["token"], effect: effect, trial: row["trial"], note: row["note"])
    }
  }

  private func computeMilliseconds(_ sweep: SweepID, from database: Database) throws -> Int64 {
    try Int64.fetchOne(
      database,
      sql: """
        SELECT coalesce(sum(a.wall_ms), 0) FROM result r JOIN attempt a ON a.attempt_id = r.attempt_id
        JOIN trial t ON t.trial_id = r.trial_id WHERE t.sweep_id = ?
        """, arguments: [sweep.value]) ?? 0
  }

  private func recover(_ sweep: SweepID, from database: Database) throws -> RecoveredSweep {
    func task(_ row: Row) -> TrialTask {
      TrialTask(sweep: sweep, trial: row["number"], fold: row["fold"], rung: row["rung"])
    }
    let done = try Row.fetchAll(
      database,
      sql: """
        SELECT t.number, r.fold, r.rung, a.epoch, a.number AS attempt, r.fingerprint FROM result r
        JOIN trial t ON t.trial_id = r.trial_id JOIN attempt a ON a.attempt_id = r.attempt_id
        WHERE t.sweep_id = ? ORDER BY t.number, r.fold, r.rung
        """, arguments: [sweep.value])
    let open = try Row.fetchAll(
      database,
      sql: """
        SELECT t.number, a.fold, a.rung, sum(a.state = 'failed') AS failures, sum(a.state = 'crashed') AS crashes,
          max(CASE a.state WHEN 'running' THEN a.attempt_id END) AS running
        FROM attempt a JOIN trial t ON t.trial_id = a.trial_id
        WHERE t.sweep_id = ? AND NOT EXISTS(
          SELECT 1 FROM result r WHERE r.trial_id = a.trial_id AND r.fold = a.fold AND r.rung = a.rung)
          AND NOT EXISTS(SELECT 1 FROM quarantine q WHERE q.trial_id = a.trial_id AND q.fold = a.fold
            AND q.rung = a.rung AND a.attempt_id <= q.lifted_after)
        GROUP BY t.number, a.fold, a.rung HAVING failures > 0 OR crashes > 0 OR running IS NOT NULL
        ORDER BY t.number, a.fold, a.rung
        """, arguments: [sweep.value])
    let quarantined = try Row.fetchAll(
      database,
      sql: """
        SELECT t.number, q.fold, q.rung FROM quarantine q JOIN trial t ON t.trial_id = q.trial_id
        WHERE t.sweep_id = ? AND q.lifted_after IS NULL AND NOT EXISTS(
          SELECT 1 FROM result r WHERE r.trial_id = q.trial_id AND r.fold = q.fold AND r.rung = q.rung)
        ORDER BY t.number, q.fold, q.rung
        """, arguments: [sweep.value])
    return RecoveredSweep(
      done: done.map { row in
        RecoveredSweep.Done(
          task: task(row), attempt: Attempt(epoch: row["epoch"], number: row["attempt"]),
          fingerprint: UInt64(bitPattern: row["fingerprint"] as Int64))
      },
      open: try open.map { row in
        RecoveredSweep.Open(
          task: task(row), failureCount: row["failures"], crashCount: row["crashes"],
          lease: try lease(row["running"], from: database))
      },
      quarantined: quarantined.map(task))
  }

  private func lease(_ attemptID: Int64?, from database: Database) throws -> RecoveredSweep.Lease? {
    guard let attemptID else { return nil }
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT a.epoch, a.number, w.incarnation FROM attempt a JOIN worker w ON w.worker_id = a.worker_id
        WHERE a.attempt_id = ?
        """, arguments: [attemptID])
    guard let row, let holder = Incarnation(hex: row["incarnation"]) else { return nil }
    return RecoveredSweep.Lease(attempt: Attempt(epoch: row["epoch"], number: row["number"]), holder: holder)
  }

  private func trials(of sweep: SweepID, from database: Database) throws -> [OpenedSweep.Trial] {
    try Row.fetchAll(
      database, sql: "SELECT * FROM trial WHERE sweep_id = ? ORDER BY number", arguments: [sweep.value]
    ).map { row in
      let id: Int64 = row["trial_id"]
      let number: Int = row["number"]
      trialIDs[TrialKey(sweep: sweep, number: number)] = id
      guard let learner = Learner(rawValue: row["learner"]) else {
        throw TrackerError(code: .schemaNewer, path: path, detail: "trial \(number) names a learner of a newer muster")
      }
      return OpenedSweep.Trial(
        record: TrialRecord(
          sweep: sweep, number: number, learner: learner, parameters: try Self.parameters(id, database)),
        end: end(row), results: try results(id, from: database))
    }
  }

  private func end(_ row: Row) -> TrialEnd? {
    guard let state = TrialState(rawValue: row["state"]), state != .running else { return nil }
    let (low, high): (Double?, Double?) = (row["ci_low"], row["ci_high"])
    var interval: ClosedRange<Double>?
    if let low, let high, low <= high { interval = low...high }
    return TrialEnd(
      state: state, objective: row["objective"], objectiveSD: row["objective_sd"], interval: interval,
      foldsDone: row["folds_done"], reason: row["reason"])
  }

  static func parameters(_ trial: Int64, _ database: Database) throws -> Parameters {
    // SQLite has no truth values: the trial's JSON tells a flag from the integers 0 and 1.
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT p.name, p.value, json_type(t.params, '$."' || p.name || '"') IN('true', 'false') AS is_flag
        FROM trial_param p JOIN trial t ON t.trial_id = p.trial_id WHERE p.trial_id = ? ORDER BY p.name
        """, arguments: [trial])
    return Parameters(
      rows.compactMap { row in
        let value: ParameterValue? =
          switch (row["value"] as DatabaseValue).storage {
          case .int64(let integer) where (row["is_flag"] as Bool?) == true: .flag(integer != 0)
          case .int64(let integer): .integer(integer)
          case .double(let real): .real(real)
          case .string(let text): .text(text)
          default: nil
          }
        return value.map { Parameters.Entry(name: row["name"], value: $0) }
      })
  }

  private func results(_ trial: Int64, from database: Database) throws -> [OpenedSweep.Result] {
    let metrics = try Row.fetchAll(
      database,
      sql: """
        SELECT m.fold, m.rung, n.name, m.value FROM fold_metric m JOIN metric n ON n.metric_id = m.metric_id
        WHERE m.trial_id = ? ORDER BY m.fold, m.rung, n.name
        """, arguments: [trial])
    return try Row.fetchAll(
      database, sql: "SELECT fold, rung, n_train, n_valid FROM result WHERE trial_id = ? ORDER BY fold, rung",
      arguments: [trial]
    ).map { row in
      let (fold, rung): (Int, Int) = (row["fold"], row["rung"])
      let own = metrics.filter { $0["fold"] == fold && $0["rung"] == rung }
      return OpenedSweep.Result(
        fold: fold, rung: rung,
        metrics: own.map { MetricValue(name: $0["name"], value: ($0["value"] as Double?) ?? .nan) },
        trainRowCount: row["n_train"], validRowCount: row["n_valid"])
    }
  }
}

extension Incarnation {
  /// The inverse of `description`.
  init?(hex: String) {
    guard hex.utf8.count == 32, let high = UInt64(hex.prefix(16), radix: 16),
      let low = UInt64(hex.suffix(16), radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }
}
