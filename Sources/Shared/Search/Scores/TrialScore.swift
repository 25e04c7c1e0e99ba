// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// The score of a trial over all its folds.
package struct TrialScore: Hashable, Sendable {
  /// One fold's value and the sizes that its interval needs.
  package struct Fold: Hashable, Sendable {
    /// Flat over repeats.
    package let fold: Int
    /// Not finite where the metric is undefined, as AUROC on a fold of one class.
    package let value: Double
    package let trainRowCount: Int
    package let validRowCount: Int

    package init(fold: Int, value: Double, trainRowCount: Int, validRowCount: Int) {
      self.fold = fold
      self.value = value
      self.trainRowCount = trainRowCount
      self.validRowCount = validRowCount
    }
  }

  /// `nil` where a fold's value is undefined: a mean over the other folds would compare this trial on other patients than
  /// its rivals, and a trial could gain from failing on a hard fold.
  package let objective: Double?
  /// Sample standard deviation over folds (n − 1); `nil` with fewer than two.
  package let sd: Double?
  /// Of the mean, at 95 %; `nil` with fewer than two folds, or where the objective is no mean.
  package let interval: ClosedRange<Double>?
  package let foldCount: Int
  /// Ascending.
  package let undefinedFolds: [Int]

  package init(_ folds: [Fold], aggregate: Aggregate = .mean) {
    // A fixed order of the sum: the bits must not depend on which fold came back first.
    let folds = folds.sorted { $0.fold < $1.fold }
    foldCount = folds.count
    undefinedFolds = folds.filter { !$0.value.isFinite }.map(\.fold)
    guard undefinedFolds.isEmpty, !folds.isEmpty else {
      (objective, sd, interval) = (nil, nil, nil)
      return
    }
    let values = folds.map(\.value)
    let mean = values.reduce(0, +) / Double(values.count)
    objective = aggregate == .mean ? mean : median(values)
    guard values.count > 1 else {
      (sd, interval) = (nil, nil)
      return
    }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / Double(values.count - 1)).squareRoot()
    sd = deviation
    interval = aggregate == .mean ? correctedInterval(folds, mean: mean, sd: deviation) : nil
  }

  /// What the tracker records of a trial that has all its folds.
  package func end(metric: String) -> TrialEnd {
    TrialEnd(
      state: .completed, objective: objective, objectiveSD: sd, interval: interval, foldsDone: foldCount,
      reason: undefinedFolds.isEmpty ? nil : "\(metric) is undefined on \(foldsText): no score over all folds")
  }

  private var foldsText: String {
    (undefinedFolds.count == 1 ? "fold " : "folds ") + undefinedFolds.map(String.init).joined(separator: ", ")
  }
}

/// The corrected 95 % interval of a mean over J folds of (repeated) cross-validation:
///
///     mean ± t(0.975; J − 1) · sd · √(1/J + n_valid/n_train)
///
/// Training sets overlap, so the folds' values are correlated and sd/√J is too small; the second term stands for that
/// correlation. The ratio is that of the sums over folds, which need not be of equal size.
///
/// - Source: Nadeau & Bengio 2003, "Inference for the Generalization Error", Machine Learning 52, section 3 (corrected
///   resampled t); for repeated cross-validation Bouckaert & Frank 2004, section 2.
private func correctedInterval(_ folds: [TrialScore.Fold], mean: Double, sd: Double) -> ClosedRange<Double>? {
  let trainSum = folds.reduce(0) { $0 + $1.trainRowCount }
  let validSum = folds.reduce(0) { $0 + $1.validRowCount }
  guard trainSum > 0, sd.isFinite else { return nil }
  let variance = 1 / Double(folds.count) + Double(validSum) / Double(trainSum)
  let half = studentQuantile(0.975, degreesOfFreedom: folds.count - 1) * sd * variance.squareRoot()
  return half.isFinite ? (mean - half)...(mean + half) : nil
}

private func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}
