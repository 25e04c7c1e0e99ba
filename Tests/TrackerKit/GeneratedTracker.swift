// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Tracking

/// A tracker of any size, made in SQL: two sweeps over one data set, all three learners, pruned and failed trials, lost and
/// drained attempts, a slow worker (w5), an old one (w7), tags and a note.
package enum GeneratedTracker {
  package static func fill(_ path: String, trials: Int, steps: Int) throws {
    try TrackerStore(path: path, codeVersion: "0.1.0", at: 0).close()
    let queue = try DatabaseQueue(path: path)
    try queue.write { database in
      let sql = (lists + folds + scores + states + ends)
        .replacingOccurrences(of: ":trials", with: "\(trials)").replacingOccurrences(of: ":steps", with: "\(steps)")
      try database.execute(sql: sql)
    }
    try queue.close()
  }

  /// As many as a real trial has: a learner's defaults are written out.
  private static let defaults = """
    json_object('bins', 255, 'bins_from', 'fold', 'column_sample', 1.0, 'drop_rate', 0.0, 'drop_skip', 0.5, 'goss_rest', 0.1,
      'goss_top', 0.2, 'growth', 'leaf', 'imbalance', 'none', 'imbalance_ratio', 1.0, 'loss', 'standard', 'max_depth', 0,
      'min_bin_rows', 3, 'min_gain', 0.0, 'min_hessian', 0.001, 'min_leaf', 20, 'patience', 25, 'positive_weight', 1.0,
      'quantile', 0.5, 'rate_schedule', 'constant', 'sampling', 'uniform', 'smote_neighbours', 5, 'stop_on', 'loss',
      'subsample', 1.0, 'trees', 150, 'tweedie_power', 1.5)
    """

  private static let lists = """
    INSERT INTO dataset(name, digest, source, outcome, n_rows, n_patients, n_columns, prevalence, path, created_ms)
    VALUES('readmission_30d', printf('%064x', 7), 'synthetic', 'readmission_30d', 40000, 30000, 120, 0.11, 'datasets/readmission_30d', 0);
    INSERT INTO sweep(name, outcome, dataset_id, metric, direction, cv_scheme, n_folds, n_repeats, cv_seed, sampler, seed, state,
      spec, spec_digest, code_version, created_ms, finished_ms)
    SELECT column1, 'readmission_30d', 1, 'valid/auroc', 'maximize', 'stratified-grouped', 5, 1, '17', column2, '1', 'finished',
      '{"space":{}}', printf('%064x', 9), '0.1.0', 1000000, 90000000 FROM (VALUES('readmission', 'tpe'), ('readmission-random', 'random'));
    INSERT INTO metric(metric_id, name) VALUES (1, 'valid/auroc'), (2, 'valid/auprc'), (3, 'valid/brier'), (4, 'valid/ece'),
      (5, 'valid/logloss'), (6, 'train/loss'), (7, 'inner/loss');
    INSERT INTO worker(incarnation, name, host, pid, code_version, machine, joined_ms, left_ms, left_reason)
    WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM n WHERE i < 15)
    SELECT printf('%032x', i), 'w' || i, 'node' || (i / 4), 100 + i, iif(i = 7, '0.0.9', '0.1.0'), 'cpu', 1000000, 90000000, 'goodbye' FROM n;
    INSERT INTO trial(sweep_id, number, learner, params, state, created_ms)
    WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM n WHERE i < :trials - 1)
    SELECT 1 + (i * 10 >= :trials * 9), iif(i * 10 >= :trials * 9, i - (:trials * 9 + 9) / 10, i),
      CASE i % 3 WHEN 0 THEN 'booster' WHEN 1 THEN 'lstm' ELSE 'linear' END,
      (SELECT json_group_object(key, value) FROM (SELECT key, value FROM json_each(json_patch(\(defaults), CASE i % 3 WHEN 0 THEN json_object('l2', 1.0, 'learning_rate', 0.01 * (1 + i % 20), 'leaves', 7 + i % 50)
        WHEN 1 THEN json_object('hidden', 16 * (1 + i % 8), 'learning_rate', 0.001 * (1 + i % 17))
        ELSE json_object('l1', 0.0, 'l2', 0.001 * (1 + i % 100)) END)) ORDER BY key)),
      'running', 1000000 + i * 1000 FROM n;
    INSERT INTO trial_param SELECT trial_id, key, atom FROM trial, json_each(params);

    """
  private static let folds = """
    INSERT INTO attempt(trial_id, fold, rung, epoch, number, worker_id, state, message, started_ms, ended_ms, wall_ms, cpu_ms,
      rss_peak_bytes, resumed_step)
    WITH f(fold) AS (VALUES (0), (1), (2), (3), (4))
    SELECT trial_id, fold, 0, 1, trial_id * 100 + fold, 1 + trial_id % 16, 'completed', '', created_ms + fold * 100,
      created_ms + fold * 100 + 400 + trial_id * 7 % 90 + 300 * (trial_id % 16 = 5), 400, 390 + trial_id * 7 % 90, 200000000, 0
    FROM trial, f WHERE trial_id % 4 > 0 OR fold < 1 + trial_id / 4 % 3;
    INSERT INTO attempt(trial_id, fold, rung, epoch, number, worker_id, state, message, started_ms, ended_ms)
    SELECT trial_id, 0, 0, 1, trial_id * 100 + 50, 1 + trial_id * 3 % 16, CASE trial_id / 20 % 3 WHEN 0 THEN 'lost'
      WHEN 1 THEN 'drained' ELSE 'failed' END, 'node went away', created_ms - 900, created_ms - 100
    FROM trial WHERE trial_id % 20 = 0;
    INSERT INTO result SELECT trial_id, fold, rung, attempt_id, attempt_id, 60, 32000, 8000, ended_ms FROM attempt
    WHERE state = 'completed' ORDER BY trial_id, fold;
    INSERT INTO fold_metric SELECT r.trial_id, r.fold, r.rung, m.metric_id,
      CASE m.metric_id WHEN 1 THEN 0.7 WHEN 2 THEN 0.3 WHEN 3 THEN 0.09 WHEN 4 THEN 0.02 ELSE 0.3 END
      + 0.0001 * (r.trial_id * 7919 % 400) + 0.002 * r.fold + 0.00001 * ((r.trial_id * 31 + r.fold * 17) * 104729 % 500)
    FROM result r, metric m WHERE m.metric_id <= 5;
    INSERT INTO curve_point
    WITH RECURSIVE s(step) AS (VALUES(1) UNION ALL SELECT step + 1 FROM s WHERE step < :steps)
    SELECT r.trial_id, r.fold, r.rung, 7, step, 0.3 + 0.4 / step + 0.0001 * (r.trial_id % 7) FROM result r, s;
    INSERT INTO artifact SELECT trial_id, fold, rung, 'predictions', printf('%064x', attempt_id), 64000 FROM result;
    INSERT INTO event(at_ms, severity, kind, subject, message)
    SELECT started_ms, 'warning', 'lease-' || state, trial_id || '/' || fold, message FROM attempt WHERE state <> 'completed';

    """
  /// Twelve bins a result: more positives the higher the score.
  private static let scores = """
    INSERT INTO fold_scores
    WITH RECURSIVE b(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM b WHERE i < 11)
    SELECT r.trial_id, r.fold, r.rung, json_group_array(json_array(i / 16.0, 8000 / (12 + i),
      (i + 0.5) / 16.0, 11 + (8000 / (12 + i)) * i / (14 + (r.trial_id + r.fold) % 7)))
    FROM result r, b GROUP BY r.trial_id, r.fold, r.rung;
    INSERT INTO dataset_flow VALUES(1, 0, 'admissions', 58976), (1, 1, 'died in hospital', 5854), (1, 2, 'newborns', NULL), (1, 3, 'rows', 40000);
    INSERT INTO dataset_column VALUES(1, 'tabular', 0, 'age', 'PATIENTS.DOB', 'years', 'at admission', 'value'),
      (1, 'tabular', 1, 'potassium_mean_24h', 'potassium (LABEVENTS 50971)', 'mmol/L', 'last 24 h', 'mean'),
      (1, 'sequence', 0, 'heart_rate', 'heart rate (CHARTEVENTS 211)', '1/min', 'hour', 'mean');

    """
  private static let states = """
    UPDATE trial SET state = iif(trial_id % 4 = 0, 'pruned', iif(trial_id % 101 = 0, 'failed', 'completed')), finished_ms = created_ms + 900,
      reason = iif(trial_id % 4 = 0, 'worse than the median', NULL),
      folds_done = (SELECT count(*) FROM result r WHERE r.trial_id = trial.trial_id);

    """
  private static let ends = """
    INSERT OR REPLACE INTO trial_metric SELECT trial_id, metric_id, count(value), avg(value),
      sqrt(sum((value - average) * (value - average)) / nullif(count(value) - 1, 0))
      FROM (SELECT trial_id, metric_id, value, avg(value) OVER (PARTITION BY trial_id, metric_id) AS average FROM fold_metric)
      GROUP BY trial_id, metric_id;
    UPDATE trial SET objective = (SELECT mean FROM trial_metric m WHERE m.trial_id = trial.trial_id AND metric_id = 1),
      objective_sd = (SELECT sd FROM trial_metric m WHERE m.trial_id = trial.trial_id AND metric_id = 1) WHERE state = 'completed';
    UPDATE trial SET ci_low = objective - 0.01, ci_high = objective + 0.01 WHERE state = 'completed';
    INSERT OR REPLACE INTO sweep_total SELECT t.sweep_id, count(*), sum(state = 'completed'), sum(state = 'pruned'),
      sum(state = 'failed'), sum(state = 'running'), sum((SELECT count(*) FROM result r WHERE r.trial_id = t.trial_id)),
      sum((SELECT coalesce(sum(cpu_ms), 0) FROM attempt a WHERE a.trial_id = t.trial_id)),
      max((SELECT max(recorded_ms) FROM result r WHERE r.trial_id = t.trial_id)) FROM trial t GROUP BY t.sweep_id;
    INSERT INTO tag(sweep_id, trial_id, name, value, set_ms) VALUES(1, NULL, 'paper', 'table 2', 5), (1, 2, 'reviewed', 'yes', 6);
    INSERT INTO note(sweep_id, trial_id, author, text, at_ms) VALUES(1, 2, 'ada', 'calibration looks right', 7);

    """
}
