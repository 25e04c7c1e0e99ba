// SPDX-License-Identifier: Apache-2.0

/// Solves A·x = right for symmetric positive definite A by A = L·Lᵀ; nil where A is not, to rounding.
///
/// - Parameter matrix: [K, K] row-major; its lower triangle is read. A working copy: on return it holds L.
/// - Complexity: K³/3 multiplications.
func solvePositiveDefinite(_ matrix: inout [Double], _ right: [Double]) -> [Double]? {
  let order = right.count
  let isDefinite = matrix.withUnsafeMutableBufferPointer { matrix in factor(matrix, order) }
  guard isDefinite else { return nil }
  var solution = right
  for row in 0..<order {
    var sum = solution[row]
    for column in 0..<row { sum -= matrix[row * order + column] * solution[column] }
    solution[row] = sum / matrix[row * order + row]
  }
  for row in stride(from: order - 1, through: 0, by: -1) {
    let value = solution[row] / matrix[row * order + row]
    solution[row] = value
    for column in 0..<row { solution[column] -= matrix[row * order + column] * value }
  }
  return solution
}

private func factor(_ matrix: UnsafeMutableBufferPointer<Double>, _ order: Int) -> Bool {
  for row in 0..<order {
    for column in 0...row {
      let dot = rowDot(matrix, row * order, column * order, column)
      let rest = matrix[row * order + column] - dot
      if column < row {
        matrix[row * order + column] = rest / matrix[column * order + column]
      } else {
        // A pivot that cancelled to rounding is no evidence of definiteness.
        guard rest > 1e-14 * matrix[row * order + row], rest.isFinite else { return false }
        matrix[row * order + row] = rest.squareRoot()
      }
    }
  }
  return true
}

@inline(__always)
private func rowDot(_ matrix: UnsafeMutableBufferPointer<Double>, _ left: Int, _ right: Int, _ count: Int) -> Double {
  guard count > 0, let base = matrix.baseAddress else { return 0 }
  let a = UnsafeRawPointer(base + left)
  let b = UnsafeRawPointer(base + right)
  var sums = SIMD8<Double>(repeating: 0)
  var index = 0
  while index + 8 <= count {
    sums +=
      (a + index * 8).loadUnaligned(as: SIMD8<Double>.self) * (b + index * 8).loadUnaligned(as: SIMD8<Double>.self)
    index += 8
  }
  var sum = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
  while index < count {
    sum += base[left + index] * base[right + index]
    index += 1
  }
  return sum
}
