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

  /// Gradients and hessians at the scores so far; returns the mean loss there.
  @discardableResult func differentiate() -> Double {
    objective.differentiate(
      scores: scores, labels: labels, rowCount: rowCount, gradients: derivatives, hessians: derivatives + rowCount)
  }

  /// What would be predicted now.
  func predictions() -> [Float] { (0..<rowCount).map { objective.prediction(scores[$0]) } }

  /// The scores, to keep and to put back.
  var savedScores: [Double] {
    get { Array(UnsafeBufferPointer(start: scores, count: rowCount)) }
    set { for (row, score) in newValue.enumerated() { scores[row] = score } }
  }

  /// Rows by |g·h|, the largest kept, of the others some drawn and multiplied so that sums stay what they were.
  ///
  /// - Returns: the kept and drawn rows, ascending.
  /// - Source: Ke et al. 2017, algorithm 2 (GOSS), with |g·h| as in their implementation.
  func sampleByGradient(top: Double, rest: Double, key: UInt64) -> [UInt32] {
    let topCount = min(rowCount, max(1, Int((top * Double(rowCount)).rounded())))
    let restCount = min(rowCount - topCount, max(0, Int((rest * Double(rowCount)).rounded())))
    let sizes = (0..<rowCount).map { abs(gradients[$0] * hessians[$0]) }
    let order = sizes.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
    let others = order[topCount...].sorted()
    let drawn = sampledIndexes(
      count: others.count, fraction: others.isEmpty ? 1 : Double(restCount) / Double(others.count), key: key
    ).map { others[Int($0)] }
    guard restCount > 0 else { return order[..<topCount].sorted().map { UInt32($0) } }
    let factor = Double(rowCount - topCount) / Double(drawn.count)
    for row in drawn {
      derivatives[row] *= factor
      derivatives[rowCount + row] *= factor
    }
    return (order[..<topCount] + drawn).sorted().map { UInt32($0) }
  }

  /// Gives leaves the quantile of their rows' residuals, for losses without curvature.
  func renew(_ tree: inout Tree, grownBy grower: borrowing TreeGrower, level: Double, learningRate: Double) {
    for leaf in tree.leafValues.indices {
      let residuals = grower.rows(ofLeaf: leaf).map { Double(labels[Int($0)]) - scores[Int($0)] }
      tree.leafValues[leaf] = learningRate * grower.leaves[leaf].bounds.clamp(quantile(residuals, level: level))
    }
  }

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
