// SPDX-License-Identifier: Apache-2.0

import Charts
import Testing
import TrackerKit

@testable import Dashboard

/// Curves over thresholds from counts by score.
@Suite struct ScoreTests {
  /// 10 positives and 10 negatives above 0.5, 10 and 70 below.
  private let fold = FoldScores([
    FoldScores.Bin(low: 0, rowCount: 80, predicted: 0.1, positives: 10),
    FoldScores.Bin(low: 0.5, rowCount: 20, predicted: 0.6, positives: 10),
  ])

  @Test func roc_goesFromNoneToAll() {
    #expect(fold.roc.map(\.x) == [0, 0.125, 1])
    #expect(fold.roc.map(\.y) == [0, 0.5, 1])
    #expect(fold.sensitivity(atFalsePositives: 0.0625) == 0.25)
    #expect(fold.sensitivity(atFalsePositives: 1) == 1)
  }

  /// Davis & Goadrich: at recall 0.75 five more positives cost 35 more negatives: 15 / (15 + 45).
  @Test func precision_isOfInterpolatedCounts() {
    #expect(fold.precision(atRecall: 0.5) == 0.5)
    #expect(fold.precision(atRecall: 0.75) == 0.25)
    #expect(fold.precision(atRecall: 1) == 0.2)
  }

  @Test func thresholdWithinABin_takesItsShare() {
    #expect(fold.flagged(from: 0.5) == (10, 10))
    #expect(fold.flagged(from: 0.75) == (5, 5))
    #expect(fold.flagged(from: 0.25) == (15, 45))
    #expect(fold.flagged(from: 0) == (20, 80))
  }

  @Test func overFolds_hasAnInterval_onlyWhereEachFoldSays() {
    #expect(OverFolds([0.5, 0.6, 0.7], share: 0.25).interval?.contains(0.6) == true)
    #expect(OverFolds([0.5], share: 0.25).interval == nil)
    #expect(OverFolds([0.5, .nan], share: 0.25).interval == nil)
    #expect(OverFolds([0.99, 0.5, 0.99], share: 0.25).interval?.upperBound == 1)
  }

  @Test func calibration_losesNoRow() {
    let groups = CalibrationGroup.groups(of: [fold, fold, fold], count: 4)
    #expect(groups.reduce(0) { $0 + $1.rowCount } == 300)
    #expect(groups.allSatisfy { $0.wilson.contains($0.observed) })
  }

  /// The page has all three charts and the table; of a trial without rows by score it says why not.
  @Test func trialPage_drawsThem() throws {
    let board = try Board(trials: 40)
    let target = "/part/scores?sweep=readmission&trial=2&bare=1"
    let body = try board.get(target).body
    for title in ["ROC", "Precision and recall", "Calibration", "Thresholds", "corrected 95 %"] {
      #expect(body.contains(title), "\(title)")
    }
    #expect(!body.contains("NaN") && !body.contains("nan") && !body.contains("inf"))
    #expect(!body.contains("enough held-out events"))
    // In real life: 26 deaths a fold, which make three bins. A curve of them would lie far below the AUROC beside it.
    try SQLiteFile.execute(
      """
      UPDATE fold_scores SET bins = (SELECT json_group_array(json(value)) FROM (
        SELECT value FROM json_each(bins) WHERE key < 3))
      """, in: board.path)
    let coarse = try board.get(target).body
    #expect(coarse.contains("0 of 5 folds have enough held-out events"), "\(coarse)")
    #expect(!coarse.contains("ROC") && !coarse.contains("Thresholds") && coarse.contains("Calibration"))
    try SQLiteFile.execute("DELETE FROM fold_scores", in: board.path)
    #expect(try board.get(target).body.contains("No fold has its rows by score"))
  }
}
