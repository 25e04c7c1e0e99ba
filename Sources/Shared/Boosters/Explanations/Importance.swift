// SPDX-License-Identifier: Apache-2.0

import Randomness

extension Booster {
  /// How many splits each column has; [columnCount].
  package var splitCountByColumn: [Int] {
    var counts = [Int](repeating: 0, count: columnCount)
    for tree in trees { for node in tree.nodes { counts[Int(node.column)] += 1 } }
    return counts
  }

  /// What a loss rises by when one column's values are dealt anew among the rows; [columnCount], means over the repeats.
  /// Columns without a split are 0 without being tried.
  ///
  /// - Parameters:
  ///   - values: [N, F] row-major; best of rows that were not trained on.
  ///   - loss: of predictions and labels, the lower the better.
  /// - Source: Breiman 2001, "Random Forests", section 10.
  package func permutationImportance(
    _ values: UnsafeBufferPointer<Float>, labels: [Float], repeats: Int, seed: UInt64,
    loss: ([Float], [Float]) -> Double
  ) -> [Double] {
    let rowCount = labels.count
    let predictor = BoosterPredictor(self)
    let whole = loss(predictor.predict(values, rowCount: rowCount), labels)
    var shuffled = Array(values)
    return splitCountByColumn.enumerated().map { column, splitCount in
      guard splitCount > 0, repeats > 0 else { return 0 }
      var sum = 0.0
      for repetition in 0..<repeats {
        var generator = CounterGenerator(key: derivedSeed(seed, .resampling, column, repetition))
        var order = Array(0..<rowCount)
        generator.shuffle(&order)
        for row in 0..<rowCount { shuffled[row * columnCount + column] = values[order[row] * columnCount + column] }
        let predictions = shuffled.withUnsafeBufferPointer { predictor.predict($0, rowCount: rowCount) }
        sum += loss(predictions, labels) - whole
      }
      for row in 0..<rowCount { shuffled[row * columnCount + column] = values[row * columnCount + column] }
      return sum / Double(repeats)
    }
  }

  /// The mean score over given rows as one column takes each value of a grid.
  ///
  /// - Parameters:
  ///   - values: [N, F] row-major.
  ///   - grid: values of the column; NaN is "missing".
  /// - Returns: [grid]; before the link.
  /// - Source: Friedman 2001, section 8.2 (partial dependence), over the rows themselves.
  package func partialDependence(
    _ values: UnsafeBufferPointer<Float>, rowCount: Int, column: Int, grid: [Float]
  ) -> [Double] {
    precondition((0..<columnCount).contains(column), "column \(column) of \(columnCount)")
    let predictor = BoosterPredictor(self)
    var changed = Array(values)
    return grid.map { value in
      for row in 0..<rowCount { changed[row * columnCount + column] = value }
      let scores = changed.withUnsafeBufferPointer { predictor.scores($0, rowCount: rowCount) }
      return scores.reduce(0, +) / Double(max(rowCount, 1))
    }
  }
}
