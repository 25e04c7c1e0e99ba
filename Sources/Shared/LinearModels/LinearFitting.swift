// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// Fits elastic-net logistic or linear regression:
///
///     minimise  Σ vᵢ ℓ(yᵢ, w·xᵢ + b) / Σ vᵢ  +  l1·‖w‖₁  +  l2/2·‖w‖²
///
/// with ℓ the log loss (v = `positiveWeight` for a row with label 1, else 1) or half the squared error in the label's
/// own unit (v = 1). The intercept b is not penalised.
///
/// - Parameters:
///   - values: [N, F] row-major, complete, standardised.
///   - labels: [N]; 0 and 1, both present, for `.binary`.
///   - progress: called after each iteration with the iterations done and their largest number; false cancels.
/// - Returns: the optimum, or where the iterations ran out (`isConverged` tells). A function of the arguments alone.
/// - Throws: `cancelled`, `badShape`, `notFinite`, `badLabel`, `oneClass`, `tooLarge`.
/// - Complexity: O(N·F²) an iteration, about ten for log loss, two for squared error; 8·F² bytes.
/// - Source: Zou & Hastie 2005 (penalty); Friedman, Hastie & Tibshirani 2010 sections 2–3 (coordinate descent on the
///   quadratic model); Lee, Sun & Saunders 2014 (line search that makes the outer iteration converge).
package func fitLinear(
  values: UnsafeBufferPointer<Float>, rowCount: Int, columnCount: Int, labels: [Float], objective: ObjectiveKind,
  options: LinearOptions, progress: (Int, Int) -> Bool
) throws(LinearModelError) -> LinearFit {
  try checkShape(valueCount: values.count, rowCount: rowCount, columnCount: columnCount, labelCount: labels.count)
  let matrix = RowMatrix(values, rowCount: rowCount, columnCount: columnCount)
  try checkValues(matrix)
  try checkLabels(labels, objective: objective)

  let problem = LinearProblem(
    matrix: matrix, labels: labels, objective: objective, l1: options.l1, l2: options.l2,
    positiveWeight: options.positiveWeight)
  var solver = ProximalNewton(problem, tolerance: options.tolerance)
  var losses = [solver.objective]
  var iterationCount = 0
  while !solver.isConverged, iterationCount < options.iterationCountMax {
    solver.iterate()
    iterationCount += 1
    losses.append(solver.objective)
    guard progress(iterationCount, options.iterationCountMax) else { throw .cancelled }
  }
  return LinearFit(
    objective: objective, weights: Array(solver.weights.dropLast()), intercept: solver.weights[columnCount],
    loss: losses, iterationCount: iterationCount, isConverged: solver.isConverged)
}

/// Columns beyond which the normal matrix, 8·F² bytes, is refused: 3.2 GB.
private let columnCountMax = 20_000

private func checkShape(
  valueCount: Int, rowCount: Int, columnCount: Int, labelCount: Int
) throws(LinearModelError) {
  guard rowCount > 0, columnCount >= 0 else {
    throw .init(
      .badShape, subject: "values", expected: "at least one row", found: "\(rowCount) rows × \(columnCount) columns")
  }
  guard columnCount <= columnCountMax else {
    throw .init(
      .tooLarge, subject: "values", expected: "at most \(columnCountMax) columns", found: "\(columnCount) columns")
  }
  let (product, isOverflowing) = rowCount.multipliedReportingOverflow(by: columnCount)
  guard !isOverflowing, valueCount == product else {
    throw .init(
      .badShape, subject: "values", expected: "\(rowCount) × \(columnCount) numbers", found: "\(valueCount)")
  }
  guard labelCount == rowCount else {
    throw .init(.badShape, subject: "labels", expected: "one for each of \(rowCount) rows", found: "\(labelCount)")
  }
}

private func checkValues(_ matrix: RowMatrix) throws(LinearModelError) {
  for row in 0..<matrix.rowCount {
    let values = matrix.row(row)
    for column in 0..<matrix.columnCount where !values[column].isFinite {
      throw .init(
        .notFinite, subject: "values, row \(row), column \(column)",
        expected: "a finite number (impute and scale before fitting)", found: values[column].isNaN ? "NaN" : "infinity")
    }
  }
}

private func checkLabels(_ labels: [Float], objective: ObjectiveKind) throws(LinearModelError) {
  var positiveCount = 0
  for (row, label) in labels.enumerated() {
    guard label.isFinite else {
      throw .init(.notFinite, subject: "labels, row \(row)", expected: "a finite number", found: "NaN or infinity")
    }
    guard objective == .regression || label == 0 || label == 1 else {
      throw .init(.badLabel, subject: "labels, row \(row)", expected: "0 or 1", found: "another number")
    }
    positiveCount += label == 1 ? 1 : 0
  }
  guard objective == .regression || (positiveCount > 0 && positiveCount < labels.count) else {
    throw .init(
      .oneClass, subject: "labels", expected: "rows of both classes among \(labels.count)",
      found: "\(positiveCount) with label 1")
  }
}
