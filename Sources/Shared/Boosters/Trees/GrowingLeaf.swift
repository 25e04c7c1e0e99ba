// SPDX-License-Identifier: Apache-2.0

/// A leaf of a tree that is still growing.
struct GrowingLeaf {
  /// Its rows, as a range of `LeafRows`.
  var range: Range<Int>
  var depth: Int
  /// Sums over its rows.
  var total: QuantaSums
  var bounds = ValueBounds()
  /// Columns that may still split it, a bit a column, a byte a group.
  var live: [UInt8]
  /// Its best split; nil when it has none or was not searched.
  var split: Split?
  /// Kept while it may be split, for the sake of the subtraction; may be dropped to make room.
  var histogram: LeafHistogram?
  /// The node above and the side it hangs on; nil for the root.
  var parent: (node: Int, isRight: Bool)?

  var rowCount: Int { range.count }
}

/// Histograms that are in use or free, at most `capacity` of them. Beyond that the leaf of least gain gives its own up,
/// and its children are both built from rows: slower, and equal to the last bit.
struct HistogramPool {
  private let byteCountMax: Int
  /// Of one histogram.
  private var byteCount = 0
  private var free: [LeafHistogram] = []
  private var count = 0

  init(byteCountMax: Int) { self.byteCountMax = byteCountMax }

  // One that is split and its two children; a fourth so that a leaf can wait.
  private var capacity: Int { max(4, byteCountMax / max(byteCount, 1)) }

  var isExhausted: Bool { free.isEmpty && count >= capacity }

  /// Makes room for another tree's histograms; none of the last tree's is in use any more.
  mutating func prepare(for layout: HistogramLayout) {
    guard layout.byteCount > byteCount else { return }
    // The next draw of columns may need a little more: it should not begin anew again.
    byteCount = count == 0 ? layout.byteCount : layout.byteCount + layout.byteCount / 8
    free = []
    count = 0
  }

  mutating func take() -> LeafHistogram {
    if let histogram = free.popLast() { return histogram }
    count += 1
    return LeafHistogram(byteCount: byteCount)
  }

  mutating func giveBack(_ histogram: LeafHistogram?) {
    if let histogram { free.append(histogram) }
  }
}
