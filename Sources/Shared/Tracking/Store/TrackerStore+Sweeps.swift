// SPDX-License-Identifier: Apache-2.0

import GRDB
import Hyperparameters
package import Sweeps

extension TrackerStore {
  /// Enters a sweep, or finds the one of that name with all that is known of it.
  ///
  /// - Throws: `.specChanged` when the name is taken by a sweep that asks another question.
  package func openSweep(
    _ registration: SweepRegistration, at wallMilliseconds: Int64
  ) throws(TrackerError) -> OpenedSweep {
    try write { database in
      let row = try Row.fetchOne(
        database, sql: "SELECT sweep_id, spec_digest, state, deleted_ms, trials_vacuumed FROM sweep WHERE name = ?",
        arguments: [registration.name])
      guard let row else { return try insert(registration, at: wallMilliseconds, into: database) }
      try refuseDeleted(registration.name, row)
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
      try describe(registration.dataset, into: database)
      return OpenedSweep(
        id: id, isNew: false, state: SweepState(rawValue: row["state"]) ?? .running,
        recovered: try recover(id, from: database), trials: try trials(of: id, from: database),
        givenUp: try givenUp(id, from: database),
        requests: try requests(id, from: database), computeMilliseconds: try computeMilliseconds(id, from: database))
    }
  }

  /// CPU milliseconds of each recorded result.
  package func foldCosts(of sweep: SweepID) throws(TrackerError) -> [TrialTask: Int64] {
    try write { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT t.number, r.fold, r.rung, a.cpu_ms FROM result r JOIN attempt a ON a.attempt_id = r.attempt_id
          JOIN trial t ON t.trial_id = r.trial_id WHERE t.sweep_id = ? AND a.cpu_ms IS NOT NULL
          """, arguments: [sweep.value])
      return Dictionary(
        uniqueKeysWithValues: rows.map { (TrialTask(sweep: sweep, trial: $0[0], fold: $0[1], rung: $0[2]), $0[3]) })
    }
  }

  /// A search is a function of all its trials: without some of them it would go on as another.
  private func refuseDeleted(_ name: String, _ row: Row) throws {
    guard (row["deleted_ms"] as Int64?) == nil else {
      throw TrackerError(
        code: .refused, path: path,
        detail: "sweep \(name) is deleted; muster tracker undelete \(name), or muster tracker vacuum to begin anew")
    }
    let vacuumed: Int = row["trials_vacuumed"]
    guard vacuumed == 0 else {
      throw TrackerError(
        code: .refused, path: path,
        detail:
          "\(vacuumed) trials of sweep \(name) are deleted for good, and its search rests on them; rename the sweep")
    }
  }

  /// What the manifest says of the data set, once.
  private func describe(_ dataset: SweepRegistration.Dataset, into database: Database) throws {
    guard
      let id = try Int64.fetchOne(
        database, sql: "SELECT dataset_id FROM dataset WHERE digest = ?", arguments: [dataset.digest.hex])
    else { return }
    for (index, step) in dataset.flow.enumerated() {
      // A few are never told, whoever wrote the manifest.
      let count = step.count.flatMap { (1...10).contains($0) ? nil : $0 }
      try database.run(
        "INSERT OR IGNORE INTO dataset_flow(dataset_id, step, reason, n) VALUES(?, ?, ?, ?)", id, index, step.reason,
        count)
    }
    var positions: [SweepRegistration.Dataset.Column.Part: Int] = [:]
    for column in dataset.columns {
      let position = positions[column.part, default: 0]
      positions[column.part] = position + 1
      try database.run(
        """
        INSERT OR IGNORE INTO dataset_column(dataset_id, part, position, name, item, unit, time_window, statistic)
        VALUES(?, ?, ?, ?, ?, ?, ?, ?)
        """, id, column.part.rawValue, position, column.name, column.item, column.unit, column.window, column.statistic)
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
    try describe(dataset, into: database)
    // Seeds are unsigned 64-bit, which SQLite's integers are not: text keeps every one.
    try database.execute(
      sql: """
        INSERT INTO sweep(name, outcome, dataset_id, metric, direction, cv_scheme, n_folds, n_repeats, cv_seed, sampler,
          seed, state, spec, spec_digest, code_version, created_ms)
        VALUES(?, ?, (SELECT dataset_id FROM dataset WHERE digest = ?), ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?, ?, ?)
        """,
      arguments: [
        given.name, given.outcome.rawValue, dataset.digest.hex, given.metric,
        given.isMaximized ? "maximize" : "minimize", given.folds.isFinal ? "final" : given.folds.scheme.rawValue,
        given.folds.isFinal ? 1 : given.folds.foldCount, given.folds.isFinal ? 1 : given.folds.repeatCount,
        String(given.folds.seed), given.sampler, String(given.seed), given.spec,
        given.specDigest, given.codeVersion, now,
      ])
    let id = database.lastInsertedRowID
    try database.run("INSERT INTO sweep_total(sweep_id) VALUES(?)", id)
    return OpenedSweep(
      id: SweepID(id), isNew: true, state: .running, recovered: RecoveredSweep(), trials: [],
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
}
