// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
package import Sweeps

/// All scores of predictions on a held-out fold, ascending by name; NaN where one is undefined.
///
/// - Parameters:
///   - predictions: probabilities of label 1, or values in the label's unit [N].
///   - labels: 0 and 1, or reals [N].
package func evaluate(predictions: [Float], labels: [Float], objective: ObjectiveKind) -> [MetricValue] {
  precondition(predictions.count == labels.count, "\(predictions.count) predictions for \(labels.count) labels")
  let scores: [(String, Double)] =
    switch objective {
    case .binary:
      [
        ("valid/auprc", averagePrecision(predictions, labels)), ("valid/auroc", auroc(predictions, labels)),
        ("valid/brier", brierScore(predictions, labels)),
        ("valid/ece", expectedCalibrationError(predictions, labels)), ("valid/logloss", logLoss(predictions, labels)),
      ]
    case .regression:
      [
        ("valid/mae", meanAbsoluteError(predictions, labels)), ("valid/r2", r2(predictions, labels)),
        ("valid/rmse", rootMeanSquaredError(predictions, labels)),
      ]
    }
  return scores.map { MetricValue(name: $0.0, value: $0.1) }
}
