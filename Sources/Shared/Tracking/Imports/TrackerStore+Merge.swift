// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// A sweep of another of our trackers, with all that hangs on it.
extension TrackerStore {
  /// Attempts get numbers of this start, for another tracker's may be taken here; all else comes as it was, so the sweep can be
  /// gone on with. The other tracker may be of any schema: a copy of it is brought to this one's first.
  package func importTracker(
    _ source: String, _ choice: ImportChoice, at wallMilliseconds: Int64
  ) throws(TrackerError) -> ImportReport {
    try tracking(source) {
      let reader = try TrackerReader(path: source)
      let names = try reader.sweeps().map(\.name)
      let file = try SourceFile(source, tool: "muster", tables: ["sweep", "trial", "result"])
      let there = try file.choose(choice.there, of: names, "sweeps")
      let copy = path + ".import"
      defer { Self.remove(copy) }
      Self.remove(copy)
      try TrackerCopy.make(of: reader.queue, at: copy)
      let copied = try DatabaseQueue(path: copy)
      try Schema.migrator.migrate(copied)
      try copied.close()
      let name = choice.name ?? there
      let queue = queue
      try queue.writeWithoutTransaction { try $0.execute(sql: "ATTACH ? AS source", arguments: [copy]) }
      defer { try? queue.writeWithoutTransaction { try $0.execute(sql: "DETACH source") } }
      let counts = try write { database in
        try demandFree(name, database)
        for statement in Self.steps {
          let used = Set(statement.matches(of: #/:([a-z]+)/#).map { String($0.output.1) })
          let values = ["there": there.databaseValue, "name": name.databaseValue, "epoch": epoch.databaseValue]
          try database.execute(sql: statement, arguments: StatementArguments(values.filter { used.contains($0.key) }))
        }
        let id = try Int64.fetchOne(database, sql: "SELECT sweep_id FROM main.sweep WHERE name = ?", arguments: [name])
        if let id { try Schema.countSweep(database, only: id) }
        try database.run(
          """
          INSERT INTO imported_sweep(sweep_id, tool, name_there, file, sha256, imported_ms)
          VALUES((SELECT sweep_id FROM main.sweep WHERE name = ?), 'muster', ?, ?, ?, ?)
          """, name, there, URL(fileURLWithPath: source).lastPathComponent, file.sha256, wallMilliseconds)
        try event(database, wallMilliseconds, .info, "imported", name, "sweep \(there) of another tracker")
        let row = try Row.fetchOne(
          database,
          sql: """
            SELECT (SELECT count(*) FROM import_trial),
              (SELECT count(*) FROM main.result WHERE trial_id IN (SELECT new FROM import_trial))
            """)
        try database.execute(sql: "DROP TABLE import_trial; DROP TABLE import_attempt")
        return (trials: row?[0] as Int? ?? 0, folds: row?[1] as Int? ?? 0)
      }
      (trialRows, workerIDs, metricIDs) = ([:], [:], [:])
      return ImportReport(sweep: name, trials: counts.trials, folds: counts.folds, remarks: [])
    }
  }

  private static func remove(_ copy: String) {
    for end in ["", "-journal", "-wal", "-shm", ".part"] { unlink(copy + end) }
  }

  private static let sweepThere = "(SELECT sweep_id FROM source.sweep WHERE name = :there AND deleted_ms IS NULL)"
  private static let sweepHere = "(SELECT sweep_id FROM main.sweep WHERE name = :name)"

  /// Rows by what names them outside: data sets by digest, workers by incarnation, metrics by name; trials and attempts anew.
  private static let steps: [String] = parents + measured + children

  private static let parents: [String] = [
    """
    INSERT INTO main.dataset(name, digest, source, outcome, n_rows, n_patients, n_columns, prevalence, path, created_ms)
    SELECT d.name, d.digest, d.source, d.outcome, d.n_rows, d.n_patients, d.n_columns, d.prevalence, d.path, d.created_ms
    FROM source.dataset d JOIN source.sweep s ON s.dataset_id = d.dataset_id WHERE s.sweep_id = \(sweepThere)
    ON CONFLICT(digest) DO NOTHING
    """,
    """
    INSERT INTO main.sweep(name, outcome, dataset_id, metric, direction, cv_scheme, n_folds, n_repeats, cv_seed, sampler, seed,
      state, spec, spec_digest, code_version, created_ms, finished_ms, trials_vacuumed)
    SELECT :name, s.outcome, (SELECT h.dataset_id FROM main.dataset h WHERE h.digest = d.digest), s.metric, s.direction,
      s.cv_scheme, s.n_folds, s.n_repeats, s.cv_seed, s.sampler, s.seed, iif(s.state = 'running', 'stopped', s.state), s.spec,
      s.spec_digest, s.code_version, s.created_ms, s.finished_ms, s.trials_vacuumed
    FROM source.sweep s JOIN source.dataset d ON d.dataset_id = s.dataset_id WHERE s.sweep_id = \(sweepThere)
    """,
    """
    INSERT OR IGNORE INTO main.dataset_flow SELECT h.dataset_id, f.step, f.reason, f.n FROM source.dataset_flow f
      JOIN source.dataset d ON d.dataset_id = f.dataset_id JOIN main.dataset h ON h.digest = d.digest
    """,
    """
    INSERT OR IGNORE INTO main.dataset_column
    SELECT h.dataset_id, c.part, c.position, c.name, c.item, c.unit, c.time_window, c.statistic FROM source.dataset_column c
      JOIN source.dataset d ON d.dataset_id = c.dataset_id JOIN main.dataset h ON h.digest = d.digest
    """,
    "INSERT OR IGNORE INTO main.metric(name) SELECT name FROM source.metric",
    "DROP TABLE IF EXISTS import_trial",
    """
    CREATE TEMP TABLE import_trial AS SELECT trial_id AS old,
      (SELECT coalesce(max(trial_id), 0) FROM main.trial) + row_number() OVER (ORDER BY number) AS new
    FROM source.trial WHERE sweep_id = \(sweepThere)
    """,
    "CREATE UNIQUE INDEX temp.import_trial_old ON import_trial(old)",
    "DROP TABLE IF EXISTS import_attempt",
    """
    CREATE TEMP TABLE import_attempt AS SELECT a.attempt_id AS old,
      (SELECT coalesce(max(attempt_id), 0) FROM main.attempt) + row_number() OVER (ORDER BY a.attempt_id) AS new,
      (SELECT coalesce(max(number), 0) FROM main.attempt WHERE epoch = :epoch)
        + row_number() OVER (ORDER BY a.attempt_id) AS number
    FROM source.attempt a JOIN import_trial m ON m.old = a.trial_id
    """,
    "CREATE UNIQUE INDEX temp.import_attempt_old ON import_attempt(old)",
    """
    INSERT INTO main.worker(
      incarnation, name, host, pid, code_version, machine, joined_ms, left_ms, left_reason, key_name)
    SELECT incarnation, name, host, pid, code_version, machine, joined_ms, left_ms, left_reason, key_name
    FROM source.worker
    WHERE worker_id IN (SELECT a.worker_id FROM source.attempt a JOIN import_trial m ON m.old = a.trial_id)
    ON CONFLICT(incarnation) DO NOTHING
    """,
    """
    INSERT INTO main.trial(trial_id, sweep_id, number, learner, params, state, objective, objective_sd, ci_low, ci_high,
      folds_done, reason, created_ms, finished_ms, deleted_ms)
    SELECT m.new, \(sweepHere), t.number, t.learner, t.params, t.state, t.objective, t.objective_sd, t.ci_low, t.ci_high,
      t.folds_done, t.reason, t.created_ms, t.finished_ms, t.deleted_ms
    FROM source.trial t JOIN import_trial m ON m.old = t.trial_id
    """,
    "INSERT INTO main.trial_param SELECT m.new, p.name, p.value FROM source.trial_param p JOIN import_trial m ON m.old = p.trial_id",
    """
    INSERT INTO main.attempt(attempt_id, trial_id, fold, rung, epoch, number, worker_id, state, message, started_ms, ended_ms,
      wall_ms, cpu_ms, rss_peak_bytes, resumed_step)
    SELECT n.new, m.new, a.fold, a.rung, :epoch, n.number, h.worker_id, iif(a.state = 'running', 'lost', a.state), a.message,
      a.started_ms, coalesce(a.ended_ms, a.started_ms), a.wall_ms, a.cpu_ms, a.rss_peak_bytes, a.resumed_step
    FROM source.attempt a JOIN import_trial m ON m.old = a.trial_id JOIN import_attempt n ON n.old = a.attempt_id
      LEFT JOIN source.worker w ON w.worker_id = a.worker_id LEFT JOIN main.worker h ON h.incarnation = w.incarnation
    """,
    """
    INSERT INTO main.result SELECT m.new, r.fold, r.rung, n.new, r.fingerprint, r.best_step, r.n_train, r.n_valid, r.recorded_ms
    FROM source.result r JOIN import_trial m ON m.old = r.trial_id JOIN import_attempt n ON n.old = r.attempt_id
    """,
  ]

  private static let measured: [String] = [
    ("fold_metric", "m.new, x.fold, x.rung, h.metric_id, x.value"),
    ("curve_point", "m.new, x.fold, x.rung, h.metric_id, x.step, x.value"),
    ("trial_metric", "m.new, h.metric_id, x.folds, x.mean, x.sd"),
  ].map { table, values in
    """
    INSERT INTO main.\(table) SELECT \(values) FROM source.\(table) x JOIN import_trial m ON m.old = x.trial_id
      JOIN source.metric o ON o.metric_id = x.metric_id JOIN main.metric h ON h.name = o.name
    """
  }

  private static let children: [String] = [
    "INSERT INTO main.artifact SELECT m.new, x.fold, x.rung, x.kind, x.sha256, x.bytes FROM source.artifact x JOIN import_trial m ON m.old = x.trial_id",
    "INSERT INTO main.fold_scores SELECT m.new, x.fold, x.rung, x.bins FROM source.fold_scores x JOIN import_trial m ON m.old = x.trial_id",
    """
    INSERT INTO main.quarantine SELECT m.new, x.fold, x.rung, x.reason, x.at_ms,
      iif(x.lifted_after IS NULL, NULL, (SELECT coalesce(max(n.new), 0) FROM import_attempt n WHERE n.old <= x.lifted_after))
    FROM source.quarantine x JOIN import_trial m ON m.old = x.trial_id
    """,
    """
    INSERT INTO main.request(token, sweep_id, effect, trial, note, taken_ms)
    SELECT token, \(sweepHere), effect, trial, note, taken_ms FROM source.request WHERE sweep_id = \(sweepThere) ORDER BY request_id
    """,
    """
    INSERT INTO main.tag(sweep_id, trial_id, name, value, set_ms) SELECT \(sweepHere), m.new, x.name, x.value, x.set_ms
    FROM source.tag x LEFT JOIN import_trial m ON m.old = x.trial_id WHERE x.sweep_id = \(sweepThere)
    """,
    """
    INSERT INTO main.note(sweep_id, trial_id, author, text, at_ms) SELECT \(sweepHere), m.new, x.author, x.text, x.at_ms
    FROM source.note x LEFT JOIN import_trial m ON m.old = x.trial_id WHERE x.sweep_id = \(sweepThere)
    """,
  ]
}
