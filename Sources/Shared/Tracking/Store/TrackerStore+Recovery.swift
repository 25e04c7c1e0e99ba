// SPDX-License-Identifier: Apache-2.0

import GRDB
import Hyperparameters
import Sweeps

/// What a restart reads of its sweep.
extension TrackerStore {
  func recover(_ sweep: SweepID, from database: Database) throws -> RecoveredSweep {
    func task(_ row: Row) -> TrialTask {
      TrialTask(sweep: sweep, trial: row[0], fold: row[1], rung: row[2])
    }
    let done = try Row.fetchCursor(
      database,
      sql: """
        SELECT t.number, r.fold, r.rung, a.epoch, a.number, r.fingerprint FROM trial t
        CROSS JOIN result r ON r.trial_id = t.trial_id JOIN attempt a ON a.attempt_id = r.attempt_id
        WHERE t.sweep_id = ? ORDER BY t.number, r.fold, r.rung
        """, arguments: [sweep.value]
    ).map { row in
      RecoveredSweep.Done(
        task: task(row), attempt: Attempt(epoch: row[3], number: row[4]),
        fingerprint: UInt64(bitPattern: row[5] as Int64))
    }
    let crashes = try Row.fetchAll(
      database,
      sql: """
        SELECT t.number, a.fold, a.rung, a.epoch, a.number FROM attempt a JOIN trial t ON t.trial_id = a.trial_id
        WHERE t.sweep_id = ? AND a.state = 'crashed'
          AND NOT EXISTS(SELECT 1 FROM quarantine q WHERE q.trial_id = a.trial_id AND q.fold = a.fold
            AND q.rung = a.rung AND a.attempt_id <= q.lifted_after)
        ORDER BY a.epoch, a.number
        """, arguments: [sweep.value])
    let crashed = Dictionary(grouping: crashes, by: task).mapValues { rows in
      rows.map { Attempt(epoch: $0[3], number: $0[4]) }
    }
    let open = try Row.fetchCursor(
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
        """, arguments: [sweep.value]
    ).map { row in
      RecoveredSweep.Open(
        task: task(row), failureCount: row[3], crashed: crashed[task(row)] ?? [],
        lease: try self.lease(row[5], from: database))
    }
    let quarantined = try Row.fetchCursor(
      database,
      sql: """
        SELECT t.number, q.fold, q.rung FROM quarantine q JOIN trial t ON t.trial_id = q.trial_id
        WHERE t.sweep_id = ? AND q.lifted_after IS NULL AND NOT EXISTS(
          SELECT 1 FROM result r WHERE r.trial_id = q.trial_id AND r.fold = q.fold AND r.rung = q.rung)
        ORDER BY t.number, q.fold, q.rung
        """, arguments: [sweep.value]
    ).map(task)
    return RecoveredSweep(done: try Array(done), open: try Array(open), quarantined: try Array(quarantined))
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

  func trials(of sweep: SweepID, from database: Database) throws -> [OpenedSweep.Trial] {
    let metricNames = try metricNames(database)
    var parameters = try Self.orderedParameters("t.sweep_id = ?", [sweep.value], database)
    var results = try OrderedRows(
      database,
      """
      SELECT t.number, r.fold, r.rung, r.n_train, r.n_valid FROM trial t
      CROSS JOIN result r ON r.trial_id = t.trial_id WHERE t.sweep_id = ? ORDER BY t.number, r.fold, r.rung
      """, [sweep.value]
    ) { row in (fold: row[1] as Int, rung: row[2] as Int, trainRowCount: row[3] as Int, validRowCount: row[4] as Int) }
    var metrics = try OrderedRows(
      database,
      """
      SELECT t.number, m.fold, m.rung, m.metric_id, m.value FROM trial t
      CROSS JOIN fold_metric m ON m.trial_id = t.trial_id WHERE t.sweep_id = ? ORDER BY t.number, m.fold, m.rung
      """, [sweep.value]
    ) { row in
      let name = metricNames[row[3] as Int64] ?? ""
      return (
        fold: row[1] as Int, rung: row[2] as Int, metric: MetricValue(name: name, value: (row[4] as Double?) ?? .nan)
      )
    }
    var curves = try innerCurves(of: sweep, metricNames, database)
    return try Array(
      Row.fetchCursor(
        database,
        sql: """
          SELECT number, trial_id, learner, state, objective, objective_sd, ci_low, ci_high, folds_done, reason,
            deleted_ms IS NOT NULL
          FROM trial WHERE sweep_id = ? ORDER BY number
          """, arguments: [sweep.value]
      ).map { row in
        let number: Int64 = row[0]
        self.trialRows[TrialKey(sweep: sweep, number: Int(number))] = TrialRow(
          id: row[1], state: TrialState(rawValue: row[3]) ?? .running, isDeleted: row[10])
        guard let learner = Learner(rawValue: row[2]) else {
          throw TrackerError(
            code: .schemaNewer, path: self.path, detail: "trial \(number) names a learner of a newer muster")
        }
        let own = try metrics.take(number)
        let curve = try curves.take(number)
        return OpenedSweep.Trial(
          record: TrialRecord(
            sweep: sweep, number: Int(number), learner: learner, parameters: Parameters(try parameters.take(number))),
          end: Self.end(row),
          results: try results.take(number).map { result in
            OpenedSweep.Result(
              fold: result.fold, rung: result.rung,
              metrics: own.filter { $0.fold == result.fold && $0.rung == result.rung }.map(\.metric)
                .sorted { $0.name < $1.name },
              innerCurve: curve.filter { $0.fold == result.fold && $0.rung == result.rung }.map(\.point),
              trainRowCount: result.trainRowCount, validRowCount: result.validRowCount)
          })
      })
  }

  /// What rules by step looked at: few points a fold, and none in sweeps without such rules.
  private func innerCurves(
    of sweep: SweepID, _ metricNames: [Int64: String], _ database: Database
  ) throws -> OrderedRows<(fold: Int, rung: Int, point: CurvePoint)> {
    try OrderedRows(
      database,
      """
      SELECT t.number, c.fold, c.rung, c.metric_id, c.step, c.value FROM trial t
      CROSS JOIN result r ON r.trial_id = t.trial_id
      CROSS JOIN curve_point c ON c.trial_id = r.trial_id AND c.fold = r.fold AND c.rung = r.rung
        AND c.metric_id IN(SELECT metric_id FROM metric WHERE name GLOB 'inner/*' AND name <> 'inner/loss')
      WHERE t.sweep_id = ? ORDER BY t.number, c.fold, c.rung, c.step
      """, [sweep.value]
    ) { row in
      let name = metricNames[row[3] as Int64] ?? ""
      let point = CurvePoint(metric: name, step: row[4] as Int, value: (row[5] as Double?) ?? .nan)
      return (fold: row[1] as Int, rung: row[2] as Int, point: point)
    }
  }

  private func metricNames(_ database: Database) throws -> [Int64: String] {
    let rows = try Row.fetchAll(database, sql: "SELECT metric_id, name FROM metric")
    return Dictionary(rows.map { ($0[0] as Int64, $0[1] as String) }) { first, _ in first }
  }

  private static func end(_ row: Row) -> TrialEnd? {
    guard let state = TrialState(rawValue: row[3]), state != .running else { return nil }
    let (low, high): (Double?, Double?) = (row[6], row[7])
    var interval: ClosedRange<Double>?
    if let low, let high, low <= high { interval = low...high }
    return TrialEnd(
      state: state, objective: row[4], objectiveSD: row[5], interval: interval, foldsDone: row[8], reason: row[9])
  }

  static func parameters(_ trial: Int64, _ database: Database) throws -> Parameters {
    var rows = try orderedParameters("t.trial_id = ?", [trial], database)
    let number = try Int64.fetchOne(database, sql: "SELECT number FROM trial WHERE trial_id = ?", arguments: [trial])
    return Parameters(try rows.take(number ?? 0))
  }

  /// By the trial's number.
  private static func orderedParameters(
    _ condition: String, _ arguments: StatementArguments, _ database: Database
  ) throws -> OrderedRows<Parameters.Entry> {
    // SQLite has no truth values: the trial's JSON tells a flag from the integers 0 and 1.
    try OrderedRows(
      database,
      """
      SELECT t.number, p.name, p.value, typeof(p.value) = 'integer'
        AND json_type(t.params, '$."' || p.name || '"') IN('true', 'false')
      FROM trial t CROSS JOIN trial_param p ON p.trial_id = t.trial_id WHERE \(condition) ORDER BY t.number, p.name
      """, arguments
    ) { row in
      let value: ParameterValue =
        switch (row[2] as DatabaseValue).storage {
        case .int64(let integer) where (row[3] as Bool?) == true: .flag(integer != 0)
        case .int64(let integer): .integer(integer)
        case .double(let real): .real(real)
        case .string(let text): .text(text)
        // The column's own check admits neither.
        case .null, .blob: throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a parameter without a value")
        }
      return Parameters.Entry(name: row[1], value: value)
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
