// SPDX-License-Identifier: Apache-2.0

import GRDB

extension Schema {
  /// What the heads of pages count, kept by the writer: read from a sweep's attempts it costs the more the longer the sweep is,
  /// on each visit.
  ///
  /// `sweep_total` is what its aggregates over `live_trial` would give; `countSweep` writes one anew.
  static func version8(_ database: Database) throws {
    try database.execute(sql: tablesV8)
    for sweep in try Int64.fetchAll(database, sql: "SELECT sweep_id FROM sweep") {
      try countSweep(database, only: sweep)
    }
    try database.execute(sql: viewsV8)
    let parameters = try String.fetchOne(
      database, sql: "SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = 'trial_parameters'")
    try database.execute(sql: "DROP VIEW trial_parameters")
    let added = [("auxiliary", "batch"), ("auxiliary_weight", "batch")]
    try database.execute(sql: withParameters(added, parameters ?? ""))
  }

  /// Writes `sweep_total` of one sweep from its trials, results and attempts.
  static func countSweep(_ database: Database, only sweep: Int64) throws {
    try database.run(
      """
      INSERT OR REPLACE INTO sweep_total(sweep_id, trials, completed, pruned, failed, running, folds, cpu_ms, last_result_ms)
      SELECT ?, count(*), count(*) FILTER (WHERE state = 'completed'), count(*) FILTER (WHERE state = 'pruned'),
        count(*) FILTER (WHERE state = 'failed'), count(*) FILTER (WHERE state = 'running'),
        coalesce(sum((SELECT count(*) FROM result r WHERE r.trial_id = t.trial_id)), 0),
        coalesce(sum((SELECT sum(a.cpu_ms) FROM attempt a WHERE a.trial_id = t.trial_id)), 0),
        max((SELECT max(r.recorded_ms) FROM result r WHERE r.trial_id = t.trial_id))
      FROM main.live_trial t WHERE t.sweep_id = ?
      """, sweep, sweep)
  }

  private static let tablesV8 = """
    CREATE TABLE sweep_total(
      sweep_id INTEGER PRIMARY KEY REFERENCES sweep(sweep_id),
      trials INTEGER NOT NULL DEFAULT 0, completed INTEGER NOT NULL DEFAULT 0, pruned INTEGER NOT NULL DEFAULT 0,
      failed INTEGER NOT NULL DEFAULT 0, running INTEGER NOT NULL DEFAULT 0,
      folds INTEGER NOT NULL DEFAULT 0, cpu_ms INTEGER NOT NULL DEFAULT 0, last_result_ms INTEGER) STRICT;
    DROP INDEX trial_board;
    CREATE INDEX trial_board ON trial(sweep_id, state, objective, number, deleted_ms);
    CREATE INDEX trial_end ON trial(sweep_id, finished_ms, number, state, objective, deleted_ms);
    """

  /// The best is one step down an index, by direction.
  private static let viewsV8 = """
    DROP VIEW sweeps;
    CREATE VIEW sweeps AS
      SELECT s.name AS sweep, s.outcome, s.state, s.metric, s.direction, d.name AS dataset, d.n_rows, d.n_patients,
        s.cv_scheme, s.n_folds, s.n_repeats, s.sampler, c.trials, c.completed, c.pruned, c.failed, c.running,
        \(best) AS best,
        s.created_at AS created, strftime('%Y-%m-%dT%H:%M:%SZ', s.finished_ms / 1000, 'unixepoch') AS finished,
        (s.finished_ms - s.created_ms) / 1000.0 AS seconds, c.folds, c.cpu_ms / 1000.0 AS cpu_seconds,
        strftime('%Y-%m-%dT%H:%M:%SZ', c.last_result_ms / 1000, 'unixepoch') AS last_result, s.sweep_id
      FROM live_sweep s JOIN dataset d ON d.dataset_id = s.dataset_id LEFT JOIN sweep_total c ON c.sweep_id = s.sweep_id;
    DROP VIEW v_sweep;
    CREATE VIEW v_sweep AS
      SELECT s.sweep_id, s.name, s.outcome, s.state, s.metric, s.direction, d.name AS dataset, d.n_rows, d.n_patients,
        s.cv_scheme || ' ' || s.n_folds || 'x' || s.n_repeats AS cv, s.sampler, c.trials, c.completed, c.failed, c.folds,
        \(best) AS best, s.created_at
      FROM live_sweep s JOIN dataset d ON d.dataset_id = s.dataset_id LEFT JOIN sweep_total c ON c.sweep_id = s.sweep_id;
    """

  private static let best = """
    CASE s.direction WHEN 'maximize'
      THEN (SELECT max(t.objective) FROM live_trial t WHERE t.sweep_id = s.sweep_id AND t.state = 'completed')
      ELSE (SELECT min(t.objective) FROM live_trial t WHERE t.sweep_id = s.sweep_id AND t.state = 'completed') END
    """
}
