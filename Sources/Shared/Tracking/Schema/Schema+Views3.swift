// SPDX-License-Identifier: Apache-2.0

extension Schema {
  /// The interface for people: columns may be added, none is renamed or taken away. docs/Tracker.md lists them all.
  static let viewsV3 = """
    CREATE VIEW sweeps AS
      SELECT s.name AS sweep, s.outcome, s.state, s.metric, s.direction, d.name AS dataset, d.n_rows, d.n_patients,
        s.cv_scheme, s.n_folds, s.n_repeats, s.sampler, c.trials, c.completed, c.pruned, c.failed, c.running,
        CASE s.direction WHEN 'maximize' THEN c.highest ELSE c.lowest END AS best,
        s.created_at AS created, strftime('%Y-%m-%dT%H:%M:%SZ', s.finished_ms / 1000, 'unixepoch') AS finished,
        (s.finished_ms - s.created_ms) / 1000.0 AS seconds, s.sweep_id
      FROM sweep s JOIN dataset d ON d.dataset_id = s.dataset_id
        LEFT JOIN (SELECT sweep_id, count(*) AS trials, sum(state = 'completed') AS completed, sum(state = 'pruned') AS pruned,
          sum(state = 'failed') AS failed, sum(state = 'running') AS running,
          max(objective) FILTER (WHERE state = 'completed') AS highest,
          min(objective) FILTER (WHERE state = 'completed') AS lowest
          FROM trial GROUP BY sweep_id) c ON c.sweep_id = s.sweep_id;
    CREATE VIEW leaderboard AS
      SELECT b.sweep, b.rank, b.trial, b.learner, b.metric, b.objective, b.sd, b.ci_low, b.ci_high, b.folds,
        (SELECT sum(a.cpu_ms) / 1000.0 FROM attempt a WHERE a.trial_id = b.trial_id) AS cpu_seconds,
        b.params, b.sweep_id, b.trial_id
      FROM (SELECT s.name AS sweep, rank() OVER (PARTITION BY t.sweep_id ORDER BY
          t.objective IS NULL, CASE s.direction WHEN 'maximize' THEN -t.objective ELSE t.objective END) AS rank,
          t.number AS trial, t.learner, s.metric, t.objective, t.objective_sd AS sd, t.ci_low, t.ci_high,
          t.folds_done AS folds, t.params, t.sweep_id, t.trial_id
        FROM trial t JOIN sweep s ON s.sweep_id = t.sweep_id WHERE t.state = 'completed') b;
    CREATE VIEW trials AS
      SELECT s.name AS sweep, t.number AS trial, t.learner, t.state, s.metric, t.objective, t.objective_sd AS sd, t.ci_low,
        t.ci_high, t.folds_done AS folds, t.reason,
        strftime('%Y-%m-%dT%H:%M:%SZ', t.created_ms / 1000, 'unixepoch') AS created,
        strftime('%Y-%m-%dT%H:%M:%SZ', t.finished_ms / 1000, 'unixepoch') AS finished,
        (t.finished_ms - t.created_ms) / 1000.0 AS seconds, t.params, t.sweep_id, t.trial_id
      FROM trial t JOIN sweep s ON s.sweep_id = t.sweep_id;
    CREATE VIEW trial_metrics AS
      SELECT s.name AS sweep, t.number AS trial, t.learner, n.name AS metric, m.mean, m.sd, m.folds, m.trial_id
      FROM trial_metric m JOIN metric n ON n.metric_id = m.metric_id
        JOIN trial t ON t.trial_id = m.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id;
    CREATE VIEW fold_results AS
      SELECT s.name AS sweep, t.number AS trial, t.learner, r.fold, r.rung, s.metric, m.value, r.best_step, r.n_train,
        r.n_valid, a.wall_ms / 1000.0 AS wall_seconds, a.cpu_ms / 1000.0 AS cpu_seconds,
        a.rss_peak_bytes / 1048576.0 AS rss_peak_mib, a.resumed_step, w.name AS worker, w.host,
        strftime('%Y-%m-%dT%H:%M:%SZ', r.recorded_ms / 1000, 'unixepoch') AS recorded, t.sweep_id, t.trial_id
      FROM result r JOIN trial t ON t.trial_id = r.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id
        LEFT JOIN attempt a ON a.attempt_id = r.attempt_id LEFT JOIN worker w ON w.worker_id = a.worker_id
        LEFT JOIN metric n ON n.name = s.metric
        LEFT JOIN fold_metric m ON m.trial_id = r.trial_id AND m.fold = r.fold AND m.rung = r.rung
          AND m.metric_id = n.metric_id;
    CREATE VIEW fold_metrics AS
      SELECT s.name AS sweep, t.number AS trial, t.learner, m.fold, m.rung, n.name AS metric, m.value, m.trial_id
      FROM fold_metric m JOIN metric n ON n.metric_id = m.metric_id
        JOIN trial t ON t.trial_id = m.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id;
    CREATE VIEW fold_differences AS
      SELECT s.name AS sweep, a.number AS trial_a, b.number AS trial_b, n.name AS metric, x.fold, x.rung, x.value AS value_a,
        y.value AS value_b, x.value - y.value AS difference, r.n_train, r.n_valid
      FROM sweep s JOIN trial a ON a.sweep_id = s.sweep_id JOIN trial b ON b.sweep_id = s.sweep_id
        JOIN fold_metric x ON x.trial_id = a.trial_id JOIN metric n ON n.metric_id = x.metric_id
        JOIN fold_metric y ON y.trial_id = b.trial_id AND y.fold = x.fold AND y.rung = x.rung AND y.metric_id = x.metric_id
        JOIN result r ON r.trial_id = x.trial_id AND r.fold = x.fold AND r.rung = x.rung;
    CREATE VIEW learning_curves AS
      SELECT s.name AS sweep, t.number AS trial, t.learner, t.state, c.fold, c.rung, n.name AS metric, c.step, c.value, c.trial_id
      FROM curve_point c JOIN metric n ON n.metric_id = c.metric_id
        JOIN trial t ON t.trial_id = c.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id;
    CREATE VIEW attempts AS
      SELECT s.name AS sweep, t.number AS trial, t.learner, a.fold, a.rung, a.state, a.message, w.name AS worker, w.host,
        a.started_ms, a.ended_ms, (a.ended_ms - a.started_ms) / 1000.0 AS seconds, a.wall_ms / 1000.0 AS wall_seconds,
        a.cpu_ms / 1000.0 AS cpu_seconds, a.rss_peak_bytes / 1048576.0 AS rss_peak_mib, a.resumed_step, a.epoch, a.number,
        a.trial_id, a.attempt_id
      FROM attempt a JOIN trial t ON t.trial_id = a.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id
        LEFT JOIN worker w ON w.worker_id = a.worker_id;
    CREATE VIEW worker_timeline AS
      SELECT w.name AS worker, w.host, strftime('%Y-%m-%dT%H:%M:%fZ', a.started_ms / 1000.0, 'unixepoch') AS started,
        strftime('%Y-%m-%dT%H:%M:%fZ', a.ended_ms / 1000.0, 'unixepoch') AS ended,
        (a.ended_ms - a.started_ms) / 1000.0 AS seconds, a.state, s.name AS sweep, t.number AS trial, a.fold, a.rung,
        a.started_ms, a.ended_ms, w.worker_id
      FROM attempt a JOIN worker w ON w.worker_id = a.worker_id JOIN trial t ON t.trial_id = a.trial_id
        JOIN sweep s ON s.sweep_id = t.sweep_id;
    CREATE VIEW workers AS
      SELECT w.name AS worker, w.host, w.machine, w.code_version, w.joined_ms, w.left_ms, w.left_reason,
        coalesce(a.attempts, 0) AS attempts, coalesce(a.completed, 0) AS completed, coalesce(a.ended_badly, 0) AS ended_badly,
        a.busy_ms / 1000.0 AS busy_seconds,
        100.0 * a.busy_ms / nullif(coalesce(w.left_ms, a.last_ms) - w.joined_ms, 0) AS busy_percent, w.worker_id
      FROM worker w LEFT JOIN (SELECT worker_id, count(*) AS attempts, sum(state = 'completed') AS completed,
          sum(state IN('failed', 'crashed', 'lost')) AS ended_badly, sum(ended_ms - started_ms) AS busy_ms,
          max(ended_ms) AS last_ms FROM attempt GROUP BY worker_id) a ON a.worker_id = w.worker_id;
    CREATE VIEW lineage AS
      SELECT s.name AS sweep, t.number AS trial, r.fold, r.rung, d.name AS dataset, d.digest AS dataset_sha256,
        s.spec_digest AS spec_sha256, s.seed, s.cv_scheme, s.n_folds, s.n_repeats, s.cv_seed,
        s.code_version AS coordinator_version, w.code_version AS worker_version, w.machine, w.host,
        f.kind AS artifact, f.sha256 AS artifact_sha256, f.bytes AS artifact_bytes, t.trial_id
      FROM result r JOIN trial t ON t.trial_id = r.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id
        JOIN dataset d ON d.dataset_id = s.dataset_id JOIN attempt a ON a.attempt_id = r.attempt_id
        LEFT JOIN worker w ON w.worker_id = a.worker_id
        LEFT JOIN artifact f ON f.trial_id = r.trial_id AND f.fold = r.fold AND f.rung = r.rung;
    CREATE VIEW events AS
      SELECT e.event_id, strftime('%Y-%m-%dT%H:%M:%fZ', e.at_ms / 1000.0, 'unixepoch') AS at, e.severity, e.kind, e.subject,
        e.message FROM event e;
    CREATE VIEW tags AS
      SELECT s.name AS sweep, t.number AS trial, g.name, g.value, g.set_ms
      FROM tag g JOIN sweep s ON s.sweep_id = g.sweep_id LEFT JOIN trial t ON t.trial_id = g.trial_id;
    CREATE VIEW notes AS
      SELECT s.name AS sweep, t.number AS trial, g.author, g.text,
        strftime('%Y-%m-%dT%H:%M:%SZ', g.at_ms / 1000, 'unixepoch') AS at
      FROM note g JOIN sweep s ON s.sweep_id = g.sweep_id LEFT JOIN trial t ON t.trial_id = g.trial_id;
    """

