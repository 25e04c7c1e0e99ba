// SPDX-License-Identifier: Apache-2.0

/// Eigenvalues and -vectors of a small symmetric matrix by cyclic Jacobi rotations.
///
/// - Source: Golub & Van Loan 2013, section 8.5.
struct SymmetricEigen: Sendable {
  /// [n], in no order.
  private(set) var values: [Double]
  /// [n, n] row-major; column j belongs to value j.
  private(set) var vectors: [Double]

  init(_ matrix: [Double], size n: Int) {
    var a = matrix
    var v = Array(repeating: 0.0, count: n * n)
    for i in 0..<n { v[i * n + i] = 1 }
    for _ in 0..<64 {
      var (off, all) = (0.0, 0.0)
      for i in 0..<n {
        for j in 0..<n { all += a[i * n + j] * a[i * n + j]; if i != j { off += a[i * n + j] * a[i * n + j] } }
      }
      if off <= 1e-24 * all { break }
      for p in 0..<n { for q in (p + 1)..<max(n, p + 1) { Self.rotate(&a, &v, n, p, q) } }
    }
    values = (0..<n).map { a[$0 * n + $0] }
    vectors = v
  }

  private static func rotate(_ a: inout [Double], _ v: inout [Double], _ n: Int, _ p: Int, _ q: Int) {
    let apq = a[p * n + q]
    guard apq != 0 else { return }
    let theta = (a[q * n + q] - a[p * n + p]) / (2 * apq)
    let t = (theta >= 0 ? 1.0 : -1.0) / (abs(theta) + (theta * theta + 1).squareRoot())
    let c = 1 / (t * t + 1).squareRoot()
    let s = t * c
    for k in 0..<n {
      let (akp, akq) = (a[k * n + p], a[k * n + q])
      a[k * n + p] = c * akp - s * akq
      a[k * n + q] = s * akp + c * akq
    }
    for k in 0..<n {
      let (apk, aqk) = (a[p * n + k], a[q * n + k])
      a[p * n + k] = c * apk - s * aqk
      a[q * n + k] = s * apk + c * aqk
    }
    for k in 0..<n {
      let (vkp, vkq) = (v[k * n + p], v[k * n + q])
      v[k * n + p] = c * vkp - s * vkq
      v[k * n + q] = s * vkp + c * vkq
    }
  }
}
