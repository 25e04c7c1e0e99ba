// SPDX-License-Identifier: Apache-2.0

import Charts
import Testing
import TrackerKit
import Tracking

@testable import Dashboard

/// Folds that a rule by step ended, and curves of folds that end at different steps.
@Suite struct EarlyEndTests {
  /// Trial 3 of the generated sweep (its row 4) is pruned after two folds; here its last was cut at step 7, and of trial 2 a
  /// fold was ended early with a score.
  private func board() throws -> Board {
    let board = try Board(trials: 40)
    try SQLiteFile.execute(
      """
      INSERT INTO metric(metric_id, name) VALUES(99, 'stopped/step');
      DELETE FROM fold_metric WHERE trial_id = 4 AND fold = 1;
      DELETE FROM fold_scores WHERE trial_id = 4 AND fold = 1;
      DELETE FROM curve_point WHERE trial_id = 4 AND fold = 1 AND step > 7;
      INSERT INTO fold_metric VALUES(4, 1, 0, 99, 7), (3, 2, 0, 99, 11);
      INSERT INTO fold_metric VALUES(4, 1, 0, 1, NULL);
      DELETE FROM fold_metric WHERE trial_id = 4 AND fold = 1 AND metric_id = 1;
      """, in: board.path)
    return board
  }

  /// In real life: a sweep with `unit: step`. A cut fold has no score, and is not "completed" for whoever looks.
  @Test func cutFold_isSaidToBeCut_andAnEarlyEndHasItsScore() throws {
    let board = try board()
    let matrix = try board.get("/part/matrix?name=readmission&bare=1").body
    #expect(matrix.contains("title=\"cut at step 7\">✂<small>7</small>"))
    #expect(matrix.contains("title=\"done, ended at step 11\""))
    let cut = try board.get("/trial?sweep=readmission&trial=3").body
    #expect(cut.contains(">cut at step 7</span>") && !cut.contains("stopped/step"))
    let early = try board.get("/trial?sweep=readmission&trial=2").body
    #expect(early.contains("ended at step 11") && !early.contains("cut at"))
  }

  /// Goal: the mean over folds is of all folds at every step. Method: two folds, one of which ends at step 3 with 5 and has no
  /// point at step 2.
  @Test func meanCurve_keepsTheLastValueOfAFoldThatEnded() throws {
    let board = try Board(trials: 20)
    try SQLiteFile.execute(
      """
      DELETE FROM curve_point WHERE trial_id IN (2, 3);
      INSERT INTO curve_point VALUES(2, 0, 0, 7, 1, 1.0), (2, 0, 0, 7, 3, 5.0), (2, 1, 0, 7, 2, 9.0), (3, 1, 0, 7, 2, 0.5);
      INSERT INTO curve_point VALUES(2, 1, 0, 7, 1, 3.0), (2, 1, 0, 7, 3, 1.0), (2, 1, 0, 7, 5, 0.0), (2, 1, 0, 7, 7, NULL);
      """, in: board.path)
    let reader = try TrackerReader(path: board.path)
    let metrics = try CurveMetrics(reader, trials: [2])
    let metric = try #require(metrics.chosen("inner/loss"))
    // At step 2 fold 0, which was thinned, counts with what it had at 1.
    let all = [ChartPoint(1, 2), ChartPoint(2, 5), ChartPoint(3, 3), ChartPoint(5, 2.5)]
    #expect(try metrics.means(metric, of: [2, 3], pointCount: 40)[2] == all)
    // Steps of one fold alone are left out where others are shared; the last is the longest fold's.
    #expect(try metrics.means(metric, of: [2], pointCount: 40)[2] == [all[0], all[2], all[3]])
  }

  /// In real life: `first_step: 3, step_interval: 10` of a thousand trees: no step is a multiple of 25.
  @Test func metricAtOddSteps_hasItsCurve() throws {
    let board = try Board(trials: 40)
    try SQLiteFile.execute(
      "DELETE FROM curve_point; WITH RECURSIVE s(i) AS (VALUES(3) UNION ALL SELECT i + 10 FROM s WHERE i < 1003) "
        + "INSERT INTO curve_point SELECT trial_id, fold, rung, 7, i, 1.0 / i FROM result, s", in: board.path)
    let reader = try TrackerReader(path: board.path)
    let metrics = try CurveMetrics(reader, trials: [2])
    let points = try metrics.means(try #require(metrics.chosen(nil)), of: [2], pointCount: 40)[2] ?? []
    #expect(points.count == 40 && points.first?.x == 3 && points.last?.x == 1_003)
    #expect(try board.get("/part/curves?name=readmission&bare=1").body.contains("class=\"line best\""))
  }
}
