// SPDX-License-Identifier: Apache-2.0

import GRDB

extension TrackerReader {
  /// A sweep as a study of Optuna, which can be gone on with there.
  ///
  /// Intermediate values are the running mean of the objective over folds 0…k at step k: what a pruner by folds sees. Of a
  /// sweep over several learners a parameter is named with its learner ("booster.leaves"), for Optuna wants one
  /// distribution a name.
  package func exportOptuna(
    _ sweep: SweepSummary, to path: String, progress: @escaping (Int) -> Void = { _ in }
  ) throws(TrackerError) {
    try ExportFile.write(path, from: self, progress: progress) { file in
      try file.run(OptunaSchema.tables)
      for (table, query) in OptunaQueries.all { try file.copy(into: table, query, ["sweep": sweep.id]) }
      let parameters = try file.rows(OptunaQueries.parameters, ["sweep": sweep.id]).map { OptunaParameter($0) }
      let learnerCount = Set(parameters.map(\.learner)).count
      for parameter in parameters {
        try file.copy(
          into: "trial_params", OptunaQueries.values,
          [
            "sweep": sweep.id, "learner": parameter.learner, "name": parameter.name,
            "label": learnerCount > 1 ? "\(parameter.learner).\(parameter.name)" : parameter.name,
            "choices": parameter.choices, "distribution": parameter.distribution,
          ])
      }
      guard learnerCount > 1 else { return }
      let learners = Set(parameters.map(\.learner)).sorted()
      let choices = "[" + learners.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
      try file.copy(
        into: "trial_params",
        """
        SELECT NULL, t.trial_id, 'learner', (SELECT key FROM json_each(:choices) WHERE value = t.learner), :distribution
        FROM trial t WHERE t.sweep_id = :sweep ORDER BY t.trial_id
        """,
        [
          "sweep": sweep.id, "choices": choices,
          "distribution": #"{"name": "CategoricalDistribution", "attributes": {"choices": \#(choices)}}"#,
        ])
    }
  }
}

/// One parameter of one learner with what Optuna calls its distribution: the range that the sweep file gave, else the one that was
/// seen.
private struct OptunaParameter {
  let learner: String
  let name: String
  /// A JSON list of all values, for parameters that are words.
  let choices: String?
  let distribution: String

  init(_ row: Row) {
    learner = row["learner"]
    name = row["name"]
    if (row["words"] as Int) > 0 {
      let list: String = row["choices"]
      choices = list
      distribution = #"{"name": "CategoricalDistribution", "attributes": {"choices": \#(list)}}"#
      return
    }
    choices = nil
    let low = min(row["low"] as Double, row["declared_low"] as Double? ?? .infinity)
    let high = max(row["high"] as Double, row["declared_high"] as Double? ?? -.infinity)
    let isLogarithmic = (row["is_log"] as Bool? ?? false) && low > 0
    if (row["reals"] as Int) > 0 {
      distribution = """
        {"name": "FloatDistribution", "attributes": {"step": null, "low": \(low), "high": \(high), "log": \(isLogarithmic)}}
        """
    } else {
      distribution = """
        {"name": "IntDistribution", "attributes": {"log": \(isLogarithmic && low >= 1), "step": 1, "low": \(Int64(low)), \
        "high": \(Int64(high))}}
        """
    }
  }
}

private enum OptunaQueries {
  private static let time = "strftime('%Y-%m-%d %H:%M:%f000', "

