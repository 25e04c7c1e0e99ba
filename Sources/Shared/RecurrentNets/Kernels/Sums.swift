// SPDX-License-Identifier: Apache-2.0

/// Σ a[i]·b[i] in eight partial sums that are always added in the same order.
@inline(__always)
func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
  let rawA = UnsafeRawPointer(a)
  let rawB = UnsafeRawPointer(b)
  var sums = SIMD8<Float>(repeating: 0)
  var index = 0
  while index + 8 <= count {
    sums.addProduct(
      (rawA + index * 4).loadUnaligned(as: SIMD8<Float>.self), (rawB + index * 4).loadUnaligned(as: SIMD8<Float>.self))
    index += 8
  }
  var sum = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
  while index < count {
    sum += a[index] * b[index]
    index += 1
  }
  return sum
}

/// y[i] ← y[i] + scale·x[i]
@inline(__always)
func addScaled(_ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ scale: Float, _ count: Int) {
  for index in 0..<count { y[index] = y[index].addingProduct(scale, x[index]) }
}

/// sums[j] ← Σ over rows of matrix[row, j]; whole vectors of columns.
func sumRows(
  _ matrix: UnsafePointer<Float>, rows: Int, columns: Int, into sums: UnsafeMutablePointer<Float>
) {
  var column = 0
  // Four vectors of columns stay in registers while all rows go by.
  while column + 32 <= columns {
    var (a, b, c, d) = (Vector(), Vector(), Vector(), Vector())
    var values = matrix + column
    for _ in 0..<rows {
      a += values.vector(0)
      b += values.vector(8)
      c += values.vector(16)
      d += values.vector(24)
      values += columns
    }
    sums.store(a, column)
    sums.store(b, column + 8)
    sums.store(c, column + 16)
    sums.store(d, column + 24)
    column += 32
  }
  while column < columns {
    var sum = Vector()
    for row in 0..<rows { sum += (matrix + row * columns).vector(column) }
    sums.store(sum, column)
    column += vectorWidth
  }
}

/// Every row of matrix [rows, columns] ← `row`.
@inline(__always)
func fillRows(_ matrix: UnsafeMutablePointer<Float>, rows: Int, columns: Int, with row: UnsafePointer<Float>) {
  for index in 0..<rows { (matrix + index * columns).update(from: row, count: columns) }
}

/// y[i] ← y[i]·x[i]
@inline(__always)
func scale(_ y: UnsafeMutablePointer<Float>, by x: UnsafePointer<Float>, _ count: Int) {
  for index in 0..<count { y[index] *= x[index] }
}

/// y[i] ← y[i] + scale·x[i] over whole vectors.
@inline(__always)
func addScaledVectors(_ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ scale: Float, _ count: Int) {
  let factor = Vector(repeating: scale)
  var k = 0
  while k < count {
    y.store(y.vector(k).addingProduct(factor, x.vector(k)), k)
    k += vectorWidth
  }
}

/// y[i] ← scale·x[i] over whole vectors.
@inline(__always)
func writeScaled(_ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ scale: Float, _ count: Int) {
  let factor = Vector(repeating: scale)
  var k = 0
  while k < count {
    y.store(factor * x.vector(k), k)
    k += vectorWidth
  }
}
