// SPDX-License-Identifier: Apache-2.0

/// [N, F] floats, row-major, borrowed from the caller for the length of a call.
struct RowMatrix {
  let base: UnsafePointer<Float>?
  let rowCount: Int
  let columnCount: Int

  init(_ values: UnsafeBufferPointer<Float>, rowCount: Int, columnCount: Int) {
    base = values.baseAddress
    self.rowCount = rowCount
    self.columnCount = columnCount
  }

  @inline(__always)
  func row(_ index: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: base.map { $0 + index * columnCount }, count: columnCount)
  }
}

/// margins[N] = X·w + b, with `weights` = [w; b].
func fillMargins(_ matrix: RowMatrix, _ weights: [Double], into margins: inout [Double]) {
  let columnCount = matrix.columnCount
  weights.withUnsafeBufferPointer { weights in
    for row in 0..<matrix.rowCount {
      let values = matrix.row(row)
      // Four partial sums, always added in the same order: one alone would wait for each addition.
      var sums = SIMD4<Double>(repeating: 0)
      var column = 0
      while column + 4 <= columnCount {
        let x = SIMD4(
          Double(values[column]), Double(values[column + 1]), Double(values[column + 2]), Double(values[column + 3]))
        let w = SIMD4(weights[column], weights[column + 1], weights[column + 2], weights[column + 3])
        sums += x * w
        column += 4
      }
      var sum = (sums[0] + sums[1]) + (sums[2] + sums[3])
      while column < columnCount {
        sum += Double(values[column]) * weights[column]
        column += 1
      }
      margins[row] = sum + weights[columnCount]
    }
  }
}

/// gradient[F + 1] = [Xᵀ·slopes; Σ slopes].
func fillGradient(_ matrix: RowMatrix, slopes: [Double], into gradient: inout [Double]) {
  let columnCount = matrix.columnCount
  gradient.withUnsafeMutableBufferPointer { gradient in
    for entry in 0...columnCount { gradient[entry] = 0 }
    for row in 0..<matrix.rowCount {
      let values = matrix.row(row)
      let slope = slopes[row]
      for column in 0..<columnCount { gradient[column] += slope * Double(values[column]) }
      gradient[columnCount] += slope
    }
  }
}
