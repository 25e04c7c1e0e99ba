// SPDX-License-Identifier: Apache-2.0

import GRDB

extension Schema {
  /// Deletion that can be undone, held-out rows by score, what a data set's manifest says, and where an imported sweep is from.
  ///
  /// What is deleted stays in the tables until `vacuum`, for the search of a sweep is a function of all its trials; `live_sweep`
  /// and `live_trial` are without it, and every view is made of those.
  static func version7(_ database: Database) throws {
    try database.execute(sql: tablesV7)
    let views = try Row.fetchAll(
      database, sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'view' AND name NOT LIKE 'live\\_%' ESCAPE '\\'")
    for view in views where !["tags", "notes"].contains(view["name"] as String) {
      let text = withParameters(newParameters, live(view["sql"])).replacing(
        "busy_percent, w.worker_id", with: "busy_percent, w.key_name, w.worker_id")
      guard text != view["sql"] else { continue }
      try database.execute(sql: "DROP VIEW \(view["name"] as String)")
      try database.execute(sql: text)
    }
    try database.execute(sql: viewsV7)
  }

  /// A released view's own words, over what is not deleted. All of them name the tables `FROM trial …` and `JOIN sweep …`.
  private static func live(_ view: String) -> String {
    ["FROM", "JOIN"].reduce(view) { text, word in
      ["sweep", "trial"].reduce(text) { text, table in
        text.replacing("\(word) \(table) ", with: "\(word) live_\(table) ")
      }
    }
  }

  /// Of `trial_parameters`, which lists hyperparameters by name: each new one, and the one that it comes before.
  static func withParameters(_ added: [(String, String)], _ view: String) -> String {
    added.reduce(view) {
      $0.replacing("t.params ->> '$.\($1.1)'", with: "t.params ->> '$.\($1.0)' AS \($1.0), t.params ->> '$.\($1.1)'")
    }
  }

  private static let newParameters = [
    ("categorical", "column_sample"), ("min_bin_rows", "min_gain"), ("monotone", "patience"),
  ]

  private static let tablesV7 = """
    ALTER TABLE sweep ADD COLUMN deleted_ms INTEGER;
    ALTER TABLE sweep ADD COLUMN trials_vacuumed INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE trial ADD COLUMN deleted_ms INTEGER;
    ALTER TABLE worker ADD COLUMN key_name TEXT;
    DROP INDEX trial_board;
    CREATE INDEX trial_board ON trial(sweep_id, state, objective, deleted_ms);
    CREATE VIEW live_sweep AS SELECT * FROM sweep WHERE deleted_ms IS NULL;
    CREATE VIEW live_trial AS SELECT * FROM trial WHERE deleted_ms IS NULL;
    CREATE TABLE fold_scores(
      trial_id INTEGER NOT NULL, fold INTEGER NOT NULL, rung INTEGER NOT NULL,
      bins TEXT NOT NULL CHECK(json_valid(bins)),
      PRIMARY KEY(trial_id, fold, rung),
      FOREIGN KEY(trial_id, fold, rung) REFERENCES result(trial_id, fold, rung)) STRICT;
    CREATE TABLE dataset_flow(
      dataset_id INTEGER NOT NULL REFERENCES dataset(dataset_id), step INTEGER NOT NULL,
      reason TEXT NOT NULL, n INTEGER CHECK(n = 0 OR n >= 11),
      PRIMARY KEY(dataset_id, step)) STRICT, WITHOUT ROWID;
    CREATE TABLE dataset_column(
      dataset_id INTEGER NOT NULL REFERENCES dataset(dataset_id),
      part TEXT NOT NULL CHECK(part IN('tabular','sequence')), position INTEGER NOT NULL,
      name TEXT NOT NULL, item TEXT NOT NULL, unit TEXT NOT NULL, time_window TEXT NOT NULL, statistic TEXT NOT NULL,
      PRIMARY KEY(dataset_id, part, position)) STRICT, WITHOUT ROWID;
    CREATE TABLE imported_sweep(
      sweep_id INTEGER PRIMARY KEY REFERENCES sweep(sweep_id),
      tool TEXT NOT NULL CHECK(tool IN('optuna','mlflow','muster')), name_there TEXT NOT NULL,
      file TEXT NOT NULL, sha256 TEXT NOT NULL CHECK(length(sha256) = 64), imported_ms INTEGER NOT NULL) STRICT;
    """

  private static let viewsV7 = """
    DROP VIEW tags;
    CREATE VIEW tags AS
      SELECT s.name AS sweep, t.number AS trial, g.name, g.value, g.set_ms
      FROM tag g JOIN live_sweep s ON s.sweep_id = g.sweep_id LEFT JOIN trial t ON t.trial_id = g.trial_id
      WHERE t.deleted_ms IS NULL;
    DROP VIEW notes;
    CREATE VIEW notes AS
      SELECT s.name AS sweep, t.number AS trial, g.author, g.text,
        strftime('%Y-%m-%dT%H:%M:%SZ', g.at_ms / 1000, 'unixepoch') AS at
      FROM note g JOIN live_sweep s ON s.sweep_id = g.sweep_id LEFT JOIN trial t ON t.trial_id = g.trial_id
      WHERE t.deleted_ms IS NULL;
    CREATE VIEW deleted AS
      SELECT s.name AS sweep, NULL AS trial, (SELECT count(*) FROM trial t WHERE t.sweep_id = s.sweep_id) AS trials,
        strftime('%Y-%m-%dT%H:%M:%SZ', s.deleted_ms / 1000, 'unixepoch') AS at
      FROM sweep s WHERE s.deleted_ms IS NOT NULL
      UNION ALL SELECT s.name, t.number, 1, strftime('%Y-%m-%dT%H:%M:%SZ', t.deleted_ms / 1000, 'unixepoch')
      FROM trial t JOIN sweep s ON s.sweep_id = t.sweep_id WHERE t.deleted_ms IS NOT NULL AND s.deleted_ms IS NULL;
    CREATE VIEW score_bins AS
      SELECT s.name AS sweep, t.number AS trial, t.learner, f.fold, f.rung, j.key AS bin, j.value ->> 0 AS low,
        j.value ->> 1 AS n_rows, j.value ->> 2 AS predicted, (j.value ->> 3) * 1.0 / (j.value ->> 1) AS observed,
        t.sweep_id, t.trial_id
      FROM fold_scores f JOIN live_trial t ON t.trial_id = f.trial_id JOIN live_sweep s ON s.sweep_id = t.sweep_id,
        json_each(f.bins) j;
    CREATE VIEW cohort_flow AS
      SELECT d.name AS dataset, f.step, f.reason, f.n, d.digest AS dataset_sha256, d.dataset_id
      FROM dataset_flow f JOIN dataset d ON d.dataset_id = f.dataset_id;
    CREATE VIEW dataset_columns AS
      SELECT d.name AS dataset, c.part, c.position, c.name, c.item, c.unit, c.time_window, c.statistic,
        d.digest AS dataset_sha256, d.dataset_id
      FROM dataset_column c JOIN dataset d ON d.dataset_id = c.dataset_id;
    """
}
