// SPDX-License-Identifier: Apache-2.0

package import Shards

/// Mean and deviation of each column over the fitted rows, and from them a complete standardised matrix.
///
///     z = clamp((x − mean) / sd, −10, 10), 0 where x is missing
///
/// A column that is missing in 2 to 98 % of the fitted rows gets an indicator column beside it, if asked for: that a test
/// was not ordered tells something too. A column without variance is 0 throughout.
package struct ColumnScaling: Sendable {
  package let means: [Double]
  /// 1/sd, or 0 for a column without variance.
  package let scales: [Double]
  /// Ascending columns.
  package let indicators: [Int]
  var columnCount: Int { means.count }

  package var outputCount: Int { columnCount + indicators.count }

  /// One that was fitted before.
  init(means: [Double], scales: [Double], indicators: [Int]) {
    (self.means, self.scales, self.indicators) = (means, scales, indicators)
  }

  package init(_ dataset: Dataset, fittedOn rows: [Int], withIndicators: Bool) {
    let columnCount = dataset.columnCount
    var counts = [Int](repeating: 0, count: columnCount)
    var sums = [Double](repeating: 0, count: columnCount)
    for row in rows {
      let values = dataset.tabularRow(row)
      for column in 0..<columnCount where !values[column].isNaN {
        counts[column] += 1
        sums[column] += Double(values[column])
      }
    }
    let means = zip(sums, counts).map { $1 > 0 ? $0 / Double($1) : 0 }
    var squares = [Double](repeating: 0, count: columnCount)
    for row in rows {
      let values = dataset.tabularRow(row)
      for column in 0..<columnCount where !values[column].isNaN {
        let deviation = Double(values[column]) - means[column]
        squares[column] += deviation * deviation
      }
    }
    self.means = means
    scales = zip(squares, counts).map { square, count in
      let sd = count > 1 ? (square / Double(count - 1)).squareRoot() : 0
      return sd > 1e-9 ? 1 / sd : 0
    }
    indicators =
      withIndicators
      ? counts.indices.filter { column in
        let share = 1 - Double(counts[column]) / Double(max(rows.count, 1))
        return share >= 0.02 && share <= 0.98
      } : []
  }

  /// Row-major [rows, outputCount], without a missing value.
  package func apply(_ dataset: Dataset, _ rows: [Int]) -> [Float] {
    apply(rows.count) { dataset.tabularRow(rows[$0]) }
  }

  /// The same for rows of any place.
  package func apply<Row: RandomAccessCollection<Float>>(_ rowCount: Int, row: (Int) -> Row) -> [Float]
  where Row.Index == Int {
    var matrix = [Float](repeating: 0, count: rowCount * outputCount)
    for position in 0..<rowCount {
      let values = row(position)
      let (first, start) = (values.startIndex, position * outputCount)
      for column in 0..<columnCount where !values[first + column].isNaN {
        let z = (Double(values[first + column]) - means[column]) * scales[column]
        matrix[start + column] = Float(min(max(z, -10), 10))
      }
      for (index, column) in indicators.enumerated() where values[first + column].isNaN {
        matrix[start + columnCount + index] = 1
      }
    }
    return matrix
  }
}
