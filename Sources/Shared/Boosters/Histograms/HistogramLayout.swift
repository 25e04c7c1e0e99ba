// SPDX-License-Identifier: Apache-2.0

/// Where a leaf's sums lie: columns in groups of 8, side by side, so that one SIMD step of the split search takes one bin
/// of 8 columns.
///
/// A line is one bin of a group: 8 words of (gradient, hessian) in the first plane, 8 row counts in the second. A group
/// has as many lines as its column with the most bins, missing included.
///
/// Sums are integers: a row's gradient and hessian are rounded once, to 2³¹ quanta of the tree's total (`GradientScale`),
/// and share a 64-bit word, so an update is one addition to memory. Integer sums do not depend on their order, and
/// "parent − child = sibling" is exact on leaves of any size, where float sums cancel.
/// - Source: integer gradients after Shi et al. 2022, "Quantized Training of Gradient Boosting Decision Trees"; theirs
///   have 2–5 bits, these about 31 − log₂ N, so plain rounding serves.
struct HistogramLayout {
  static let lanes = 8

  /// First line of each group, and after the last one the number of all lines.
  let lineStarts: [Int]
  let counts: CountWidth

  init(columns: [ColumnBins], counts: CountWidth) {
    var starts = [0]
    for first in stride(from: 0, to: columns.count, by: Self.lanes) {
      let widest = columns[first..<min(first + Self.lanes, columns.count)].map(\.valueBinCount).max() ?? 0
      starts.append(starts[starts.count - 1] + widest + 1)
    }
    lineStarts = starts
    self.counts = counts
  }

  var groupCount: Int { lineStarts.count - 1 }
  var lineCount: Int { lineStarts[lineStarts.count - 1] }
  func lineCount(of group: Int) -> Int { lineStarts[group + 1] - lineStarts[group] }

  /// Offset of the second plane.
  var countsOffset: Int { lineCount * Self.lanes * MemoryLayout<Int64>.stride }
  var byteCount: Int { countsOffset + lineCount * Self.lanes * counts.byteCount }
}

/// How rows are counted in a histogram.
enum CountWidth {
  /// Not at all: every row has the same hessian, which therefore counts them.
  case none
  /// Fewer than 2¹⁶ rows.
  case bits16
  case bits32

  var byteCount: Int {
    switch self {
    case .none: 0
    case .bits16: 2
    case .bits32: 4
    }
  }
}

/// One leaf's sums in `HistogramLayout`'s order.
final class LeafHistogram {
  let base: UnsafeMutableRawPointer

  init(layout: HistogramLayout) {
    // Whole cache lines, and one more than needed, so that no two histograms share one.
    base = .allocate(byteCount: (layout.byteCount + 127) / 64 * 64, alignment: 64)
  }

  deinit { base.deallocate() }
}
