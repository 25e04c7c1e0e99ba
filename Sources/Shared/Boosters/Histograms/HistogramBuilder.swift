// SPDX-License-Identifier: Apache-2.0

import CIntrinsics
import CWideHistograms

/// Adds the rows of a leaf into a histogram, group by group.
///
/// The leaf's rows of a block of 64 columns are copied out in batches, so that all 8 groups of the block stream over them
/// from the second-level cache; each group adds words into 2,048 narrow sums that stay in the first-level cache, which are
/// then widened into the histogram's planes. One of these works for one thread.
final class HistogramBuilder {
  private static let prefetchDistance = 24

  /// [256 bins, 8 lanes]; all 0 between calls.
  private let narrow: UnsafeMutablePointer<Int64>
  /// [batch, 64]: bins of the batch's rows.
  private let tile: UnsafeMutablePointer<UInt8>
  private let tileWords: UnsafeMutablePointer<Int64>

  private let isWide: Bool

  init(rowCountMax: Int, isWide: Bool) {
    self.isWide = isWide
    let batch = min(GradientWord.rowsPerBatchMax, max(rowCountMax, 1))
    narrow = UnsafeMutableRawPointer.allocate(byteCount: 256 * 64, alignment: 64).bindMemory(
      to: Int64.self, capacity: 2048)
    narrow.initialize(repeating: 0, count: 2048)
    tile = UnsafeMutableRawPointer.allocate(byteCount: batch * 64, alignment: 64).bindMemory(
      to: UInt8.self, capacity: batch * 64)
    tileWords = .allocate(capacity: batch)
  }

  deinit {
    narrow.deallocate()
    tile.deallocate()
    tileWords.deallocate()
  }

  /// Builds the groups of one block that have a live column; the lines of the others are left as they are.
  ///
  /// - Parameters:
  ///   - rows: the leaf's rows; nil when they are all rows of the matrix.
  ///   - words: [N] by row of the matrix.
  ///   - live: for each group its columns that may still split, a bit a column.
  ///   - isBuilt: called with each group as soon as its sums are complete.
  /// - Complexity: O(rows · live groups of the block · 8).
  func build(
    _ histogram: LeafHistogram, of columns: TreeColumns, block: BinBlock, rows: UnsafePointer<UInt32>?,
    words: UnsafePointer<Int64>, rowCount: Int, rowsPerBatch: Int, live: UnsafePointer<UInt8>,
    isBuilt: (Int) -> Void
  ) {
    let bins = columns.base(of: block)
    for start in stride(from: 0, to: rowCount, by: rowsPerBatch) {
      let count = min(rowsPerBatch, rowCount - start)
      var batch = bins + start * block.width
      var batchWords = words + start
      if let rows {
        copy(rows + start, count: count, bins: bins, width: block.width, words: words)
        batch = UnsafePointer(tile)
        batchWords = UnsafePointer(tileWords)
      }
      for group in block.groups where live[group] != 0 {
        let lane = (group - block.groups.lowerBound) * HistogramLayout.lanes
        Self.accumulate(narrow, batch + lane, width: block.width, words: batchWords, count: count)
        widen(group, columns.layout, into: histogram, isFirst: start == 0)
        if start + count == rowCount { isBuilt(group) }
      }
    }
  }

  private func copy(
    _ rows: UnsafePointer<UInt32>, count: Int, bins: UnsafePointer<UInt8>, width: Int, words: UnsafePointer<Int64>
  ) {
    switch width {
    case 64: copy(rows, count, bins, words, of: SIMD64<UInt8>.self)
    case 32: copy(rows, count, bins, words, of: SIMD32<UInt8>.self)
    case 16: copy(rows, count, bins, words, of: SIMD16<UInt8>.self)
    default: copy(rows, count, bins, words, of: SIMD8<UInt8>.self)
    }
  }

