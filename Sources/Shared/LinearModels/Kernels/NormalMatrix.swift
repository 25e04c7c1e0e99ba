// SPDX-License-Identifier: Apache-2.0

/// The symmetric [K, K] matrix X̃ᵀ·diag(v)·X̃ in doubles, where X̃ = [X, 1] and K = F + 1.
///
/// Rows are taken in blocks that stay in the second-level cache; a block is packed, scaled by √v, as tiles of eight
/// columns (`[tile][row][8]`), and each pair of tiles is one 8 × 8 product in registers. The order of every sum depends
/// on N and F alone.
struct NormalMatrix {
  /// Row-major, both triangles.
  private(set) var entries: [Double]
  let order: Int
  private var packed: [Double]
  private let tileCount: Int
  private let blockRows: Int

  init(columnCount: Int) {
    order = columnCount + 1
    tileCount = (order + 7) / 8
    // 65,536 doubles: half of a 1 MB second-level cache.
    blockRows = max(16, min(256, 65_536 / (tileCount * 8)))
    entries = [Double](repeating: 0, count: order * order)
    packed = [Double](repeating: 0, count: tileCount * 8 * blockRows)
  }

  mutating func fill(_ matrix: RowMatrix, curvatures: [Double]) {
    for index in entries.indices { entries[index] = 0 }
    var first = 0
    while first < matrix.rowCount {
      let count = min(blockRows, matrix.rowCount - first)
      pack(matrix, curvatures: curvatures, first: first, count: count)
      addBlock(count)
      first += count
    }
    mirror()
  }

  private mutating func pack(_ matrix: RowMatrix, curvatures: [Double], first: Int, count: Int) {
    packed.withUnsafeMutableBufferPointer { packed in
      for row in 0..<count {
        let scale = curvatures[first + row].squareRoot()
        let values = matrix.row(first + row)
        for column in 0..<matrix.columnCount {
          packed[((column >> 3) * count + row) * 8 + (column & 7)] = scale * Double(values[column])
        }
        packed[((matrix.columnCount >> 3) * count + row) * 8 + (matrix.columnCount & 7)] = scale
        for column in order..<tileCount * 8 { packed[((column >> 3) * count + row) * 8 + (column & 7)] = 0 }
      }
    }
  }

  private mutating func addBlock(_ count: Int) {
    packed.withUnsafeBytes { packed in
      guard let packed = packed.baseAddress else { return }
      for left in 0..<tileCount {
        for right in left..<tileCount {
          for half in 0..<2 {
            addTile(
              packed + left * count * 64 + half * 32, packed + right * count * 64, count, left * 8 + half * 4, right * 8
            )
          }
        }
      }
    }
  }

  /// Adds four rows by eight columns of the product over `count` packed rows.
  @inline(__always)
  private mutating func addTile(
    _ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int, _ rowOrigin: Int, _ columnOrigin: Int
  ) {
    var sum0 = SIMD8<Double>(repeating: 0)
    var sum1 = sum0
    var sum2 = sum0
    var sum3 = sum0
    for row in 0..<count {
      let a = (left + row * 64).assumingMemoryBound(to: Double.self)
      let b = (right + row * 64).loadUnaligned(as: SIMD8<Double>.self)
      sum0.addProduct(SIMD8(repeating: a[0]), b)
      sum1.addProduct(SIMD8(repeating: a[1]), b)
      sum2.addProduct(SIMD8(repeating: a[2]), b)
      sum3.addProduct(SIMD8(repeating: a[3]), b)
    }
    add(sum0, rowOrigin, columnOrigin)
    add(sum1, rowOrigin + 1, columnOrigin)
    add(sum2, rowOrigin + 2, columnOrigin)
    add(sum3, rowOrigin + 3, columnOrigin)
  }

  @inline(__always)
  private mutating func add(_ sums: SIMD8<Double>, _ row: Int, _ columnOrigin: Int) {
    guard row < order else { return }
    for lane in 0..<min(8, order - columnOrigin) { entries[row * order + columnOrigin + lane] += sums[lane] }
  }

  /// Copies the upper triangle to the lower one.
  private mutating func mirror() {
    for row in 1..<max(order, 1) {
      for column in 0..<row { entries[row * order + column] = entries[column * order + row] }
    }
  }
}
