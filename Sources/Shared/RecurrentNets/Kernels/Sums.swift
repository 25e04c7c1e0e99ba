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

/// sums[j] ← Σ over rows of matrix[row, j]
@inline(__always)
func sumRows(
  _ matrix: UnsafePointer<Float>, rows: Int, columns: Int, into sums: UnsafeMutablePointer<Float>
) {
  for column in 0..<columns { sums[column] = 0 }
  for row in 0..<rows {
    let values = matrix + row * columns
    for column in 0..<columns { sums[column] += values[column] }
  }
}

/// Every row of matrix [rows, columns] ← `row`.
@inline(__always)
func fillRows(_ matrix: UnsafeMutablePointer<Float>, rows: Int, columns: Int, with row: UnsafePointer<Float>) {
  for index in 0..<rows { (matrix + index * columns).update(from: row, count: columns) }
}
