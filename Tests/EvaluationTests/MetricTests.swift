// SPDX-License-Identifier: Apache-2.0

import Evaluation
import Hyperparameters
import Randomness
import Sweeps
import Testing

@Suite struct MetricTests {
  /// Golden values of scikit-learn 1.x (roc_auc_score, average_precision_score, brier_score_loss) are exact fractions here:
  /// pairs won 3 of 4; precision 1 at recall 1/2 and 2/3 at recall 1.
  @Test func ranking_closedForm() {
    let (predictions, labels): ([Float], [Float]) = ([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    #expect(auroc(predictions, labels) == 0.75)
    #expect(abs(averagePrecision(predictions, labels) - (0.5 + 0.5 * 2 / 3)) < 1e-15)
  }

  @Test func auroc_ofConstantScores_isHalf() {
    #expect(auroc([0.3, 0.3, 0.3], [0, 1, 0]) == 0.5)
    // All rows are one tie: precision is the prevalence.
    #expect(abs(averagePrecision([0.3, 0.3, 0.3], [0, 1, 0]) - 1.0 / 3) < 1e-15)
  }

  /// Goal: ties are handled as the definition says. Method: all pairs counted one by one, 200 random cases on few levels.
  @Test func auroc_equalsAllPairs() {
    for seed in 0..<200 as Range<UInt64> {
      var generator = CounterGenerator(key: seed)
      let count = 2 + generator.below(40)
      let predictions = (0..<count).map { _ in Float(generator.below(6)) / 6 }
      var labels = (0..<count).map { _ in Float(generator.below(2)) }
      labels[0] = 0
      labels[1] = 1
      var (won, pairs) = (0.0, 0.0)
      for positive in labels.indices where labels[positive] == 1 {
        for negative in labels.indices where labels[negative] == 0 {
          pairs += 1
          if predictions[positive] > predictions[negative] { won += 1 }
          if predictions[positive] == predictions[negative] { won += 0.5 }
        }
      }
      #expect(abs(auroc(predictions, labels) - won / pairs) < 1e-12, "seed \(seed)")
    }
  }

  @Test func oneClass_leavesRankingUndefined() {
    #expect(auroc([0.1, 0.2], [0, 0]).isNaN)
    #expect(auroc([0.1, 0.2], [1, 1]).isNaN)
    #expect(averagePrecision([0.1, 0.2], [0, 0]).isNaN)
    #expect(averagePrecision([0.1, 0.2], [1, 1]) == 1)
  }

  @Test func probabilityScores_closedForm() {
    #expect(brierScore([0.5, 1], [1, 1]) == 0.125)
    #expect(abs(logLoss([0.5, 0.5], [1, 0]) - 0.693_147_180_559_945_3) < 1e-12)
    #expect(logLoss([0], [1]).isFinite)
    // Bins 0 and 9: |0 − 0.05|·½ + |1 − 0.95|·½.
    #expect(abs(expectedCalibrationError([0.05, 0.95], [0, 1]) - 0.05) < 1e-7)
    // One bin: probabilities 0.5 with half positives are calibrated.
    #expect(expectedCalibrationError([0.5, 0.5], [0, 1]) == 0)
    #expect(expectedCalibrationError([1, 1], [1, 1]) == 0)
  }

  @Test func regressionScores_closedForm() {
    #expect(rootMeanSquaredError([1, 3], [2, 5]) == 2.5.squareRoot())
    #expect(meanAbsoluteError([1, 3], [2, 5]) == 1.5)
    #expect(abs(r2([1, 3], [2, 5]) - (1 - 5 / 4.5)) < 1e-12)
    #expect(r2([1, 1], [3, 3]).isNaN)
  }

  @Test(arguments: ObjectiveKind.allCases)
  func evaluate_namesAreSorted(objective: ObjectiveKind) {
    let names = evaluate(predictions: [0.2, 0.8], labels: [0, 1], objective: objective).map(\.name)
    #expect(names == names.sorted() && !names.isEmpty)
  }
}
