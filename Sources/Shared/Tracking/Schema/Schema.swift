// SPDX-License-Identifier: Apache-2.0

import GRDB
import GRDBSQLite

/// What SQLite and which schema this program has.
package enum TrackerLibrary {
  package static let schema = Schema.version
  package static var version: String { String(cString: sqlite3_libversion()) }
  /// `->>` came with 3.38.
  package static var isNewEnough: Bool { sqlite3_libversion_number() >= 3_038_000 }
}

/// The tracker's tables and views. A migration, once released, is never edited: changes come as the next one.
enum Schema {
  /// "MUST" in ASCII: tells a tracker from other SQLite files.
  static let applicationID: Int32 = 0x4D55_5354
  static let version: Int32 = 8

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { database in
      try database.execute(sql: Self.tablesV1)
      try database.execute(sql: Self.viewsV1)
      try database.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = 1")
    }
    migrator.registerMigration("2") { database in
      try database.execute(sql: Self.checkpointsV2)
      try database.execute(sql: "PRAGMA user_version = 2")
    }
    migrator.registerMigration("3") { database in
      try database.execute(sql: Self.tablesV3)
      try database.execute(sql: Self.viewsV3)
      try database.execute(sql: Self.parametersV3)
      try database.execute(sql: "PRAGMA user_version = 3")
    }
    migrator.registerMigration("4") { database in
      try database.execute(sql: Self.requestsV4)
      try database.execute(sql: "PRAGMA user_version = 4")
    }
    migrator.registerMigration("5") { database in
      // They ran for each metric of each fold; the coordinator, the only writer, does it at a trial's end.
      try database.execute(sql: "DROP TRIGGER trial_metric_at_end; DROP TRIGGER trial_metric_late")
      try database.execute(sql: "PRAGMA user_version = 5")
    }
    migrator.registerMigration("6") { database in
      try database.execute(sql: Self.costV6)
      try database.execute(sql: "PRAGMA user_version = 6")
    }
    migrator.registerMigration("7") { database in
      try version7(database)
      try database.execute(sql: "PRAGMA user_version = 7")
    }
    migrator.registerMigration("8") { database in
      try version8(database)
      try database.execute(sql: "PRAGMA user_version = 8")
    }
    return migrator
  }

  /// Foreign keys always name their column: the short form leaves tools such as Datasette without it.
  private static let tablesV1 = """
    CREATE TABLE coordinator(
      one INTEGER PRIMARY KEY CHECK(one = 1),
      epoch INTEGER NOT NULL,
      host TEXT NOT NULL, pid INTEGER NOT NULL, started_ms INTEGER NOT NULL, code_version TEXT NOT NULL) STRICT;
    CREATE TABLE dataset(
      dataset_id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      digest TEXT NOT NULL UNIQUE CHECK(length(digest) = 64),
      source TEXT NOT NULL, outcome TEXT NOT NULL,
      n_rows INTEGER NOT NULL, n_patients INTEGER NOT NULL, n_columns INTEGER NOT NULL,
      prevalence REAL, path TEXT NOT NULL, created_ms INTEGER NOT NULL) STRICT;
    CREATE TABLE sweep(
      sweep_id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      outcome TEXT NOT NULL,
      dataset_id INTEGER NOT NULL REFERENCES dataset(dataset_id),
      metric TEXT NOT NULL,
      direction TEXT NOT NULL CHECK(direction IN('maximize','minimize')),
      cv_scheme TEXT NOT NULL, n_folds INTEGER NOT NULL, n_repeats INTEGER NOT NULL, cv_seed TEXT NOT NULL,
      sampler TEXT NOT NULL, seed TEXT NOT NULL,
      state TEXT NOT NULL CHECK(state IN('running','finished','stopped','failed')),
      spec TEXT NOT NULL CHECK(json_valid(spec)),
      spec_digest TEXT NOT NULL, code_version TEXT NOT NULL,
      created_ms INTEGER NOT NULL, finished_ms INTEGER,
      created_at TEXT GENERATED ALWAYS AS (strftime('%Y-%m-%dT%H:%M:%SZ', created_ms / 1000, 'unixepoch')) VIRTUAL) STRICT;
    CREATE TABLE trial(
      trial_id INTEGER PRIMARY KEY,
      sweep_id INTEGER NOT NULL REFERENCES sweep(sweep_id),
      number INTEGER NOT NULL,
      learner TEXT NOT NULL,
      params TEXT NOT NULL CHECK(json_valid(params)),
      state TEXT NOT NULL CHECK(state IN('running','completed','failed','pruned')),
      objective REAL, objective_sd REAL, ci_low REAL, ci_high REAL,
      folds_done INTEGER NOT NULL DEFAULT 0, reason TEXT,
      created_ms INTEGER NOT NULL, finished_ms INTEGER,
      UNIQUE(sweep_id, number)) STRICT;
    CREATE TABLE trial_param(
      trial_id INTEGER NOT NULL REFERENCES trial(trial_id),
      name TEXT NOT NULL,
      value ANY NOT NULL CHECK(typeof(value) IN('integer','real','text')),
      PRIMARY KEY(trial_id, name)) STRICT, WITHOUT ROWID;
    CREATE INDEX trial_param_name ON trial_param(name, value);
    CREATE TABLE worker(
      worker_id INTEGER PRIMARY KEY,
      incarnation TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
      code_version TEXT NOT NULL, machine TEXT NOT NULL,
      joined_ms INTEGER NOT NULL, left_ms INTEGER, left_reason TEXT) STRICT;
    CREATE TABLE attempt(
      attempt_id INTEGER PRIMARY KEY,
      trial_id INTEGER NOT NULL REFERENCES trial(trial_id),
      fold INTEGER NOT NULL, rung INTEGER NOT NULL,
      epoch INTEGER NOT NULL, number INTEGER NOT NULL,
      worker_id INTEGER REFERENCES worker(worker_id),
      state TEXT NOT NULL CHECK(state IN(
        'running','completed','failed','crashed','lost','drained','cancelled','superseded')),
      message TEXT NOT NULL DEFAULT '',
      started_ms INTEGER NOT NULL, ended_ms INTEGER,
      wall_ms INTEGER, cpu_ms INTEGER, rss_peak_bytes INTEGER,
      UNIQUE(epoch, number)) STRICT;
    CREATE INDEX attempt_task ON attempt(trial_id, fold, rung);
    CREATE TABLE result(
      trial_id INTEGER NOT NULL REFERENCES trial(trial_id),
      fold INTEGER NOT NULL, rung INTEGER NOT NULL,
      attempt_id INTEGER NOT NULL REFERENCES attempt(attempt_id),
      fingerprint INTEGER NOT NULL,
      best_step INTEGER NOT NULL, n_train INTEGER NOT NULL, n_valid INTEGER NOT NULL,
      recorded_ms INTEGER NOT NULL,
      PRIMARY KEY(trial_id, fold, rung)) STRICT, WITHOUT ROWID;
    CREATE TABLE metric(metric_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE fold_metric(
      trial_id INTEGER NOT NULL, fold INTEGER NOT NULL, rung INTEGER NOT NULL,
      metric_id INTEGER NOT NULL REFERENCES metric(metric_id),
      value REAL,
      PRIMARY KEY(trial_id, fold, rung, metric_id),
      FOREIGN KEY(trial_id, fold, rung) REFERENCES result(trial_id, fold, rung)) STRICT, WITHOUT ROWID;
    CREATE TABLE curve_point(
      trial_id INTEGER NOT NULL, fold INTEGER NOT NULL, rung INTEGER NOT NULL,
      metric_id INTEGER NOT NULL REFERENCES metric(metric_id),
      step INTEGER NOT NULL, value REAL,
      PRIMARY KEY(trial_id, fold, rung, metric_id, step),
      FOREIGN KEY(trial_id, fold, rung) REFERENCES result(trial_id, fold, rung)) STRICT, WITHOUT ROWID;
    CREATE TABLE artifact(
      trial_id INTEGER NOT NULL, fold INTEGER NOT NULL, rung INTEGER NOT NULL,
      kind TEXT NOT NULL CHECK(kind IN('predictions','model','checkpoint')),
      sha256 TEXT NOT NULL CHECK(length(sha256) = 64), bytes INTEGER NOT NULL,
      PRIMARY KEY(trial_id, fold, rung, kind),
      FOREIGN KEY(trial_id, fold, rung) REFERENCES result(trial_id, fold, rung)) STRICT, WITHOUT ROWID;
    CREATE TABLE quarantine(
      trial_id INTEGER NOT NULL REFERENCES trial(trial_id),
      fold INTEGER NOT NULL, rung INTEGER NOT NULL,
      reason TEXT NOT NULL, at_ms INTEGER NOT NULL,
      PRIMARY KEY(trial_id, fold, rung)) STRICT, WITHOUT ROWID;
    CREATE TABLE event(
      event_id INTEGER PRIMARY KEY AUTOINCREMENT,
      at_ms INTEGER NOT NULL,
      severity TEXT NOT NULL CHECK(severity IN('info','warning','error')),
      kind TEXT NOT NULL, subject TEXT NOT NULL, message TEXT NOT NULL) STRICT;
    CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT raise(ABORT, 'event is append-only'); END;
    CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT raise(ABORT, 'event is append-only'); END;
    """

  /// What people did to a running sweep. A quarantine with `lifted_after` is over: the task is tried again, and only attempts
  /// after that one count against it.
  private static let requestsV4 = """
    CREATE TABLE request(
      request_id INTEGER PRIMARY KEY,
      token TEXT NOT NULL UNIQUE CHECK(length(token) = 32),
      sweep_id INTEGER NOT NULL REFERENCES sweep(sweep_id),
      effect TEXT NOT NULL CHECK(effect IN('trial-added','trial-stopped','trial-retried','sweep-stopped','refused')),
      trial INTEGER, note TEXT NOT NULL, taken_ms INTEGER NOT NULL) STRICT;
    CREATE INDEX request_sweep ON request(sweep_id);
    ALTER TABLE quarantine ADD COLUMN lifted_after INTEGER CHECK(lifted_after >= 0);
    """

  /// What a trial cost is read from the index alone: 37,000 attempts are many pages, their index few.
  private static let costV6 = """
    DROP INDEX attempt_task;
    CREATE INDEX attempt_task ON attempt(trial_id, fold, rung, cpu_ms);
    """

  /// From which step an attempt went on: the work of the attempt before it that was not lost.
  private static let checkpointsV2 = """
    ALTER TABLE attempt ADD COLUMN resumed_step INTEGER CHECK(resumed_step >= 0);
    DROP VIEW v_attempt;
    CREATE VIEW v_attempt AS
      SELECT s.name AS sweep, t.number AS trial, t.learner, a.fold, a.rung, a.epoch, a.number, a.state, w.name AS worker,
        w.host, a.started_ms, a.ended_ms, (a.ended_ms - a.started_ms) / 1000.0 AS seconds, a.wall_ms, a.cpu_ms,
        a.rss_peak_bytes, a.message, a.resumed_step
      FROM attempt a JOIN trial t ON t.trial_id = a.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id
        LEFT JOIN worker w ON w.worker_id = a.worker_id;
    """

  private static let viewsV1 = """
    CREATE VIEW v_sweep AS
      SELECT s.sweep_id, s.name, s.outcome, s.state, s.metric, s.direction, d.name AS dataset, d.n_rows, d.n_patients,
        s.cv_scheme || ' ' || s.n_folds || 'x' || s.n_repeats AS cv, s.sampler,
        (SELECT count(*) FROM trial t WHERE t.sweep_id = s.sweep_id) AS trials,
        (SELECT count(*) FROM trial t WHERE t.sweep_id = s.sweep_id AND t.state = 'completed') AS completed,
        (SELECT count(*) FROM trial t WHERE t.sweep_id = s.sweep_id AND t.state = 'failed') AS failed,
        (SELECT count(*) FROM result r JOIN trial t ON t.trial_id = r.trial_id WHERE t.sweep_id = s.sweep_id) AS folds,
        (SELECT CASE s.direction WHEN 'maximize' THEN max(t.objective) ELSE min(t.objective) END
          FROM trial t WHERE t.sweep_id = s.sweep_id AND t.state = 'completed') AS best,
        s.created_at
      FROM sweep s JOIN dataset d ON d.dataset_id = s.dataset_id;
    CREATE VIEW v_fold AS
      SELECT t.sweep_id, s.name AS sweep, t.number AS trial, t.learner, m.fold, m.rung, n.name AS metric, m.value,
        r.best_step, r.n_train, r.n_valid, t.trial_id
      FROM fold_metric m JOIN metric n ON n.metric_id = m.metric_id
        JOIN result r ON r.trial_id = m.trial_id AND r.fold = m.fold AND r.rung = m.rung
        JOIN trial t ON t.trial_id = m.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id;
    CREATE VIEW v_metric AS
      SELECT trial_id, metric, count(value) AS folds, avg(value) AS mean,
        sqrt(max(0, sum((value - average) * (value - average))) / nullif(count(value) - 1, 0)) AS sd
      FROM (SELECT trial_id, metric, value, avg(value) OVER (PARTITION BY trial_id, metric) AS average FROM v_fold)
      GROUP BY trial_id, metric;
    CREATE VIEW v_leaderboard AS
      SELECT s.name AS sweep, row_number() OVER (PARTITION BY t.sweep_id ORDER BY
          t.objective IS NULL, CASE s.direction WHEN 'maximize' THEN -t.objective ELSE t.objective END, t.number) AS rank,
        t.number AS trial, t.learner, s.metric, t.objective, t.objective_sd AS sd, t.ci_low, t.ci_high,
        t.folds_done AS folds, t.params, t.reason, t.sweep_id, t.trial_id
      FROM trial t JOIN sweep s ON s.sweep_id = t.sweep_id WHERE t.state = 'completed';
    CREATE VIEW v_curve AS
      SELECT s.name AS sweep, t.number AS trial, t.learner, c.fold, c.rung, n.name AS metric, c.step, c.value
      FROM curve_point c JOIN metric n ON n.metric_id = c.metric_id
        JOIN trial t ON t.trial_id = c.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id;
    CREATE VIEW v_attempt AS
      SELECT s.name AS sweep, t.number AS trial, t.learner, a.fold, a.rung, a.epoch, a.number, a.state, w.name AS worker,
        w.host, a.started_ms, a.ended_ms, (a.ended_ms - a.started_ms) / 1000.0 AS seconds, a.wall_ms, a.cpu_ms,
        a.rss_peak_bytes, a.message
      FROM attempt a JOIN trial t ON t.trial_id = a.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id
        LEFT JOIN worker w ON w.worker_id = a.worker_id;
    CREATE VIEW v_worker AS
      SELECT w.worker_id, w.name, w.host, w.pid, w.machine, w.joined_ms, w.left_ms, w.left_reason,
        count(a.attempt_id) AS attempts, sum(a.state = 'completed') AS completed,
        sum(a.state IN('failed','crashed','lost')) AS ended_badly
      FROM worker w LEFT JOIN attempt a ON a.worker_id = w.worker_id GROUP BY w.worker_id;
    """
}
