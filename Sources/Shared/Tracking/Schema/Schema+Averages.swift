// SPDX-License-Identifier: Apache-2.0

import GRDB

extension Schema {
  /// Writes `trial_metric` of one trial anew: each metric's mean and deviation over its folds.
  ///
  /// The index gives the folds in the order of their key, so the mean is the same whichever came first.
  static func averageTrials(_ database: Database, only trial: Int64) throws {
    try database.run("DELETE FROM trial_metric WHERE trial_id = ?", trial)
    try database.run(
      """
      INSERT INTO trial_metric
      SELECT m.trial_id, m.metric_id, count(m.value), a.average,
        sqrt(sum((m.value - a.average) * (m.value - a.average)) / nullif(count(m.value) - 1, 0))
      FROM (SELECT metric_id, avg(value) AS average FROM fold_metric WHERE trial_id = ? GROUP BY metric_id) a
        CROSS JOIN fold_metric m ON m.metric_id = a.metric_id AND m.trial_id = ? GROUP BY m.metric_id
      """, trial, trial)
  }
}
