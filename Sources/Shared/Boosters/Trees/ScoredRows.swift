// SPDX-License-Identifier: Apache-2.0

/// Labelled rows with their scores so far, and the loss's derivatives there.
final class ScoredRows {
  private let objective: Objective
  private let rowCount: Int
  private let labels: UnsafeMutablePointer<Float>
  private let scores: UnsafeMutablePointer<Double>
  /// [N]
  let gradients: UnsafePointer<Double>
  /// [N]
  let hessians: UnsafePointer<Double>
  private let derivatives: UnsafeMutablePointer<Double>

  init(labels given: [Float], objective: Objective, initialScore: Double) {
    self.objective = objective
    rowCount = given.count
    labels = .allocate(capacity: rowCount)
    scores = .allocate(capacity: rowCount)
    derivatives = .allocate(capacity: 2 * rowCount)
    for (row, label) in given.enumerated() { labels[row] = label }
    scores.initialize(repeating: initialScore, count: rowCount)
    derivatives.initialize(repeating: 0, count: 2 * rowCount)
    gradients = UnsafePointer(derivatives)
    hessians = UnsafePointer(derivatives + rowCount)
  }

  deinit {
    labels.deallocate()
    scores.deallocate()
    derivatives.deallocate()
  }

  func differentiate() {
    objective.differentiate(
      scores: scores, labels: labels, rowCount: rowCount, gradients: derivatives, hessians: derivatives + rowCount)
  }

  func meanLoss() -> Double { objective.meanLoss(scores: scores, labels: labels, rowCount: rowCount) }

  /// Adds a tree's values where its rows ended; only rows outside the tree's sample have to find their leaf.
  func add(_ tree: Tree, grownBy grower: borrowing TreeGrower, rows sample: [UInt32], of matrix: BinnedMatrix) {
    var next = 0
    tree.leafValues.withUnsafeBufferPointer { values in
      guard sample.count < rowCount else {
        for row in 0..<rowCount { scores[row] += values[Int(grower.leafOfRow[row])] }
        return
      }
      for row in 0..<rowCount {
        if next < sample.count, Int(sample[next]) == row {
          next += 1
          scores[row] += values[Int(grower.leafOfRow[row])]
        } else {
          scores[row] += values[tree.leaf(row: row, of: matrix)]
        }
      }
    }
  }

  /// Adds a tree's values by the rows' bins; the same additions as `add(_:grownBy:rows:of:)`.
  func add(_ tree: Tree, of matrix: BinnedMatrix) {
    for row in 0..<rowCount { scores[row] += tree.leafValues[tree.leaf(row: row, of: matrix)] }
  }

  /// Adds a tree's values for raw rows.
  func add(_ tree: Tree, values: UnsafePointer<Float>?, columnCount: Int) {
    tree.add(to: scores, values: values, rowCount: rowCount, columnCount: columnCount)
  }
}
