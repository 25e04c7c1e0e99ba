// SPDX-License-Identifier: Apache-2.0

/// The value bins of one column, ascending: bin b (from 1) holds bounds[b − 2] < x ≤ bounds[b − 1], the first and last
/// bin reaching to −∞ and +∞. Bin 0 is kept for missing values, so that a histogram needs no more lines than the column
/// has bins.
package struct ColumnBins: Hashable, Sendable {
  /// Upper bounds of all bins but the last, strictly ascending; [valueBinCount − 1].
  package let bounds: [Float]
  /// 0 for a column without a single value, 1 for a constant one.
  package let valueBinCount: Int
  /// Of a categorical column: bin b (from 1) is category categories[b − 1], the most frequent first; bin 0 is missing and
  /// every other value. nil for a numeric column.
  package let categories: [Int32]?

  init(bounds: [Float], valueBinCount: Int, categories: [Int32]? = nil) {
    self.bounds = bounds
    self.valueBinCount = valueBinCount
    self.categories = categories
  }

  /// The largest value that goes left when the split is after `bin`. After the last bin every value goes left, and only
  /// the missing ones can go right.
  package func threshold(after bin: Int) -> Float { bin < valueBinCount ? bounds[bin - 1] : .infinity }

  /// Bin of a value; 0 for NaN.
  package func bin(of value: Float) -> Int {
    if value.isNaN { return 0 }
    if let categories { return Self.category(value).flatMap { categories.firstIndex(of: $0) }.map { $0 + 1 } ?? 0 }
    var bin = 1
    while bin < valueBinCount, value > bounds[bin - 1] { bin += 1 }
    return bin
  }
}

extension ColumnBins {
  /// Categories are the integers 0..<65,536.
  static let categoryCountMax = 65_536

  /// A value's category: cut to an integer; nil for what is none.
  static func category(_ value: Float) -> Int32? {
    guard value > -1, value < Float(categoryCountMax) else { return nil }
    return Int32(value)
  }

  /// The most frequent categories, ties to the lower one.
  init(categoriesOf values: UnsafeBufferPointer<Float>, binCountMax: Int) {
    var counts = [Int](repeating: 0, count: Self.categoryCountMax)
    for value in values { if let category = Self.category(value) { counts[Int(category)] += 1 } }
    let used = counts.indices.filter { counts[$0] > 0 }.sorted { (counts[$1], $0) < (counts[$0], $1) }
    let kept = used.prefix(binCountMax).map { Int32($0) }
    self.init(bounds: [], valueBinCount: kept.count, categories: kept)
  }

  /// The categories of some bins as a bit set.
  func categoryWords(_ bins: BinSet) -> [UInt32] {
    var words: [UInt32] = []
    for (index, category) in (categories ?? []).enumerated() where bins.contains(index + 1) {
      while words.count <= Int(category) / 32 { words.append(0) }
      words[Int(category) / 32] |= 1 << UInt32(category % 32)
    }
    return words
  }

  /// Greedy equal-count bins of sorted values.
  ///
  /// Few distinct values get a bin each. Otherwise a value that alone has an equal share of the rows or more stays
  /// alone, and the rest is filled from the left, each bin up to an equal share of the rows still to come. A bound lies
  /// midway between its neighbours, so that unseen values fall to the nearer side. −∞ and +∞ are values like others.
  ///
  /// - Parameters:
  ///   - sorted: ascending, without NaN; −0 and 0 are one value.
  ///   - binCountMax: 1...255 value bins.
  ///   - rowsPerBinMin: rows that a bin has at least, but for the last one: a bound between two values that one or two rows
  ///     have is chance, and costs as much as another.
  /// - Complexity: O(n).
  init(sorted: UnsafeBufferPointer<Float>, binCountMax: Int, rowsPerBinMin: Int = 1) {
    let distinct = DistinctValues(sorted)
    let binCountMax = min(binCountMax, max(1, sorted.count / rowsPerBinMin))
    guard distinct.values.count > binCountMax else {
      let bounds = distinct.bounds(rowsPerBinMin: rowsPerBinMin)
      self.init(bounds: bounds, valueBinCount: distinct.values.isEmpty ? 0 : bounds.count + 1)
      return
    }
    var bounds = distinct.equalCountBounds(binCountMax: binCountMax, rowCount: sorted.count)
    bounds.reserveCapacity(binCountMax)
    self.init(bounds: bounds, valueBinCount: bounds.count + 1)
  }
}

/// Runs of equal values in a sorted column.
private struct DistinctValues {
  var values: [Float] = []
  var counts: [Int] = []

  init(_ sorted: UnsafeBufferPointer<Float>) {
    var start = 0
    for index in 0..<sorted.count where index + 1 == sorted.count || sorted[index + 1] != sorted[index] {
      values.append(sorted[index])
      counts.append(index + 1 - start)
      start = index + 1
    }
  }

  /// Midway to the next value, and below it: values[i] ≤ bound < values[i + 1].
  func bound(after index: Int) -> Float {
    let lower = values[index]
    let upper = values[index + 1]
    guard lower.isFinite, upper.isFinite else { return lower }
    let middle = Float(0.5 * (Double(lower) + Double(upper)))
    return middle < upper ? middle : lower
  }

  /// After each value, once enough rows have come together.
  func bounds(rowsPerBinMin: Int) -> [Float] {
    var filled = 0
    return (0..<max(values.count - 1, 0)).compactMap { index in
      filled += counts[index]
      guard filled >= rowsPerBinMin else { return nil }
      filled = 0
      return bound(after: index)
    }
  }

  func equalCountBounds(binCountMax: Int, rowCount: Int) -> [Float] {
    let share = Double(rowCount) / Double(binCountMax)
    var binsLeft = binCountMax
    var rowsLeft = rowCount
    for count in counts where Double(count) >= share {
      binsLeft -= 1
      rowsLeft -= count
    }
    // `binsLeft` and `rowsLeft` are those of the values that share a bin with others.
    var target = Double(rowsLeft) / Double(max(binsLeft, 1))
    var bounds: [Float] = []
    var filled = 0
    for index in 0..<(values.count - 1) where bounds.count < binCountMax - 1 {
      let isBig = Double(counts[index]) >= share
      let isNextBig = Double(counts[index + 1]) >= share
      filled += counts[index]
      if !isBig { rowsLeft -= counts[index] }
      // A bin ends before a big value only when half full: else the big values would use up the others' bins.
      guard isBig || Double(filled) >= target || (isNextBig && Double(filled) >= max(1, target / 2)) else { continue }
      bounds.append(bound(after: index))
      filled = 0
      if !isBig {
        binsLeft -= 1
        target = Double(rowsLeft) / Double(max(binsLeft, 1))
      }
    }
    return bounds
  }
}
