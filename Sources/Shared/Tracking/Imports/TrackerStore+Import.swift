// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Hyperparameters
import Sweeps

/// Sweeps of other tools' files, entered beside our own. Nothing is overwritten: a name that is taken is refused.
extension TrackerStore {
  package func importOptuna(
    _ path: String, _ choice: ImportChoice, at wallMilliseconds: Int64
  ) throws(TrackerError) -> ImportReport {
    try tracking(path) {
      var reading = try OptunaImport(path, choice)
      let (sweep, there) = try reading.sweep()
      return try enter(sweep, from: reading.source, there: there, reading.remarks, at: wallMilliseconds)
    }
  }

  package func importMLflow(
    _ path: String, _ choice: ImportChoice, at wallMilliseconds: Int64
  ) throws(TrackerError) -> ImportReport {
    try tracking(path) {
      var reading = try MLflowImport(path, choice)
      let (sweep, there) = try reading.sweep()
      return try enter(sweep, from: reading.source, there: there, reading.remarks, at: wallMilliseconds)
    }
  }

  private func enter(
    _ sweep: ImportedSweep, from source: SourceFile, there: String, _ remarks: [String], at now: Int64
  ) throws -> ImportReport {
    guard !sweep.trials.isEmpty else {
      throw TrackerError(code: .notFound, path: source.path, detail: "\(there) has no trial that has begun")
    }
    let numbers = Set(sweep.trials.map(\.number))
    guard numbers.count == sweep.trials.count else {
      throw TrackerError(code: .refused, path: source.path, detail: "two trials of \(there) have one number")
    }
    try write { database in
      try demandFree(sweep.name, database)
      let id = try insertSweep(sweep, source, there, at: now, into: database)
      var number =
        try Int64.fetchOne(database, sql: "SELECT max(number) FROM attempt WHERE epoch = ?", arguments: [epoch]) ?? 0
      for trial in sweep.trials { try insert(trial, sweep, id, &number, into: database) }
      try Schema.countSweep(database, only: id)
      try event(
        database, now, .info, "imported", sweep.name, "\(sweep.trials.count) trials from \(source.tool)'s \(there)")
    }
    return ImportReport(
      sweep: sweep.name, trials: sweep.trials.count, folds: sweep.trials.reduce(0) { $0 + $1.folds.count },
      remarks: remarks)
  }

  func demandFree(_ name: String, _ database: Database) throws {
    guard !name.isEmpty, name.utf8.count <= 128, !name.contains("#"),
      !name.unicodeScalars.contains(where: { $0.value < 0x20 })
    else {
      throw TrackerError(
        code: .refused, path: path,
        detail: "expected a sweep's name of 1 to 128 bytes without #; give another with --as")
    }
    let isTaken = try Bool.fetchOne(database, sql: "SELECT count(*) > 0 FROM sweep WHERE name = ?", arguments: [name])
    guard isTaken != true else {
      throw TrackerError(
        code: .refused, path: path, detail: "there is a sweep \(name) already; give another name with --as")
    }
  }

  private func insertSweep(
    _ sweep: ImportedSweep, _ source: SourceFile, _ there: String, at now: Int64, into database: Database
  ) throws -> Int64 {
    // A data set that is not known is one of its own for each file.
    let isKnown = sweep.dataset.digest.flatMap { ContentDigest(hex: $0) } != nil
    let digest = isKnown ? sweep.dataset.digest ?? source.sha256 : source.sha256
    try database.run(
      """
      INSERT INTO dataset(name, digest, source, outcome, n_rows, n_patients, n_columns, prevalence, path, created_ms)
      VALUES(?, ?, 'imported', ?, ?, ?, 0, NULL, '', ?) ON CONFLICT(digest) DO NOTHING
      """, sweep.dataset.name, digest, sweep.outcome, sweep.dataset.rowCount, sweep.dataset.patientCount, now)
    let finished = sweep.trials.compactMap(\.endedMilliseconds).max()
    try database.run(
      """
      INSERT INTO sweep(name, outcome, dataset_id, metric, direction, cv_scheme, n_folds, n_repeats, cv_seed, sampler, seed,
        state, spec, spec_digest, code_version, created_ms, finished_ms)
      VALUES(?, ?, (SELECT dataset_id FROM dataset WHERE digest = ?), ?, ?, ?, ?, ?, ?, ?, '0', 'finished', ?, ?, ?, ?, ?)
      """, sweep.name, sweep.outcome, digest, sweep.metric, sweep.isMaximized ? "maximize" : "minimize",
      sweep.foldScheme, sweep.foldCount, sweep.repeatCount, sweep.foldSeed, sweep.sampler, #"{"space":{}}"#,
      // No sweep file's: it cannot be gone on with.
      "imported-" + source.sha256, sweep.version, sweep.createdMilliseconds, finished)
    let id = database.lastInsertedRowID
    try database.run(
      "INSERT INTO imported_sweep(sweep_id, tool, name_there, file, sha256, imported_ms) VALUES(?, ?, ?, ?, ?, ?)", id,
      source.tool, there, URL(fileURLWithPath: source.path).lastPathComponent, source.sha256, now)
    return id
  }

