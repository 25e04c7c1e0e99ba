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
        recovered: try recover(id, from: database), trials: try trials(of: id, from: database))
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
      id: SweepID(database.lastInsertedRowID), isNew: true, state: .running, recovered: RecoveredSweep(), trials: [])
  }
}
