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
  /// Keeps memory alive that is not ours; nil where it is.
  private nonisolated(unsafe) let owner: AnyObject?

  /// Bins the rows by their own quantiles.
  ///
  /// - Parameters:
  ///   - values: [N, F] row-major; NaN is missing, ±∞ are the largest and smallest values.
  ///   - binCountMax: most value bins of a column, 1...255; the bin of missing values comes on top.
  ///   - rowsPerBinMin: rows that a numeric column's bin has at least, but for its last.
  ///   - categoricalColumns: columns whose values are categories 0..<65,536; rarer ones than the first `binCountMax`, and all
  ///     else, count as missing.
  /// - Complexity: O(N·F); 2·N·F bytes, and 80·N bytes on the way.
  package convenience init(
    binning values: UnsafeBufferPointer<Float>, rowCount: Int, columnCount: Int, binCountMax: Int,
    rowsPerBinMin: Int = 1, categoricalColumns: Set<Int> = []
  ) {
    precondition(rowCount >= 0 && columnCount >= 0, "\(rowCount) rows × \(columnCount) columns")
    precondition(values.count == rowCount * columnCount, "\(values.count) values for \(rowCount) × \(columnCount)")
    precondition((1...255).contains(binCountMax), "binCountMax \(binCountMax) is not in 1...255")
    precondition(rowsPerBinMin >= 1, "rowsPerBinMin \(rowsPerBinMin) is less than 1")
    let layout = BinBlock.layout(rowCount: rowCount, columnCount: columnCount)
    let stride = (rowCount + 63) / 64 * 64
    let bytes = Self.allocate(layout.byteCount + stride * columnCount)
    var columns: [ColumnBins] = []
    if rowCount > 0 {
      let binning = ColumnBinning(
        rowCount: rowCount, columnCount: columnCount, binCountMax: binCountMax, rowsPerBinMin: rowsPerBinMin,
        categoricalColumns: categoricalColumns)
      for block in layout.blocks {
        binning.fill(
          block, of: bytes, columnMajor: bytes + layout.byteCount, stride: stride, from: values.baseAddress,
          appendingTo: &columns)
      }
    } else {
      columns = Array(repeating: ColumnBins(bounds: [], valueBinCount: 0), count: columnCount)
    }
    self.init(rowCount: rowCount, columns: columns, storage: bytes, owner: nil)
  }

  /// Some rows of another matrix, by its bins.
  ///
  /// - Parameter rows: ascending row numbers of `matrix`.
  /// - Complexity: O(N·F).
  package convenience init(_ matrix: BinnedMatrix, rows: [Int]) {
    let layout = BinBlock.layout(rowCount: rows.count, columnCount: matrix.columnCount)
    let stride = (rows.count + 63) / 64 * 64
    let bytes = Self.allocate(layout.byteCount + stride * matrix.columnCount)
    for (block, source) in zip(layout.blocks, matrix.blocks) {
      let base = matrix.base(of: source)
      for (index, row) in rows.enumerated() {
        (bytes + block.offset + index * block.width).copyMemory(from: base + row * block.width, byteCount: block.width)
      }
    }
    let whole = (bytes + layout.byteCount).assumingMemoryBound(to: UInt8.self)
    for column in 0..<matrix.columnCount {
      let source = matrix.bins(ofColumn: column)
      for (index, row) in rows.enumerated() { whole[column * stride + index] = source[row] }
    }
    self.init(rowCount: rows.count, columns: matrix.columns, storage: bytes, owner: nil)
  }

  /// - Parameter storage: blocks, then columns; given over where `owner` is nil.
  init(rowCount: Int, columns: [ColumnBins], storage: UnsafeMutableRawPointer, owner: AnyObject?) {
    let layout = BinBlock.layout(rowCount: rowCount, columnCount: columns.count)
    self.rowCount = rowCount
    self.columns = columns
    columnCount = columns.count
    blocks = layout.blocks
    columnsOffset = layout.byteCount
    columnStride = (rowCount + 63) / 64 * 64
    self.storage = storage
    self.owner = owner
  }

  private static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 64), alignment: 64)
    bytes.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    return bytes
  }

  static func storageByteCount(rowCount: Int, columnCount: Int) -> Int {
    BinBlock.layout(rowCount: rowCount, columnCount: columnCount).byteCount + (rowCount + 63) / 64 * 64 * columnCount
  }

  var storageBytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: storage, count: Self.storageByteCount(rowCount: rowCount, columnCount: columnCount))
  }

  deinit { if owner == nil { storage.deallocate() } }

  var storageBase: UnsafeRawPointer { UnsafeRawPointer(storage) }

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