  static let all: [(String, String)] = [
    ("studies", "SELECT sweep_id, name FROM sweep WHERE sweep_id = :sweep"),
    (
      "study_directions",
      "SELECT NULL, iif(direction = 'maximize', 'MAXIMIZE', 'MINIMIZE'), sweep_id, 0 FROM sweep WHERE sweep_id = :sweep"
    ),
    (
      "study_system_attributes",
      "SELECT NULL, sweep_id, 'study:metric_names', json_array(metric) FROM sweep WHERE sweep_id = :sweep"
    ),
    (
      "study_user_attributes",
      """
      SELECT NULL, s.sweep_id, j.key, json_quote(j.value) FROM sweep s JOIN dataset d ON d.dataset_id = s.dataset_id,
        json_each(json_object('muster.dataset', d.name, 'muster.dataset_sha256', d.digest, 'muster.outcome', s.outcome,
          'muster.folds', s.cv_scheme || ' ' || s.n_folds || 'x' || s.n_repeats || ' seed ' || s.cv_seed,
          'muster.version', s.code_version, 'muster.spec_sha256', s.spec_digest)) j WHERE s.sweep_id = :sweep
      """
    ),
    (
      "trials",
      """
      SELECT trial_id, number, sweep_id, CASE state WHEN 'completed' THEN iif(objective IS NULL, 'FAIL', 'COMPLETE')
        WHEN 'pruned' THEN 'PRUNED' WHEN 'failed' THEN 'FAIL' ELSE 'RUNNING' END,
        \(time)created_ms / 1000.0, 'unixepoch'), \(time)finished_ms / 1000.0, 'unixepoch')
      FROM trial WHERE sweep_id = :sweep ORDER BY number
      """
    ),
    (
      "trial_intermediate_values",
      "SELECT NULL, trial_id, fold, mean, 'FINITE' FROM (\(running)) ORDER BY trial_id, fold"
    ),
    (
      "trial_values",
      """
      SELECT NULL, trial_id, 0, objective, 'FINITE' FROM trial
      WHERE sweep_id = :sweep AND state = 'completed' AND objective IS NOT NULL
      UNION ALL SELECT NULL, trial_id, 0, mean, 'FINITE' FROM (
        SELECT trial_id, mean, row_number() OVER (PARTITION BY trial_id ORDER BY fold DESC) AS place FROM (\(running)
          AND t.state = 'pruned')) WHERE place = 1
      """
    ),
    (
      "trial_user_attributes",
      """
      SELECT NULL, t.trial_id, 'fold' || m.fold || '.' || n.name, \(exactText("m.value")) FROM trial t
        JOIN fold_metric m ON m.trial_id = t.trial_id JOIN metric n ON n.metric_id = m.metric_id
      WHERE t.sweep_id = :sweep AND m.rung = (SELECT max(x.rung) FROM result x WHERE x.trial_id = m.trial_id AND x.fold = m.fold)
      UNION ALL SELECT NULL, t.trial_id, n.name, \(exactText("m.mean")) FROM trial t JOIN trial_metric m ON m.trial_id = t.trial_id
        JOIN metric n ON n.metric_id = m.metric_id WHERE t.sweep_id = :sweep
      UNION ALL SELECT NULL, trial_id, 'muster.ci', '[' || \(exactText("ci_low")) || ', ' || \(exactText("ci_high")) || ']' FROM trial
        WHERE sweep_id = :sweep AND ci_low IS NOT NULL
      UNION ALL SELECT NULL, trial_id, 'muster.learner', json_quote(learner) FROM trial WHERE sweep_id = :sweep
      UNION ALL SELECT NULL, trial_id, 'muster.params', params FROM trial WHERE sweep_id = :sweep
      UNION ALL SELECT NULL, trial_id, 'muster.reason', json_quote(reason) FROM trial
        WHERE sweep_id = :sweep AND reason IS NOT NULL
      UNION ALL SELECT NULL, g.trial_id, 'tag.' || g.name, json_quote(g.value) FROM tag g
        WHERE g.sweep_id = :sweep AND g.trial_id IS NOT NULL
      """
    ),
  ]

  /// The mean of the objective over a trial's folds so far, fold by fold.
  private static let running = """
    SELECT t.trial_id, m.fold, avg(m.value) OVER (PARTITION BY t.trial_id ORDER BY m.fold) AS mean
    FROM trial t JOIN sweep s ON s.sweep_id = t.sweep_id JOIN metric n ON n.name = s.metric
      JOIN fold_metric m ON m.trial_id = t.trial_id AND m.metric_id = n.metric_id AND m.value IS NOT NULL
    WHERE t.sweep_id = :sweep AND m.rung = (SELECT max(x.rung) FROM result x WHERE x.trial_id = m.trial_id AND x.fold = m.fold)
    """

  /// Every parameter with more than one value in its learner's trials, with what the sweep file says of its range.
  static let parameters = """
    WITH declared AS (
      SELECT NULL AS learner, p.key AS name, p.value AS rule FROM sweep s, json_each(s.spec, '$.space.params') p
        WHERE s.sweep_id = :sweep
      UNION ALL SELECT l.value, p.key, p.value FROM sweep s, json_each(s.spec, '$.space.branches') b,
        json_each(b.value, '$.if.model') l, json_each(b.value, '$.params') p WHERE s.sweep_id = :sweep),
    seen AS (
      SELECT t.learner, p.name, count(DISTINCT p.value) AS kinds, sum(typeof(p.value) = 'text') AS words,
        sum(typeof(p.value) = 'real') AS reals, min(iif(typeof(p.value) = 'text', NULL, p.value)) AS low,
        max(iif(typeof(p.value) = 'text', NULL, p.value)) AS high
      FROM trial t JOIN trial_param p ON p.trial_id = t.trial_id WHERE t.sweep_id = :sweep GROUP BY t.learner, p.name)
    SELECT s.learner, s.name, s.words, s.reals, s.low, s.high,
      max(coalesce(d.rule ->> '$.float[0]', d.rule ->> '$.int[0]')) AS declared_low,
      max(coalesce(d.rule ->> '$.float[1]', d.rule ->> '$.int[1]')) AS declared_high,
      max(coalesce(d.rule ->> '$.log', 0)) AS is_log,
      (SELECT json_group_array(value) FROM (SELECT DISTINCT p.value FROM trial t JOIN trial_param p ON p.trial_id = t.trial_id
        WHERE s.words > 0 AND t.sweep_id = :sweep AND t.learner = s.learner AND p.name = s.name ORDER BY 1)) AS choices
    FROM seen s LEFT JOIN declared d ON d.name = s.name AND (d.learner IS NULL OR d.learner = s.learner)
    WHERE s.kinds > 1 GROUP BY s.learner, s.name ORDER BY s.learner, s.name
    """

  static let values = """
    SELECT NULL, p.trial_id, :label, iif(:choices IS NULL, p.value, (SELECT key FROM json_each(:choices) WHERE value = p.value)),
      :distribution
    FROM trial t JOIN trial_param p ON p.trial_id = t.trial_id
    WHERE t.sweep_id = :sweep AND t.learner = :learner AND p.name = :name ORDER BY p.trial_id
    """
}
