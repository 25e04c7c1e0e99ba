// SPDX-License-Identifier: Apache-2.0

/// Where a leaf's sums lie: columns in groups of 8, side by side, so that one SIMD step of the split search takes one bin
/// of 8 columns.
///
/// A line is one bin of a group: 8 neighbouring 32-bit sums. A group has as many lines as its column with the most bins,
/// missing included, in two or three planes: gradients, hessians (unless they are the counts), rows.
struct HistogramLayout {
  static let lanes = 8

  /// First line of each group, and after the last one the number of all lines.
  let lineStarts: [Int]
  /// Whether rows have the same hessian, so that the counts stand for it.
  let isHessianConstant: Bool

  init(columns: [ColumnBins], isHessianConstant: Bool) {
    var starts = [0]
    for first in stride(from: 0, to: columns.count, by: Self.lanes) {
      let widest = columns[first..<min(first + Self.lanes, columns.count)].map(\.valueBinCount).max() ?? 0
      starts.append(starts[starts.count - 1] + widest + 1)
    }
    lineStarts = starts
    self.isHessianConstant = isHessianConstant
  }

  var planeCount: Int { isHessianConstant ? 2 : 3 }
  var groupCount: Int { lineStarts.count - 1 }
  var lineCount: Int { lineStarts[lineStarts.count - 1] }
  func lineCount(of group: Int) -> Int { lineStarts[group + 1] - lineStarts[group] }

  /// Sums before the group's first.
  @inline(__always) func offset(of group: Int) -> Int { lineStarts[group] * Self.lanes * planeCount }
  var byteCount: Int { lineCount * Self.lanes * planeCount * MemoryLayout<Int32>.stride }
}

/// One leaf's sums in `HistogramLayout`'s order. `@unchecked`: threads touch different groups of it.
final class LeafHistogram: @unchecked Sendable {
  let base: UnsafeMutablePointer<Int32>

  init(byteCount: Int) {
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: (byteCount + 127) / 64 * 64, alignment: 64)
    base = bytes.bindMemory(to: Int32.self, capacity: byteCount / 4)
  }

  deinit { base.deallocate() }

  /// Sums of one bin of one column. For what is not hot.
  func sums(_ layout: HistogramLayout, column: Int, bin: Int) -> QuantaSums {
    let group = column / HistogramLayout.lanes
    let plane = layout.lineCount(of: group) * HistogramLayout.lanes
    let entry = base + layout.offset(of: group) + bin * HistogramLayout.lanes + column % HistogramLayout.lanes
    let count = entry[plane * (layout.planeCount - 1)]
    return QuantaSums(
      gradient: entry[0], hessian: layout.isHessianConstant ? count : entry[plane], count: count)
  }
}
