// SPDX-License-Identifier: Apache-2.0

/// Finds bins and writes them, 16 columns at a time: a cache line of the row-major input holds 16 floats.
struct ColumnBinning: ~Copyable {
  private static let chunkColumnCount = 16
  private static let tileRowCount = 512

  private let rowCount: Int
  private let columnCount: Int
  private let binCountMax: Int
  private let categoricalColumns: Set<Int>
  private let sorter: FloatSorter
  /// [16, N]: the chunk, column-major.
  private let chunk: UnsafeMutablePointer<Float>
  private let sorted: UnsafeMutablePointer<Float>
  /// [16, 256]: each column's bounds, then +∞, so that the search needs no length.
  private let bounds: UnsafeMutablePointer<Float>

  init(rowCount: Int, columnCount: Int, binCountMax: Int, categoricalColumns: Set<Int>) {
    self.categoricalColumns = categoricalColumns
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
    let bytes = (storage + block.offset).assumingMemoryBound(to: UInt8.self)
    bytes.update(repeating: 0, count: rowCount * block.width)
    for start in stride(from: 0, to: block.columnCount, by: Self.chunkColumnCount) {
      let count = min(Self.chunkColumnCount, block.columnCount - start)
      gather(values + (block.firstColumn + start), count: count)
      let first = block.firstColumn + start
      for column in 0..<count {
        columns.append(findBins(of: column, isCategorical: categoricalColumns.contains(first + column)))
      }
      for row in stride(from: 0, to: rowCount, by: Self.tileRowCount) {
        let rows = row..<min(row + Self.tileRowCount, rowCount)
        for column in 0..<count {
          let whole = (columnMajor + (first + column) * columnStride)
            .assumingMemoryBound(to: UInt8.self)
          if let categories = columns[first + column].categories {
            write(column, rows: rows, categories, to: bytes + start + column, stride: block.width, columnMajor: whole)
          } else {
            write(column, rows: rows, to: bytes + start + column, stride: block.width, columnMajor: whole)
          }
        }
      }
    }
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
    let bins = ColumnBins(sorted: UnsafeBufferPointer(start: sorted, count: present), binCountMax: binCountMax)
    let target = bounds + column * 256
    target.update(repeating: .infinity, count: 256)
    for (index, bound) in bins.bounds.enumerated() { target[index] = bound }
    return bins
  }

  private func write(
    _ column: Int, rows: Range<Int>, _ categories: [Int32], to bytes: UnsafeMutablePointer<UInt8>, stride: Int,
    columnMajor: UnsafeMutablePointer<UInt8>
  ) {
    var binOfCategory: [Int32: UInt8] = [:]
    for (index, category) in categories.enumerated() { binOfCategory[category] = UInt8(index + 1) }
    for row in rows {
      let bin = ColumnBins.category(chunk[column * rowCount + row]).flatMap { binOfCategory[$0] } ?? 0
      bytes[row * stride] = bin
      columnMajor[row] = bin
    }
  }

  /// Branch-free binary search: eight halvings of 256 bounds.
  private func write(
    _ column: Int, rows: Range<Int>, to bytes: UnsafeMutablePointer<UInt8>, stride: Int,
    columnMajor: UnsafeMutablePointer<UInt8>
  ) {
    let values = chunk + column * rowCount
    let bounds = bounds + column * 256
    for row in rows {
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
      let bin = value == value ? UInt8(truncatingIfNeeded: position + 1) : 0
      bytes[row * stride] = bin
      columnMajor[row] = bin
    }
  }
}
