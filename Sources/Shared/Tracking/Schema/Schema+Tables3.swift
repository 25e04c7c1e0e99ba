// SPDX-License-Identifier: Apache-2.0

extension Schema {
  /// What people add (tags, notes), each trial's metrics over its folds, so that no reader averages them anew, and indices for
  /// the questions of docs/Tracker.md.
  ///
  /// Triggers keep `trial_metric`: it is written when a trial ends, and again for a fold that comes after that. Folds are
  /// read in the order of their key, so the mean is the same whichever came first.
  static let tablesV3 = """
    CREATE TABLE trial_metric(
      trial_id INTEGER NOT NULL REFERENCES trial(trial_id),
      metric_id INTEGER NOT NULL REFERENCES metric(metric_id),
      folds INTEGER NOT NULL, mean REAL, sd REAL,
      PRIMARY KEY(trial_id, metric_id)) STRICT, WITHOUT ROWID;
    CREATE TABLE student_t(df INTEGER PRIMARY KEY, t975 REAL NOT NULL) STRICT;
    INSERT INTO student_t(df, t975) VALUES
      (1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (6, 2.447), (7, 2.365), (8, 2.306), (9, 2.262),
      (10, 2.228), (11, 2.201), (12, 2.179), (13, 2.160), (14, 2.145), (15, 2.131), (16, 2.120), (17, 2.110), (18, 2.101),
      (19, 2.093), (20, 2.086), (21, 2.080), (22, 2.074), (23, 2.069), (24, 2.064), (25, 2.060), (26, 2.056), (27, 2.052),
      (28, 2.048), (29, 2.045), (30, 2.042), (40, 2.021), (60, 2.000), (120, 1.980), (1000, 1.962);
    CREATE TABLE tag(
      tag_id INTEGER PRIMARY KEY,
      sweep_id INTEGER NOT NULL REFERENCES sweep(sweep_id),
      trial_id INTEGER REFERENCES trial(trial_id),
      name TEXT NOT NULL CHECK(length(name) BETWEEN 1 AND 100), value TEXT NOT NULL CHECK(length(value) <= 1000),
      set_ms INTEGER NOT NULL) STRICT;
    CREATE UNIQUE INDEX tag_name ON tag(sweep_id, ifnull(trial_id, 0), name);
    CREATE TABLE note(
      note_id INTEGER PRIMARY KEY,
      sweep_id INTEGER NOT NULL REFERENCES sweep(sweep_id),
      trial_id INTEGER REFERENCES trial(trial_id),
      author TEXT NOT NULL, text TEXT NOT NULL CHECK(length(text) BETWEEN 1 AND 10000),
      at_ms INTEGER NOT NULL) STRICT;
    CREATE INDEX note_sweep ON note(sweep_id, trial_id);
    CREATE INDEX trial_board ON trial(sweep_id, state, objective);
    CREATE INDEX attempt_worker ON attempt(worker_id, started_ms, ended_ms, state);
    CREATE INDEX fold_metric_score ON fold_metric(metric_id, trial_id, fold, rung, value);
    CREATE INDEX attempt_bad ON attempt(state, trial_id) WHERE state <> 'completed';
    CREATE INDEX artifact_sha256 ON artifact(sha256);
    INSERT INTO trial_metric SELECT trial_id, metric_id, count(value), avg(value),
      sqrt(sum((value - average) * (value - average)) / nullif(count(value) - 1, 0))
      FROM (SELECT m.trial_id, m.metric_id, m.value, avg(m.value) OVER (PARTITION BY m.trial_id, m.metric_id) AS average
        FROM fold_metric m JOIN trial t ON t.trial_id = m.trial_id WHERE t.state <> 'running')
      GROUP BY trial_id, metric_id;
    CREATE TRIGGER trial_metric_at_end AFTER UPDATE OF state ON trial WHEN NEW.state <> 'running' BEGIN
      DELETE FROM trial_metric WHERE trial_id = NEW.trial_id;
      INSERT INTO trial_metric SELECT m.trial_id, m.metric_id, count(m.value), a.average,
        sqrt(sum((m.value - a.average) * (m.value - a.average)) / nullif(count(m.value) - 1, 0))
        FROM fold_metric m JOIN (SELECT metric_id, avg(value) AS average FROM fold_metric
          WHERE trial_id = NEW.trial_id GROUP BY metric_id) a ON a.metric_id = m.metric_id
        WHERE m.trial_id = NEW.trial_id GROUP BY m.metric_id;
    END;
    CREATE TRIGGER trial_metric_late AFTER INSERT ON fold_metric
    WHEN (SELECT state FROM trial WHERE trial_id = NEW.trial_id) <> 'running' BEGIN
      DELETE FROM trial_metric WHERE trial_id = NEW.trial_id AND metric_id = NEW.metric_id;
      INSERT INTO trial_metric SELECT m.trial_id, m.metric_id, count(m.value), a.average,
        sqrt(sum((m.value - a.average) * (m.value - a.average)) / nullif(count(m.value) - 1, 0))
        FROM fold_metric m JOIN (SELECT avg(value) AS average FROM fold_metric
          WHERE trial_id = NEW.trial_id AND metric_id = NEW.metric_id) a
        WHERE m.trial_id = NEW.trial_id AND m.metric_id = NEW.metric_id;
    END;
    """
}
