// SPDX-License-Identifier: Apache-2.0

/// A fitted additive model of trees: score(x) = initial + Σ tree(x), and a link.
package struct Booster: Hashable, Sendable {
  package let objective: Objective
  package let columnCount: Int
  /// Score before the first tree: log-odds, or the mean label.
  package let initialScore: Double
  package let learningRate: Double
  package let trees: [Tree]

  /// Probabilities of label 1, or values in the label's unit.
  ///
  /// - Parameter values: [N, columnCount] row-major, raw, NaN missing.
  /// - Complexity: O(N · trees · leaves / 8).
  package func predict(_ values: UnsafeBufferPointer<Float>, rowCount: Int) -> [Float] {
    scores(values, rowCount: rowCount).map(objective.prediction)
  }

  /// Scores before the link, summed tree by tree in the order of growth: the same bits as while training.
  package func scores(_ values: UnsafeBufferPointer<Float>, rowCount: Int) -> [Double] {
    BoosterPredictor(self).scores(values, rowCount: rowCount)
  }

  /// Sum of the gains of each column's splits, in units of the loss; [columnCount].
  package var gainByColumn: [Double] {
    var gains = [Double](repeating: 0, count: columnCount)
    for tree in trees {
      for (node, gain) in zip(tree.nodes, tree.gains) { gains[Int(node.column)] += gain }
    }
    return gains
  }
}

/// What a fit yields.
package struct BoosterFit: Hashable, Sendable {
  /// The best trees only.
  package let booster: Booster
  /// Mean loss over all training rows after each tree that was grown; log loss weighted by the class weight, or squared
  /// error.
  package let trainLoss: [Double]
  /// The same over the validation rows; empty without them.
  package let validLoss: [Double]
  /// Trees of least validation loss, 0 where the constant model was best; all trees when `patienceTrees` is 0 or there
  /// are no validation rows.
  package let bestTreeCount: Int
}
