// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Shards

/// What one column's values look like.
struct ColumnScan: Sendable {
  let known: Int
  let missing: Int
  /// Of the known values; NaN where there is none.
  let low: Float
  let high: Float
  let distinctCount: Int
  /// Of known values: 5, 25, 50, 75 and 95 of 100 lie below; interpolated.
  let quantiles: [Float]
  /// Chance that a random row with label 1 has the greater value, ties half; of known values. nil without both labels.
  let auroc: Double?
  /// The same of being missing.
  let missingAuroc: Double?
  /// Spearman's correlation with the label, of known values.
  let labelCorrelation: Double?
  /// Spearman's correlation with the row's identifier.
  let identifierCorrelation: Double?

  /// All columns of a data set, on all cores.
  static func all(_ dataset: Dataset) -> [ColumnScan] {
    all(dataset, rows: Array(0..<dataset.rowCount), labels: dataset.labels, isBinary: dataset.manifest.outcome.isBinary)
  }

  /// The same of some rows, against labels of theirs.
  static func all(_ dataset: Dataset, rows: [Int], labels: [Float], isBinary: Bool) -> [ColumnScan] {
    let identifiers = rows.map { Double(dataset.rowIDs[$0]) }
    return concurrentMap(count: dataset.columnCount) { column in
      let values = rows.map { dataset.tabularRow($0)[column] }
      return ColumnScan(values, labels: labels, isBinary: isBinary, identifiers: identifiers)
    }
  }

  init(_ values: [Float], labels: [Float], isBinary: Bool, identifiers: [Double]) {
    let places = values.indices.filter { !values[$0].isNaN }
    let sorted = places.map { values[$0] }.sorted()
    known = places.count
    missing = values.count - places.count
    low = sorted.first ?? .nan
    high = sorted.last ?? .nan
    var distinct = sorted.isEmpty ? 0 : 1
    for index in sorted.indices.dropFirst() where sorted[index] != sorted[index - 1] { distinct += 1 }
    distinctCount = distinct
    quantiles = [0.05, 0.25, 0.5, 0.75, 0.95].map { Self.quantile(sorted, $0) }
    let ranks = Self.ranks(places.map { Double(values[$0]) })
    if isBinary {
      auroc = Self.auroc(ranks: ranks, isPositive: places.map { labels[$0] == 1 })
      let isMissing = Self.ranks(values.map { $0.isNaN ? 1 : 0 })
      missingAuroc = missing == 0 || known == 0 ? nil : Self.auroc(ranks: isMissing, isPositive: labels.map { $0 == 1 })
    } else {
      auroc = nil
      missingAuroc = nil
    }
    labelCorrelation =
      isBinary ? nil : Self.correlation(ranks, Self.ranks(places.map { Double(labels[$0]) }))
    identifierCorrelation = Self.correlation(ranks, Self.ranks(places.map { identifiers[$0] }))
  }

  private static func quantile(_ sorted: [Float], _ share: Double) -> Float {
    guard let last = sorted.last else { return .nan }
    let place = share * Double(sorted.count - 1)
    let low = Int(place)
    guard low + 1 < sorted.count else { return last }
    return sorted[low] + Float(place - Double(low)) * (sorted[low + 1] - sorted[low])
  }

  /// From 1; the mean rank where values are equal.
  private static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
      start = end
    }
    return ranks
  }

  /// - Source: Mann & Whitney 1947, by rank sums.
  private static func auroc(ranks: [Double], isPositive: [Bool]) -> Double? {
    let positives = isPositive.count { $0 }
    let negatives = isPositive.count - positives
    guard positives > 0, negatives > 0 else { return nil }
    let sum = zip(ranks, isPositive).reduce(0.0) { $1.1 ? $0 + $1.0 : $0 }
    return (sum - Double(positives) * Double(positives + 1) / 2) / (Double(positives) * Double(negatives))
  }

  private static func correlation(_ left: [Double], _ right: [Double]) -> Double? {
    guard left.count > 2 else { return nil }
    let count = Double(left.count)
    let (meanLeft, meanRight) = (left.reduce(0, +) / count, right.reduce(0, +) / count)
    var (both, squaresLeft, squaresRight) = (0.0, 0.0, 0.0)
    for (a, b) in zip(left, right) {
      both += (a - meanLeft) * (b - meanRight)
      squaresLeft += (a - meanLeft) * (a - meanLeft)
      squaresRight += (b - meanRight) * (b - meanRight)
    }
    guard squaresLeft > 0, squaresRight > 0 else { return nil }
    return both / (squaresLeft * squaresRight).squareRoot()
  }
}