  @inline(__always)
  private func copy<Row>(
    _ rows: UnsafePointer<UInt32>, _ count: Int, _ bins: UnsafePointer<UInt8>, _ words: UnsafePointer<Int64>,
    of: Row.Type
  ) {
    let source = UnsafeRawPointer(bins).assumingMemoryBound(to: Row.self)
    let target = UnsafeMutableRawPointer(tile).assumingMemoryBound(to: Row.self)
    for index in 0..<count {
      if index + Self.prefetchDistance < count {
        let ahead = Int(rows[index + Self.prefetchDistance])
        cintrinsics_prefetch(source + ahead)
        cintrinsics_prefetch(words + ahead)
      }
      let row = Int(rows[index])
      target[index] = source[row]
      tileWords[index] = words[row]
    }
  }

  /// One row's 8 bins, written out: Swift does not unroll the loop over lanes by itself.
  private static func accumulate(
    _ sums: UnsafeMutablePointer<Int64>, _ bins: UnsafePointer<UInt8>, width: Int, words: UnsafePointer<Int64>,
    count: Int
  ) {
    var row = bins
    for index in 0..<count {
      let word = words[index]
      let b0 = Int(row[0]) &* 8
      let b1 = Int(row[1]) &* 8 &+ 1
      let b2 = Int(row[2]) &* 8 &+ 2
      let b3 = Int(row[3]) &* 8 &+ 3
      let b4 = Int(row[4]) &* 8 &+ 4
      let b5 = Int(row[5]) &* 8 &+ 5
      let b6 = Int(row[6]) &* 8 &+ 6
      let b7 = Int(row[7]) &* 8 &+ 7
      sums[b0] &+= word
      sums[b1] &+= word
      sums[b2] &+= word
      sums[b3] &+= word
      sums[b4] &+= word
      sums[b5] &+= word
      sums[b6] &+= word
      sums[b7] &+= word
      row += width
    }
  }

  /// Moves the narrow sums to the histogram's planes, added unless `isFirst`, and clears them.
  private func widen(_ group: Int, _ layout: HistogramLayout, into histogram: LeafHistogram, isFirst: Bool) {
    let count = layout.lineCount(of: group) * HistogramLayout.lanes
    let planes = histogram.base + layout.offset(of: group)
    if isWide {
      return chist_widen(
        narrow, planes, layout.lineCount(of: group), layout.isHessianConstant ? 1 : 0, isFirst ? 0 : 1)
    }
    switch (layout.isHessianConstant, isFirst) {
    case (false, true): Self.widen(narrow, planes, count, adding: No.self)
    case (false, false): Self.widen(narrow, planes, count, adding: Yes.self)
    case (true, true): Self.widenConstant(narrow, planes, count, adding: No.self)
    case (true, false): Self.widenConstant(narrow, planes, count, adding: Yes.self)
    }
  }

  // Plain loops: LLVM makes full-width SIMD of them.
  @inline(__always)
  private static func widen<Adding: Choice>(
    _ narrow: UnsafeMutablePointer<Int64>, _ gradients: UnsafeMutablePointer<Int32>, _ count: Int, adding: Adding.Type
  ) {
    let hessians = gradients + count
    let counts = hessians + count
    for index in 0..<count {
      let word = narrow[index]
      narrow[index] = 0
      let gradient = Int32(truncatingIfNeeded: word >> 32) >> 6
      let hessian = Int32(truncatingIfNeeded: (word >> 12) & 0x3FF_FFFF)
      let rows = Int32(truncatingIfNeeded: word) & 0xFFF
      gradients[index] = Adding.isMade ? gradients[index] &+ gradient : gradient
      hessians[index] = Adding.isMade ? hessians[index] &+ hessian : hessian
      counts[index] = Adding.isMade ? counts[index] &+ rows : rows
    }
  }

  @inline(__always)
  private static func widenConstant<Adding: Choice>(
    _ narrow: UnsafeMutablePointer<Int64>, _ gradients: UnsafeMutablePointer<Int32>, _ count: Int, adding: Adding.Type
  ) {
    let counts = gradients + count
    for index in 0..<count {
      let word = narrow[index]
      narrow[index] = 0
      let gradient = Int32(truncatingIfNeeded: word >> 32)
      let rows = Int32(truncatingIfNeeded: word)
      gradients[index] = Adding.isMade ? gradients[index] &+ gradient : gradient
      counts[index] = Adding.isMade ? counts[index] &+ rows : rows
    }
  }
}
