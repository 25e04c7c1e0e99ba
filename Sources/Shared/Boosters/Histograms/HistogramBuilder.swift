// SPDX-License-Identifier: Apache-2.0

import CIntrinsics

/// Adds the rows of a leaf into a histogram.
///
/// Rows go in tiles: within a tile one group of 8 columns after the other, so that the group's lines stay in the first-level
/// cache while the tile's bins, read once from memory, stay in the second.
struct HistogramBuilder {
  /// 256 rows × 64 bytes of bins is half of a 32 KB cache.
  private static let tileRowCount = 256
  private static let prefetchDistance = 16

  let layout: HistogramLayout
  let matrix: BinnedMatrix

  /// Builds the groups that have a live column; the lines of the others are left as they are.
  ///
  /// - Parameters:
  ///   - words: the rows' `GradientWord`s, in the order of `rows`.
  ///   - live: for each group its columns that may still split, a bit a column.
  /// - Complexity: O(rows · live groups · 8).
  func build(
    _ histogram: LeafHistogram, rows: UnsafePointer<UInt32>, words: UnsafePointer<Int64>, rowCount: Int, live: [UInt8]
  ) {
    clear(histogram, live: live)
    switch layout.counts {
    case .none: accumulate(histogram, rows, words, rowCount, live, UInt16.self, counting: No.self)
    case .bits16: accumulate(histogram, rows, words, rowCount, live, UInt16.self, counting: Yes.self)
    case .bits32: accumulate(histogram, rows, words, rowCount, live, UInt32.self, counting: Yes.self)
    }
  }

  private func clear(_ histogram: LeafHistogram, live: [UInt8]) {
    let lanes = HistogramLayout.lanes
    for group in 0..<layout.groupCount where live[group] != 0 {
      let first = layout.lineStarts[group] * lanes
      let count = layout.lineCount(of: group) * lanes
      (histogram.base + first * 8).initializeMemory(as: Int64.self, repeating: 0, count: count)
      (histogram.base + layout.countsOffset + first * layout.counts.byteCount)
        .initializeMemory(as: UInt8.self, repeating: 0, count: count * layout.counts.byteCount)
    }
  }

  @inline(__always)
  private func accumulate<Count: FixedWidthInteger, Counting: Choice>(
    _ histogram: LeafHistogram, _ rows: UnsafePointer<UInt32>, _ words: UnsafePointer<Int64>, _ rowCount: Int,
    _ live: [UInt8], _: Count.Type, counting: Counting.Type
  ) {
    let sums = histogram.base.assumingMemoryBound(to: Int64.self)
    let counts = (histogram.base + layout.countsOffset).assumingMemoryBound(to: Count.self)
    for block in matrix.blocks {
      let firstGroup = block.firstColumn / HistogramLayout.lanes
      let groups = firstGroup..<(firstGroup + (block.columnCount + HistogramLayout.lanes - 1) / HistogramLayout.lanes)
      guard groups.contains(where: { live[$0] != 0 }) else { continue }
      let bins = matrix.base(of: block)
      for start in stride(from: 0, to: rowCount, by: Self.tileRowCount) {
        let end = min(start + Self.tileRowCount, rowCount)
        prefetch(bins, width: block.width, rows: rows, range: start..<min(start + Self.prefetchDistance, end))
        var isFirst = true
        for group in groups where live[group] != 0 {
          let line = layout.lineStarts[group] * HistogramLayout.lanes
          addTile(
            sums + line, counts + line, bins + (group - firstGroup) * HistogramLayout.lanes, width: block.width,
            rows: rows, words: words, range: start..<end, counting: counting, isPrefetching: isFirst)
          isFirst = false
        }
      }
    }
  }

  @inline(__always)
  private func prefetch(_ bins: UnsafePointer<UInt8>, width: Int, rows: UnsafePointer<UInt32>, range: Range<Int>) {
    for index in range { cintrinsics_prefetch(bins + Int(rows[index]) * width) }
  }

  @inline(__always)
  private func addTile<Count: FixedWidthInteger, Counting: Choice>(
    _ sums: UnsafeMutablePointer<Int64>, _ counts: UnsafeMutablePointer<Count>, _ bins: UnsafePointer<UInt8>,
    width: Int, rows: UnsafePointer<UInt32>, words: UnsafePointer<Int64>, range: Range<Int>, counting: Counting.Type,
    isPrefetching: Bool
  ) {
    let prefetchEnd = isPrefetching ? range.upperBound - Self.prefetchDistance : 0
    for index in range {
      if index < prefetchEnd {
        cintrinsics_prefetch(bins + Int(rows[index + Self.prefetchDistance]) * width)
      }
      let word = words[index]
      let row = UnsafeRawPointer(bins + Int(rows[index]) * width)
      add(word, row.loadUnaligned(as: UInt64.self), to: sums, counts, counting: counting)
    }
  }

  /// One row's 8 bins, written out: Swift does not unroll the loop over lanes by itself.
  @inline(__always)
  private func add<Count: FixedWidthInteger, Counting: Choice>(
    _ word: Int64, _ bins: UInt64, to sums: UnsafeMutablePointer<Int64>, _ counts: UnsafeMutablePointer<Count>,
    counting: Counting.Type
  ) {
    @inline(__always) func lane(_ lane: Int) {
      let entry = Int(truncatingIfNeeded: (bins >> UInt64(truncatingIfNeeded: lane * 8)) & 0xFF) &* 8 &+ lane
      sums[entry] &+= word
      if Counting.isMade { counts[entry] &+= 1 }
    }
    lane(0)
    lane(1)
    lane(2)
    lane(3)
    lane(4)
    lane(5)
    lane(6)
    lane(7)
  }
}
