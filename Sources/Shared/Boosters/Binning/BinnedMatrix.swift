// SPDX-License-Identifier: Apache-2.0

/// A data set as the trainer sees it: one byte a value, the number of its bin (0: missing).
///
/// Columns lie in blocks of 64, each block row-major: a row's part of a block is one cache line, and the columns that one
/// update of histograms touches come in with one miss. The last block is as wide as its columns need (8, 16, 32 or 64),
/// its padding columns hold 0. After the blocks the columns lie once more, each contiguous.
///
/// - Shapes: N rows × F columns; block k holds columns 64k..<64k + width.
/// - Source: histogram-based growth after Ke et al. 2017, algorithm 1; the bins are exact quantiles of the given rows.
package final class BinnedMatrix: Sendable {
  package let rowCount: Int
  package let columnCount: Int
  package let columns: [ColumnBins]
  let blocks: [BinBlock]
  /// Where the columns lie once more, each contiguous: rows are parted by one column at a time.
  private let columnsOffset: Int
  private let columnStride: Int
  /// Written in `init` only, never after: sharing it between threads needs no lock.
  private nonisolated(unsafe) let storage: UnsafeMutableRawPointer

  /// Bins the rows by their own quantiles.
  ///
  /// - Parameters:
  ///   - values: [N, F] row-major; NaN is missing, ±∞ are the largest and smallest values.
  ///   - binCountMax: most value bins of a column, 1...255; the bin of missing values comes on top.
  /// - Complexity: O(N·F); 2·N·F bytes, and 80·N bytes on the way.
  package init(binning values: UnsafeBufferPointer<Float>, rowCount: Int, columnCount: Int, binCountMax: Int) {
    precondition(rowCount >= 0 && columnCount >= 0, "\(rowCount) rows × \(columnCount) columns")
    precondition(values.count == rowCount * columnCount, "\(values.count) values for \(rowCount) × \(columnCount)")
    precondition((1...255).contains(binCountMax), "binCountMax \(binCountMax) is not in 1...255")
    let layout = BinBlock.layout(rowCount: rowCount, columnCount: columnCount)
    columnsOffset = layout.byteCount
    columnStride = (rowCount + 63) / 64 * 64
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: max(columnsOffset + columnStride * columnCount, 64), alignment: 64)
    var columns: [ColumnBins] = []
    if rowCount > 0 {
      let binning = ColumnBinning(rowCount: rowCount, columnCount: columnCount, binCountMax: binCountMax)
      for block in layout.blocks {
        binning.fill(
          block, of: bytes, columnMajor: bytes + columnsOffset, stride: columnStride, from: values.baseAddress,
          appendingTo: &columns)
      }
    } else {
      columns = Array(repeating: ColumnBins(bounds: [], valueBinCount: 0), count: columnCount)
    }
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.columns = columns
    blocks = layout.blocks
    storage = bytes
  }

  deinit { storage.deallocate() }

  /// First byte of a block: row r's bin of the block's column j is at `r * block.width + j`.
  func base(of block: BinBlock) -> UnsafePointer<UInt8> {
    UnsafePointer((storage + block.offset).assumingMemoryBound(to: UInt8.self))
  }

  /// Bins of a column; [N].
  func bins(ofColumn column: Int) -> UnsafePointer<UInt8> {
    UnsafePointer((storage + columnsOffset + column * columnStride).assumingMemoryBound(to: UInt8.self))
  }

  /// Bin of one value. For tests and for what is not hot.
  package func bin(row: Int, column: Int) -> Int {
    Int(bins(ofColumn: column)[row])
  }
}

/// Where 64 neighbouring columns lie.
struct BinBlock: Sendable {
  static let columnCountMax = 64

  /// Groups of 8 columns, as histograms have them.
  var groups: Range<Int> { firstColumn / 8..<(firstColumn + columnCount + 7) / 8 }

  let firstColumn: Int
  /// Columns without padding.
  let columnCount: Int
  /// Bytes a row: `columnCount` rounded up to 8, 16, 32 or 64, so that no row straddles a cache line.
  let width: Int
  let offset: Int

  static func layout(rowCount: Int, columnCount: Int) -> (blocks: [BinBlock], byteCount: Int) {
    var blocks: [BinBlock] = []
    var offset = 0
    for first in stride(from: 0, to: columnCount, by: columnCountMax) {
      let count = min(columnCountMax, columnCount - first)
      var width = 8
      while width < count { width *= 2 }
      blocks.append(BinBlock(firstColumn: first, columnCount: count, width: width, offset: offset))
      offset += (rowCount * width + 63) / 64 * 64
    }
    return (blocks, offset)
  }
}