  private func insert(
    _ trial: ImportedSweep.Trial, _ sweep: ImportedSweep, _ sweepID: Int64, _ attempts: inout Int64,
    into database: Database
  ) throws {
    let values = trial.folds.compactMap { fold in fold.metrics.first { $0.name == sweep.metric }?.value }
    let mean = values.reduce(0, +) / Double(max(values.count, 1))
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let sd = values.count > 1 && trial.objective != nil ? (squares / Double(values.count - 1)).squareRoot() : nil
    try database.run(
      """
      INSERT INTO trial(sweep_id, number, learner, params, state, objective, objective_sd, ci_low, ci_high, folds_done, reason,
        created_ms, finished_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, sweepID, trial.number, trial.learner, trial.parameters.json, trial.state, trial.objective, sd,
      trial.interval?.low, trial.interval?.high, trial.folds.count, trial.reason, trial.createdMilliseconds,
      trial.endedMilliseconds ?? trial.createdMilliseconds)
    let id = database.lastInsertedRowID
    for entry in trial.parameters.entries {
      try database.run("INSERT INTO trial_param(trial_id, name, value) VALUES(?, ?, ?)", id, entry.name, entry.value)
    }
    for fold in trial.folds {
      attempts += 1
      try insert(fold, id, trial, attempts, into: database)
    }
    for tag in trial.tags where (1...100).contains(tag.name.unicodeScalars.count) {
      try database.run(
        "INSERT OR IGNORE INTO tag(sweep_id, trial_id, name, value, set_ms) VALUES(?, ?, ?, ?, ?)", sweepID, id,
        tag.name,
        String(tag.value.prefix(1_000)), trial.createdMilliseconds)
    }
    if let note = trial.note, !note.isEmpty {
      try database.run(
        "INSERT INTO note(sweep_id, trial_id, author, text, at_ms) VALUES(?, ?, 'imported', ?, ?)", sweepID, id,
        String(note.prefix(10_000)), trial.createdMilliseconds)
    }
    try Schema.averageTrials(database, only: id)
  }

  private func insert(
    _ fold: ImportedSweep.Fold, _ trial: Int64, _ parent: ImportedSweep.Trial, _ number: Int64, into database: Database
  ) throws {
    let started = fold.startedMilliseconds ?? parent.createdMilliseconds
    let ended = max(started, fold.endedMilliseconds ?? parent.endedMilliseconds ?? started)
    try database.run(
      """
      INSERT INTO attempt(trial_id, fold, rung, epoch, number, worker_id, state, started_ms, ended_ms, wall_ms)
      VALUES(?, ?, 0, ?, ?, NULL, 'completed', ?, ?, ?)
      """, trial, fold.fold, epoch, number, started, ended, fold.endedMilliseconds == nil ? nil : ended - started)
    let attempt = database.lastInsertedRowID
    let measured = Measurement(
      metrics: fold.metrics.map { MetricValue(name: $0.name, value: $0.value ?? .nan) },
      curve: fold.curve.map { CurvePoint(metric: $0.metric, step: $0.step, value: $0.value ?? .nan) },
      bestStep: fold.curve.map(\.step).max() ?? 0, trainRowCount: 0, validRowCount: 0, artifacts: [])
    try database.run(
      """
      INSERT INTO result(trial_id, fold, rung, attempt_id, fingerprint, best_step, n_train, n_valid, recorded_ms)
      VALUES(?, ?, 0, ?, ?, ?, 0, 0, ?)
      """, trial, fold.fold, attempt, Int64(bitPattern: measured.fingerprint), measured.bestStep, ended)
    for metric in fold.metrics {
      try database.run(
        "INSERT OR IGNORE INTO fold_metric(trial_id, fold, rung, metric_id, value) VALUES(?, ?, 0, ?, ?)", trial,
        fold.fold, metricID(metric.name, database), metric.value)
    }
    for point in fold.curve {
      try database.run(
        "INSERT OR IGNORE INTO curve_point(trial_id, fold, rung, metric_id, step, value) VALUES(?, ?, 0, ?, ?, ?)",
        trial,
        fold.fold, metricID(point.metric, database), point.step, point.value)
    }
  }
}
