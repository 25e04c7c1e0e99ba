// SPDX-License-Identifier: Apache-2.0

import GRDB

extension TrackerReader {
  /// A sweep as an experiment of MLflow: a run a trial with the mean of its folds' curves, a nested run a fold.
  ///
  /// Where MLflow would keep files is named as its server names it: its page fails on an experiment without.
  /// Pruned trials are KILLED with a tag, for MLflow knows no such state. The file is for one tool: MLflow brings it to its own
  /// schema when it opens it.
  package func exportMLflow(
    _ sweep: SweepSummary, to path: String, progress: @escaping (Int) -> Void = { _ in }
  ) throws(TrackerError) {
    try ExportFile.write(path, from: self, progress: progress) { file in
      try file.run(MLflowSchema.tables)
      try file.run("INSERT INTO alembic_version VALUES(?)", [MLflowSchema.revision])
      for step in MLflowQueries.all { try file.copy(into: step.table, step.query, ["sweep": sweep.id]) }
      try file.run(MLflowQueries.latest)
    }
  }
}

/// What goes into which of MLflow's tables.
private enum MLflowQueries {
  struct Step {
    let table: String
    let query: String
  }

  /// 32 hex digits that follow from the sweep's question: 16 of its digest, 8 of the trial, 8 of the fold (0: the trial).
  static let base = "substr(s.spec_digest || '0000000000000000', 1, 16) || printf('%08x', t.number)"
  static let trialRun = base + " || '00000000'"
  static let foldRun = base + " || printf('%08x', 1 + r.fold + 65536 * r.rung)"
  static let ofTrials = "FROM trial t JOIN sweep s ON s.sweep_id = t.sweep_id"
  static let ofFolds = "FROM result r JOIN trial t ON t.trial_id = r.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id"
  static let here = "WHERE t.sweep_id = :sweep"

  /// As it was bound: the JSON's text would be read by SQLite, which may miss the last bit.
  private static let parameterValue =
    "(SELECT p.value FROM trial_param p WHERE p.trial_id = t.trial_id AND p.name = j.key)"

  static let all = runs + tags + metrics + data

  private static let runs = [
    Step(
      table: "experiments",
      query: """
        SELECT 1, name, 'mlflow-artifacts:/1', 'active', created_ms, coalesce(finished_ms, created_ms) FROM sweep WHERE sweep_id = :sweep
        """),
    Step(
      table: "experiment_tags",
      query: """
        SELECT 'mlflow.note.content', outcome || ': ' || metric || ', ' || direction || 'd over ' || n_folds || 'x' || n_repeats
          || ' folds. Exported from Muster ' || code_version || '.', 1 FROM sweep WHERE sweep_id = :sweep
        UNION ALL SELECT 'muster.' || name, substr(value, 1, 5000), 1 FROM tag
          WHERE sweep_id = :sweep AND trial_id IS NULL AND name NOT IN('metric', 'direction', 'outcome', 'version', 'dataset_sha256')
        UNION ALL SELECT 'muster.' || j.key, j.value, 1 FROM sweep s JOIN dataset d ON d.dataset_id = s.dataset_id,
          json_each(json_object('metric', s.metric, 'direction', s.direction, 'outcome', s.outcome, 'version', s.code_version,
            'dataset_sha256', d.digest)) j WHERE s.sweep_id = :sweep
        """),
    Step(
      table: "runs",
      query: """
        SELECT \(trialRun), '#' || t.number || ' ' || t.learner, 'LOCAL', 'muster', '', 'muster',
          CASE t.state WHEN 'completed' THEN 'FINISHED' WHEN 'pruned' THEN 'KILLED' WHEN 'failed' THEN 'FAILED'
            ELSE 'RUNNING' END,
          t.created_ms, t.finished_ms, substr(s.code_version, 1, 50), 'active', 'mlflow-artifacts:/1/' || \(trialRun) || '/artifacts', 1, NULL \(ofTrials) \(here)
        """),
    Step(
      table: "runs",
      query: """
        SELECT \(foldRun), '#' || t.number || ' fold ' || r.fold, 'LOCAL', 'muster', '', 'muster', 'FINISHED',
          a.started_ms, a.ended_ms, substr(s.code_version, 1, 50), 'active', 'mlflow-artifacts:/1/' || \(foldRun) || '/artifacts', 1, NULL
        \(ofFolds) JOIN attempt a ON a.attempt_id = r.attempt_id \(here)
        """),
    Step(
      table: "params",
      query: """
        SELECT j.key, substr(CASE j.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'
            WHEN 'real' THEN \(exactText(parameterValue)) ELSE CAST(j.value AS TEXT) END,
          1, 500), \(trialRun) \(ofTrials), json_each(t.params) j \(here)
        UNION ALL SELECT 'learner', t.learner, \(trialRun) \(ofTrials) \(here)
        """),
  ]

