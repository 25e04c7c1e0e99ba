// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// A fitted linear model.
///
///     binary      p(x) = σ(w·x + intercept)
///     regression  y(x) =   w·x + intercept
package struct LinearFit: Hashable, Sendable {
  package let objective: ObjectiveKind
  /// [F], for standardised columns.
  package let weights: [Double]
  package let intercept: Double
  /// The penalised objective after each iteration; the first entry is that of the best constant prediction.
  package let loss: [Double]
  package let iterationCount: Int
  /// Whether the last change was within the tolerance; false: the iterations ran out.
  package let isConverged: Bool

  init(
    objective: ObjectiveKind, weights: [Double], intercept: Double, loss: [Double], iterationCount: Int,
    isConverged: Bool
  ) {
    self.objective = objective
    self.weights = weights
    self.intercept = intercept
    self.loss = loss
    self.iterationCount = iterationCount
    self.isConverged = isConverged
  }

  /// One that was kept: how it was fitted is not known of it.
  package init(objective: ObjectiveKind, weights: [Double], intercept: Double) {
    self.init(
      objective: objective, weights: weights, intercept: intercept, loss: [], iterationCount: 0, isConverged: true)
  }

  /// What `predict` makes its predictions of: w·x + intercept.
  package func margins(_ values: UnsafeBufferPointer<Float>, rowCount: Int) -> [Double] {
    precondition(
      values.count == rowCount * weights.count, "\(values.count) values are not \(rowCount) × \(weights.count)")
    var margins = [Double](repeating: 0, count: rowCount)
    let extended = weights + [intercept]
    fillMargins(RowMatrix(values, rowCount: rowCount, columnCount: weights.count), extended, into: &margins)
    return margins
  }

  /// Probabilities, or the label's unit.
  ///
  /// - Parameter values: [N, F] row-major, complete, standardised as the training rows were.
  package func predict(_ values: UnsafeBufferPointer<Float>, rowCount: Int) -> [Float] {
    let margins = margins(values, rowCount: rowCount)
    switch objective {
    case .binary: return margins.map { Float(logistic($0)) }
    case .regression: return margins.map { Float($0) }
    }
  }
}
