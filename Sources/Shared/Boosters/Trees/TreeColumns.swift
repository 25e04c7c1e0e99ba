// SPDX-License-Identifier: Apache-2.0

/// The columns that a tree may split on, as its histograms are built and searched: all of a matrix, or those drawn for it.
///
/// `@unchecked`: threads read what it points to, and nothing writes there while a tree grows.
struct TreeColumns: @unchecked Sendable {
  /// In the matrix, ascending; nil: all of them.
  let numbers: [UInt32]?
  let blocks: [BinBlock]
  let layout: HistogramLayout
  let searching: SplitSearch
  private let storage: UnsafeRawPointer

  /// All columns of a matrix, where they lie.
  init(_ matrix: BinnedMatrix, isHessianConstant: Bool, monotone: [Int8]) {
    self.init(
      numbers: nil, columns: matrix.columns, blocks: matrix.blocks, storage: matrix.storageBase,
      isHessianConstant: isHessianConstant, monotone: monotone)
  }

  fileprivate init(
    numbers: [UInt32]?, columns: [ColumnBins], blocks: [BinBlock], storage: UnsafeRawPointer, isHessianConstant: Bool,
    monotone: [Int8]
  ) {
    self.numbers = numbers
    self.blocks = blocks
    self.storage = storage
    layout = HistogramLayout(columns: columns, isHessianConstant: isHessianConstant)
    searching = SplitSearch(layout: layout, columns: columns, monotone: monotone)
  }

  /// First byte of a block: row r's bin of the block's column j is at `r * block.width + j`.
  func base(of block: BinBlock) -> UnsafePointer<UInt8> {
    (storage + block.offset).assumingMemoryBound(to: UInt8.self)
  }

  /// The number in the matrix of a column here.
  func number(of column: Int) -> Int { numbers.map { Int($0[column]) } ?? column }
}

/// A tree's drawn columns side by side, so that histograms cost what was drawn: where a tenth of the columns is left out here
/// and there, nearly every group of 8 still has one that is in.
final class DrawnColumns {
  private let matrix: BinnedMatrix
  private let isHessianConstant: Bool
  private let monotone: [Int8]
  private var storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  init(of matrix: BinnedMatrix, isHessianConstant: Bool, monotone: [Int8]) {
    self.matrix = matrix
    self.isHessianConstant = isHessianConstant
    self.monotone = monotone
  }

  deinit { storage.deallocate() }

  /// Copies the columns together; what was gathered before is gone.
  ///
  /// - Parameter numbers: ascending.
  /// - Complexity: O(N · columns), some 0.1 ns each.
  func gather(_ numbers: [UInt32]) -> TreeColumns {
    let layout = BinBlock.layout(rowCount: matrix.rowCount, columnCount: numbers.count)
    if storage.count < layout.byteCount {
      storage.deallocate()
      storage = .allocate(byteCount: layout.byteCount, alignment: 64)
    }
    for block in layout.blocks { fill(block, numbers) }
    return TreeColumns(
      numbers: numbers, columns: numbers.map { matrix.columns[Int($0)] }, blocks: layout.blocks,
      storage: storage.baseAddress.map { UnsafeRawPointer($0) } ?? matrix.storageBase,
      isHessianConstant: isHessianConstant, monotone: monotone.isEmpty ? [] : numbers.map { monotone[Int($0)] })
  }

  private func fill(_ block: BinBlock, _ numbers: [UInt32]) {
    guard let base = storage.baseAddress else { return }
    for lane in stride(from: 0, to: block.width, by: 8) {
      let first = block.firstColumn + lane
      let sources = (first..<first + 8).map { index in
        index < numbers.count ? matrix.bins(ofColumn: Int(numbers[index])) : nil
      }
      transposeBytes(sources, rowCount: matrix.rowCount, to: base + block.offset + lane, width: block.width)
    }
  }
}
