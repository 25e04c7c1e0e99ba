// SPDX-License-Identifier: Apache-2.0

import CWideProducts

/// c [m, n] ← Σ over cells of aᵀ·b, for several b with one a: the weight gradients of a mini-batch.
///
/// Every element is one chain of fused additions over the cells in ascending order, so its bits depend neither on threads nor
/// on the CPU; OpenBLAS's do, and an OpenBLAS that does not know the CPU falls back to SSE.
struct TurnedProducts {
  /// Rows of b that are read as they lie, with AVX-512; longer ones would fall on too few lines of the first cache.
  private static let columnsAsTheyLieMax = 128

  /// Cells of a block: a and b stay in the second cache; read as they lie, in the first.
  private let blockCells: Int

  let rows: Int
  let columns: [Int]
  private let isWide: Bool
  /// Empty with AVX-512, whose products read a as it lies.
  private let turned: FloatBuffer
  private let panels: FloatBuffer
  /// [rows, columns] each, columns filled up to whole panels.
  private let sums: [FloatBuffer]

  init(rows: Int, columns: [Int], isWide: Bool = PackedMatrix.isCPUWide) {
    self.isWide = isWide
    blockCells = isWide ? 64 : 256
    self.rows = rows
    self.columns = columns
    turned = FloatBuffer(isWide ? 0 : rows * blockCells)
    panels = FloatBuffer(
      columns.map { [blockCells] in PackedMatrix.count(inner: blockCells, columns: Self.padded($0)) }.max() ?? 0)
    sums = columns.map { FloatBuffer(rows * Self.padded($0)) }
  }

  /// Whole panels: what is too much is zero, and costs less than a half panel.
  private static func padded(_ columns: Int) -> Int {
    (columns + PackedMatrix.panelColumns - 1) / PackedMatrix.panelColumns * PackedMatrix.panelColumns
  }

  /// - Parameters:
  ///   - a: [cells, rows]
  ///   - factors: for each of `columns` b [cells, columns] and c [rows, columns].
  func fill(
    _ a: UnsafePointer<Float>, cells: Int,
    _ factors: [(b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>)]
  ) {
    for buffer in sums { buffer.base.update(repeating: 0, count: buffer.count) }
    for first in stride(from: 0, to: cells, by: blockCells) {
      let count = min(blockCells, cells - first)
      if !isWide { turn(a + first * rows, count) }
      for (index, width) in columns.enumerated() {
        let (source, target) = (factors[index].b + first * width, sums[index].base)
        if isWide {
          addWide(a + first * rows, count, source, width, target)
        } else {
          let matrix = PackedMatrix(inner: count, columns: Self.padded(width), panels: panels.base)
          matrix.pack(source, width: width)
          matrix.multiply(turned.base, rows: rows, into: target, from: .sum, isWide: false)
        }
      }
    }
    for (index, width) in columns.enumerated() {
      let (from, to) = (sums[index].base, factors[index].c)
      for row in 0..<rows { (to + row * width).update(from: from + row * Self.padded(width), count: width) }
    }
  }

  /// c ← c + aᵀ·b with AVX-512 for the cells of a block. Whole panels of short rows are read as they lie; what is left over of a
  /// row, and longer rows, from a copy.
  private func addWide(
    _ a: UnsafePointer<Float>, _ count: Int, _ b: UnsafePointer<Float>, _ width: Int, _ c: UnsafeMutablePointer<Float>
  ) {
    let (panelColumns, padded) = (PackedMatrix.panelColumns, Self.padded(width))
    let whole = width <= Self.columnsAsTheyLieMax ? width / panelColumns : 0
    if whole > 0 { cwide_turned_product(a, rows, count, b, panelColumns, width, whole, c, padded) }
    let done = whole * panelColumns
    guard done < width else { return }
    let rest = PackedMatrix(inner: count, columns: padded - done, panels: panels.base)
    rest.pack(b + done, width: width - done, stride: width)
    cwide_turned_product(
      a, rows, count, panels.base, panelColumns * count, panelColumns, (padded - done) / panelColumns, c + done, padded)
  }

  /// [count, rows] to [rows, count], sixteen columns at a time: a line that was read is used up before it leaves the cache.
  private func turn(_ a: UnsafePointer<Float>, _ count: Int) {
    let target = turned.base
    for first in stride(from: 0, to: rows, by: 16) {
      let width = min(16, rows - first)
      for cell in 0..<count {
        let source = a + cell * rows + first
        for offset in 0..<width { target[(first + offset) * count + cell] = source[offset] }
      }
    }
  }
}