  /// A column for each parameter of any learner; NULL where a learner has none of that name.
  static let parametersV3 = """
    CREATE VIEW trial_parameters AS
      SELECT s.name AS sweep, t.number AS trial, t.learner, t.state, t.objective,
        t.params ->> '$.attention' AS attention, t.params ->> '$.batch' AS batch,
        t.params ->> '$.bidirectional' AS bidirectional, t.params ->> '$.bins' AS bins,
        t.params ->> '$.bins_from' AS bins_from, t.params ->> '$.column_sample' AS column_sample,
        t.params ->> '$.decay' AS decay, t.params ->> '$.drop_rate' AS drop_rate, t.params ->> '$.drop_skip' AS drop_skip,
        t.params ->> '$.dropout' AS dropout, t.params ->> '$.epochs' AS epochs,
        t.params ->> '$.focal_gamma' AS focal_gamma, t.params ->> '$.goss_rest' AS goss_rest,
        t.params ->> '$.goss_top' AS goss_top, t.params ->> '$.gradient_clip' AS gradient_clip,
        t.params ->> '$.growth' AS growth, t.params ->> '$.hidden' AS hidden, t.params ->> '$.imbalance' AS imbalance,
        t.params ->> '$.imbalance_ratio' AS imbalance_ratio, t.params ->> '$.iterations' AS iterations,
        t.params ->> '$.l1' AS l1, t.params ->> '$.l2' AS l2, t.params ->> '$.layer_norm' AS layer_norm,
        t.params ->> '$.layers' AS layers, t.params ->> '$.learning_rate' AS learning_rate,
        t.params ->> '$.leaves' AS leaves, t.params ->> '$.loss' AS loss, t.params ->> '$.max_depth' AS max_depth,
        t.params ->> '$.mean_decay' AS mean_decay, t.params ->> '$.min_gain' AS min_gain,
        t.params ->> '$.min_hessian' AS min_hessian, t.params ->> '$.min_leaf' AS min_leaf,
        t.params ->> '$.patience' AS patience, t.params ->> '$.positive_weight' AS positive_weight,
        t.params ->> '$.quantile' AS quantile, t.params ->> '$.rate_schedule' AS rate_schedule,
        t.params ->> '$.sampling' AS sampling, t.params ->> '$.schedule' AS schedule,
        t.params ->> '$.smote_neighbours' AS smote_neighbours, t.params ->> '$.stop_metric' AS stop_metric,
        t.params ->> '$.stop_on' AS stop_on,
        t.params ->> '$.subsample' AS subsample, t.params ->> '$.time_encoding' AS time_encoding,
        t.params ->> '$.tolerance' AS tolerance, t.params ->> '$.trees' AS trees,
        t.params ->> '$.tweedie_power' AS tweedie_power, t.params ->> '$.variational_dropout' AS variational_dropout,
        t.params ->> '$.warmup' AS warmup, t.params ->> '$.weight_decay' AS weight_decay,
        t.sweep_id, t.trial_id
      FROM trial t JOIN sweep s ON s.sweep_id = t.sweep_id;
    """
}
