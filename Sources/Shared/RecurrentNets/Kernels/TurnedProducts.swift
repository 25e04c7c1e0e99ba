// SPDX-License-Identifier: Apache-2.0

/// c [m, n] ← Σ over cells of aᵀ·b, for several b with one a: the weight gradients of a mini-batch.
///
/// Every element is one chain of fused additions over the cells in ascending order, so its bits depend neither on threads nor
/// on the CPU; OpenBLAS's do, and an OpenBLAS that does not know the CPU falls back to SSE.
struct TurnedProducts {
  /// A block of a and b stays in the second cache.
  private static let blockCells = 256

  let rows: Int
  let columns: [Int]
  private let turned: FloatBuffer
  private let panels: FloatBuffer
  /// [rows, columns] each, columns filled up to whole vectors.
  private let sums: [FloatBuffer]

  init(rows: Int, columns: [Int]) {
    self.rows = rows
    self.columns = columns
    turned = FloatBuffer(rows * Self.blockCells)
    panels = FloatBuffer(
      columns.map { PackedMatrix.count(inner: Self.blockCells, columns: Self.padded($0)) }.max() ?? 0)
    sums = columns.map { FloatBuffer(rows * Self.padded($0)) }
  }

  private static func padded(_ columns: Int) -> Int { (columns + vectorWidth - 1) / vectorWidth * vectorWidth }

  /// - Parameters:
  ///   - a: [cells, rows]
  ///   - factors: for each of `columns` b [cells, columns] and c [rows, columns].
  func fill(
    _ a: UnsafePointer<Float>, cells: Int,
    _ factors: [(b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>)]
  ) {
    for buffer in sums { buffer.base.update(repeating: 0, count: buffer.count) }
    for first in stride(from: 0, to: cells, by: Self.blockCells) {
      let count = min(Self.blockCells, cells - first)
      turn(a + first * rows, count)
      for (index, width) in columns.enumerated() {
        let matrix = PackedMatrix(inner: count, columns: Self.padded(width), panels: panels.base)
        matrix.pack(factors[index].b + first * width, width: width)
        matrix.multiply(turned.base, rows: rows, into: sums[index].base, from: .sum)
      }
    }
    for (index, width) in columns.enumerated() {
      let (from, to) = (sums[index].base, factors[index].c)
      for row in 0..<rows { (to + row * width).update(from: from + row * Self.padded(width), count: width) }
    }
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
