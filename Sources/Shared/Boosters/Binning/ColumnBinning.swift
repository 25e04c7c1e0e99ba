// SPDX-License-Identifier: Apache-2.0

import CWideHistograms

/// Finds bins and writes them, 16 columns at a time: a cache line of the row-major input holds 16 floats.
struct ColumnBinning: ~Copyable {
  private static let chunkColumnCount = 16

  private let rowCount: Int
  private let columnCount: Int
  private let binCountMax: Int
  private let rowsPerBinMin: Int
  private let categoricalColumns: Set<Int>
  private let sorter: FloatSorter
  /// [16, N]: the chunk, column-major.
  private let chunk: UnsafeMutablePointer<Float>
  private let sorted: UnsafeMutablePointer<Float>
  /// [16, 256]: each column's bounds, then +∞, so that the search needs no length.
  private let bounds: UnsafeMutablePointer<Float>

  init(rowCount: Int, columnCount: Int, binCountMax: Int, rowsPerBinMin: Int, categoricalColumns: Set<Int>) {
    self.categoricalColumns = categoricalColumns
    self.rowsPerBinMin = rowsPerBinMin
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.binCountMax = binCountMax
    sorter = FloatSorter(capacity: rowCount)
    chunk = .allocate(capacity: Self.chunkColumnCount * rowCount)
    sorted = .allocate(capacity: rowCount)
    bounds = .allocate(capacity: Self.chunkColumnCount * 256)
  }

  deinit {
    chunk.deallocate()
    sorted.deallocate()
    bounds.deallocate()
  }

  /// Writes one block's bytes and appends its columns' bins.
  func fill(
    _ block: BinBlock, of storage: UnsafeMutableRawPointer, columnMajor: UnsafeMutableRawPointer,
    stride columnStride: Int,
    from values: UnsafePointer<Float>?, appendingTo columns: inout [ColumnBins]
  ) {
    guard let values else { return }
    for start in stride(from: 0, to: block.columnCount, by: Self.chunkColumnCount) {
      let count = min(Self.chunkColumnCount, block.columnCount - start)
      let first = block.firstColumn + start
      gather(values + first, count: count)
      for column in 0..<count {
        columns.append(findBins(of: column, isCategorical: categoricalColumns.contains(first + column)))
        write(column, columns[first + column], to: contiguous(first + column, columnMajor, columnStride))
      }
    }
    for lane in stride(from: 0, to: block.width, by: 8) {
      let sources = (lane..<lane + 8).map { index -> UnsafePointer<UInt8>? in
        guard index < block.columnCount else { return nil }
        return UnsafePointer(contiguous(block.firstColumn + index, columnMajor, columnStride))
      }
      transposeBytes(sources, rowCount: rowCount, to: storage + block.offset + lane, width: block.width)
    }
  }

  private func contiguous(
    _ column: Int, _ columnMajor: UnsafeMutableRawPointer, _ stride: Int
  ) -> UnsafeMutablePointer<UInt8> {
    (columnMajor + column * stride).assumingMemoryBound(to: UInt8.self)
  }

  private func gather(_ values: UnsafePointer<Float>, count: Int) {
    for row in 0..<rowCount {
      let source = values + row * columnCount
      for column in 0..<count { chunk[column * rowCount + row] = source[column] }
    }
  }

  private func findBins(of column: Int, isCategorical: Bool) -> ColumnBins {
    if isCategorical {
      return ColumnBins(
        categoriesOf: UnsafeBufferPointer(start: chunk + column * rowCount, count: rowCount), binCountMax: binCountMax)
    }
    let present = sorter.sort(chunk + column * rowCount, count: rowCount, into: sorted)
    let bins = ColumnBins(
      sorted: UnsafeBufferPointer(start: sorted, count: present), binCountMax: binCountMax,
      rowsPerBinMin: rowsPerBinMin)
    let target = bounds + column * 256
    target.update(repeating: .infinity, count: 256)
    for (index, bound) in bins.bounds.enumerated() { target[index] = bound }
    return bins
  }

  private func write(_ column: Int, _ bins: ColumnBins, to bytes: UnsafeMutablePointer<UInt8>) {
    let values = chunk + column * rowCount
    guard let categories = bins.categories else {
      return writeBins(of: values, count: rowCount, bounds: bounds + column * 256, to: bytes)
    }
    var binOfCategory: [Int32: UInt8] = [:]
    for (index, category) in categories.enumerated() { binOfCategory[category] = UInt8(index + 1) }
    for row in 0..<rowCount { bytes[row] = ColumnBins.category(values[row]).flatMap { binOfCategory[$0] } ?? 0 }
  }
}

/// For each value 1 + how many bounds lie below it; 0 for NaN.
///
/// - Parameters:
///   - bounds: 256, ascending, the last of them +∞: eight halvings without a branch find the place.
///   - isWide: with AVX-512, sixteen values at once.
func writeBins(
  of values: UnsafePointer<Float>, count: Int, bounds: UnsafePointer<Float>, to bytes: UnsafeMutablePointer<UInt8>,
  isWide: Bool = PairScan.isAvailable
) {
  if isWide { return chist_bins(values, count, bounds, bytes) }
  for row in 0..<count {
    let value = values[row]
    var position = 0
    position += value > bounds[127] ? 128 : 0
    position += value > bounds[position + 63] ? 64 : 0
    position += value > bounds[position + 31] ? 32 : 0
    position += value > bounds[position + 15] ? 16 : 0
    position += value > bounds[position + 7] ? 8 : 0
    position += value > bounds[position + 3] ? 4 : 0
    position += value > bounds[position + 1] ? 2 : 0
    position += value > bounds[position] ? 1 : 0
    bytes[row] = value == value ? UInt8(truncatingIfNeeded: position + 1) : 0
  }
}
