// SPDX-License-Identifier: Apache-2.0

import Search

/// Two trials over the same folds: the corrected 95 % interval of their mean difference.
///
///     mean ± t(0.975; k − 1) · sd · √(1/k + n_valid/n_train)
///
/// - Source: Nadeau & Bengio 2003, "Inference for the Generalization Error", Machine Learning 52, section 3.
package struct PairedFolds: Sendable {
  package let mean: Double
  package let interval: ClosedRange<Double>
  /// Their difference may as well be none.
  package var isTie: Bool { interval.contains(0) }

  /// - Parameters:
  ///   - differences: one a fold that both have.
  ///   - share: held-out rows over training rows.
  /// - Returns: `nil` with fewer than two.
  package init?(_ differences: [Double], share: Double) {
    guard differences.count > 1 else { return nil }
    let count = Double(differences.count)
    let mean = differences.reduce(0, +) / count
    let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let half =
      studentQuantile(0.975, degreesOfFreedom: differences.count - 1) * (variance * (1 / count + share)).squareRoot()
    guard half.isFinite else { return nil }
    (self.mean, interval) = (mean, (mean - half)...(mean + half))
  }
}