  private static let tags = [
    Step(
      table: "tags",
      query: """
        SELECT 'mlflow.runName', '#' || t.number || ' ' || t.learner, \(trialRun) \(ofTrials) \(here)
        UNION ALL SELECT 'mlflow.source.name', 'muster', \(trialRun) \(ofTrials) \(here)
        UNION ALL SELECT 'mlflow.source.type', 'LOCAL', \(trialRun) \(ofTrials) \(here)
        UNION ALL SELECT 'muster.state', t.state, \(trialRun) \(ofTrials) \(here)
        UNION ALL SELECT 'muster.reason', t.reason, \(trialRun) \(ofTrials) \(here) AND t.reason IS NOT NULL
        UNION ALL SELECT 'muster.' || g.name, g.value, \(trialRun) \(ofTrials) JOIN tag g ON g.trial_id = t.trial_id \(here)
          AND g.name NOT IN('state', 'reason')
        UNION ALL SELECT 'mlflow.note.content', substr(group_concat(n.author || ': ' || n.text, char(10) || char(10)), 1, 5000),
          \(trialRun) \(ofTrials) JOIN note n ON n.trial_id = t.trial_id \(here) GROUP BY t.trial_id
        """),
    Step(
      table: "tags",
      query: """
        SELECT 'mlflow.runName', '#' || t.number || ' fold ' || r.fold, \(foldRun) \(ofFolds) \(here)
        UNION ALL SELECT 'mlflow.parentRunId', \(trialRun), \(foldRun) \(ofFolds) \(here)
        UNION ALL SELECT 'muster.fold', r.fold, \(foldRun) \(ofFolds) \(here)
        UNION ALL SELECT 'muster.worker', w.name || ' on ' || w.host, \(foldRun) \(ofFolds)
          JOIN attempt a ON a.attempt_id = r.attempt_id JOIN worker w ON w.worker_id = a.worker_id \(here)
        UNION ALL SELECT 'muster.' || f.kind || '_sha256', f.sha256, \(foldRun) \(ofFolds)
          JOIN artifact f ON f.trial_id = r.trial_id AND f.fold = r.fold AND f.rung = r.rung \(here)
        """),
  ]

  /// Undefined values are what MLflow keeps for a NaN: 0, marked.
  private static let metrics: [Step] = {
    func columns(_ key: String, _ value: String, _ time: String, _ run: String, _ step: String) -> String {
      "\(key), coalesce(\(value), 0), \(time), \(run), \(step), \(value) IS NULL"
    }
    let time = "coalesce(t.finished_ms, t.created_ms)"
    let ofMetrics = "JOIN trial_metric m ON m.trial_id = t.trial_id JOIN metric n ON n.metric_id = m.metric_id"
    let ofCurves = """
      JOIN curve_point c ON c.trial_id = r.trial_id AND c.fold = r.fold AND c.rung = r.rung
      JOIN metric n ON n.metric_id = c.metric_id
      """
    // A final value of that name has the name; its curve is told apart.
    let curveKey = "n.name || iif(EXISTS(SELECT 1 FROM fold_metric f WHERE f.metric_id = n.metric_id), '_curve', '')"
    let queries = [
      "SELECT \(columns("n.name", "m.mean", time, trialRun, "0")) \(ofTrials) \(ofMetrics) \(here)",
      "SELECT \(columns("n.name || '_sd'", "m.sd", time, trialRun, "0")) \(ofTrials) \(ofMetrics) \(here)",
      """
      SELECT \(columns("n.name", "m.value", "r.recorded_ms", foldRun, "0")) \(ofFolds)
        JOIN fold_metric m ON m.trial_id = r.trial_id AND m.fold = r.fold AND m.rung = r.rung
        JOIN metric n ON n.metric_id = m.metric_id \(here)
      """,
      "SELECT \(columns(curveKey, "c.value", "r.recorded_ms", foldRun, "c.step")) \(ofFolds) \(ofCurves) \(here)",
      """
      SELECT \(columns(curveKey, "avg(c.value)", time, trialRun, "c.step")) \(ofFolds) \(ofCurves) \(here)
      GROUP BY t.trial_id, n.metric_id, c.step
      """,
    ]
    return queries.map { Step(table: "metrics", query: $0) }
  }()

  /// What MLflow's table shows, filters and sorts by.
  static let latest = """
    INSERT INTO latest_metrics SELECT "key", value, timestamp, step, is_nan, run_uuid FROM (
      SELECT *, row_number() OVER (PARTITION BY run_uuid, "key" ORDER BY step DESC, timestamp DESC, value DESC) AS place
      FROM metrics) WHERE place = 1
    """

  private static let data = [
    Step(
      table: "datasets",
      query: """
        SELECT substr(d.digest, 1, 32), 1, d.name, substr(d.digest, 1, 36), 'local', json_object('uri', d.path), NULL,
          json_object('num_rows', d.n_rows, 'num_patients', d.n_patients, 'sha256', d.digest)
        FROM dataset d JOIN sweep s ON s.dataset_id = d.dataset_id WHERE s.sweep_id = :sweep
        """),
    Step(
      table: "inputs",
      query: """
        SELECT 'in' || substr(\(trialRun), 3), 'DATASET', substr(d.digest, 1, 32), 'RUN', \(trialRun) \(ofTrials)
          JOIN dataset d ON d.dataset_id = s.dataset_id \(here)
        """),
    Step(
      table: "input_tags",
      query: """
        SELECT 'in' || substr(\(trialRun), 3), 'mlflow.data.context', 'cross-validation' \(ofTrials) \(here)
        """),
  ]
}
