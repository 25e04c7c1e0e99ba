// SPDX-License-Identifier: Apache-2.0

import Charts

/// Held-out rows of one fold by score, and what follows for any threshold.
///
/// Between the bounds of a bin its rows are taken to lie evenly: a bin has 11 rows or more, and nobody outside the worker knows
/// where in it they are.
package struct FoldScores: Sendable {
  package struct Bin: Sendable {
    /// Scores from here to the next bin's.
    let low: Double
    let rowCount: Double
    /// Mean prediction.
    let predicted: Double
    let positives: Double

    package init(low: Double, rowCount: Double, predicted: Double, positives: Double) {
      (self.low, self.rowCount, self.predicted, self.positives) = (low, rowCount, predicted, positives)
    }
  }

  /// Highest scores first.
  let bins: [Bin]
  let rowCount: Double
  let positives: Double
  var negatives: Double { rowCount - positives }

  package init(_ bins: [Bin]) {
    self.bins = bins.sorted { $0.low > $1.low }
    rowCount = bins.reduce(0) { $0 + $1.rowCount }
    positives = bins.reduce(0) { $0 + $1.positives }
  }

  /// True and false positives with ever more rows flagged, from none to all.
  private var path: [(falsePositives: Double, truePositives: Double)] {
    var (falsePositives, truePositives) = (0.0, 0.0)
    return [(0, 0)]
      + bins.map { bin in
        truePositives += bin.positives
        falsePositives += bin.rowCount - bin.positives
        return (falsePositives, truePositives)
      }
  }

  /// (1 − specificity, sensitivity).
  var roc: [ChartPoint] { path.map { ChartPoint($0.falsePositives / negatives, $0.truePositives / positives) } }

  /// Sensitivity where this share of the negatives is flagged.
  package func sensitivity(atFalsePositives share: Double) -> Double {
    interpolated(path.map { ($0.falsePositives, $0.truePositives) }, at: share * negatives) / positives
  }

  /// Precision where this share of the positives is flagged: counts are interpolated, for precision itself must not be.
  ///
  /// - Source: Davis & Goadrich 2006, "The Relationship Between Precision-Recall and ROC Curves", section 4.
  package func precision(atRecall recall: Double) -> Double {
    let found = recall * positives
    let falsePositives = interpolated(path.map { ($0.truePositives, $0.falsePositives) }, at: found)
    return found / (found + falsePositives)
  }

  /// What flagging every score from `threshold` on would do.
  package func flagged(from threshold: Double) -> (truePositives: Double, falsePositives: Double) {
    var (truePositives, falsePositives, high) = (0.0, 0.0, 1.0)
    for bin in bins {
      let share = min(max((high - threshold) / max(high - bin.low, .leastNonzeroMagnitude), 0), 1)
      truePositives += share * bin.positives
      falsePositives += share * (bin.rowCount - bin.positives)
      high = bin.low
    }
    return (truePositives, falsePositives)
  }

  /// Linear between points with ascending first members; on a vertical stretch its upper end.
  private func interpolated(_ points: [(Double, Double)], at x: Double) -> Double {
    var last = points[0]
    for point in points.dropFirst() {
      if point.0 > x {
        return last.1 + (point.1 - last.1) * (x - last.0) / (point.0 - last.0)
      }
      last = point
    }
    return last.1
  }
}

/// One number of each fold: their mean and the corrected 95 % interval of it (Nadeau & Bengio 2003).
package struct OverFolds: Sendable {
  package let mean: Double
  /// `nil` with fewer than two folds, or where a fold does not say.
  package let interval: ClosedRange<Double>?

  /// - Parameters:
  ///   - share: held-out rows over training rows.
  ///   - bounds: what no value can pass.
  package init(_ values: [Double], share: Double, within bounds: ClosedRange<Double> = 0...1) {
    let all = values.filter(\.isFinite)
    mean = all.isEmpty ? .nan : all.reduce(0, +) / Double(all.count)
    interval =
      all.count == values.count
      ? PairedFolds(all, share: share).map { folds in
        let (low, high) = (folds.interval.lowerBound, folds.interval.upperBound)
        return min(
          max(low, bounds.lowerBound), bounds.upperBound)...min(max(high, bounds.lowerBound), bounds.upperBound)
      } : nil
  }
}

/// Rows of all folds by predicted value, about equally many to a group: what was said, and what came.
package struct CalibrationGroup: Sendable {
  package let predicted: Double
  package let observed: Double
  package let rowCount: Double

  package static func groups(of folds: [FoldScores], count: Int = 10) -> [CalibrationGroup] {
    let bins = folds.flatMap(\.bins).sorted { ($0.predicted, $0.low) < ($1.predicted, $1.low) }
    let total = bins.reduce(0) { $0 + $1.rowCount }
    var groups: [CalibrationGroup] = []
    var (rows, predicted, observed, seen) = (0.0, 0.0, 0.0, 0.0)
    for (index, bin) in bins.enumerated() {
      rows += bin.rowCount
      predicted += bin.rowCount * bin.predicted
      observed += bin.positives
      seen += bin.rowCount
      let isFull = seen >= total * Double(groups.count + 1) / Double(count)
      guard isFull || index == bins.count - 1 else { continue }
      groups.append(CalibrationGroup(predicted: predicted / rows, observed: observed / rows, rowCount: rows))
      (rows, predicted, observed) = (0, 0, 0)
    }
    return groups
  }

  /// 95 % of a share, as if rows were drawn by themselves.
  ///
  /// - Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
  package var wilson: ClosedRange<Double> {
    let z = 1.959964
    let center = (observed + z * z / (2 * rowCount)) / (1 + z * z / rowCount)
    let half =
      z / (1 + z * z / rowCount)
      * (observed * (1 - observed) / rowCount + z * z / (4 * rowCount * rowCount)).squareRoot()
    return max(0, center - half)...min(1, center + half)
  }
}
