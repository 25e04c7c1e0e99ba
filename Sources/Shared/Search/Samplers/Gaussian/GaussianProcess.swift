// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Scales of a Gaussian process over the unit cube, all as logarithms: one length an axis, signal and noise.
struct GaussianScales: Hashable, Sendable {
  /// [d]: log of 1/ℓ², the weight of an axis in the squared distance.
  var logWeights: [Double]
  var logSignal: Double
  var logNoise: Double

  init(axisCount: Int) {
    logWeights = Array(repeating: log(4), count: axisCount)
    logSignal = 0
    logNoise = log(1e-3)
  }
}

/// Regression with the Matérn 5/2 kernel and noise:
///
///     k(x, x′) = σ²·(1 + √5·r + 5/3·r²)·exp(−√5·r),   r² = Σ_j (x_j − x′_j)²/ℓ_j²
///
/// On an unordered axis two values differ by 1 or not at all. A point that lacks an axis stands beside its middle: (x − ½)² + ⅙ from
/// those that have it, ½ where it is unordered. Both are distances of a space, as it must be: with a constant ¼ the covariances of
/// some forty points were no longer positive definite.
///
/// - Shapes: N points, d axes.
/// - Source: Rasmussen & Williams 2006, algorithm 2.1 and section 5.4.1; Snoek, Larochelle & Adams 2012 for Matérn 5/2.
struct GaussianProcess: Sendable {
  let scales: GaussianScales
  private let kernel: MaternKernel
  private let noise: Double
  private var points: PointColumns
  private var targets: [Double] = []
  private var factor = LowerFactor()
  /// [N]: K⁻¹y.
  private(set) var alpha: [Double] = []

  var count: Int { factor.count }

  init(isOrdered: [Bool], scales: GaussianScales) {
    self.scales = scales
    kernel = MaternKernel(scales, isOrdered: isOrdered)
    noise = exp(scales.logNoise) + 1e-10
    points = PointColumns(axisCount: isOrdered.count)
  }

  /// Adds a point; call `solve` before asking. O(N²).
  mutating func append(_ point: [Double]) {
    var row = kernel.covariances(points, to: point)
    factor.solve(&row)
    points.append(point)
    factor.append(row, square: kernel.signal + noise - squares(row))
  }

  /// Forgets all points but the first `count`.
  mutating func truncate(to count: Int) {
    points.truncate(to: count)
    factor.truncate(to: count)
  }

  /// - Parameter targets: [N].
  mutating func solve(_ targets: [Double]) {
    self.targets = targets
    alpha = targets
    factor.solve(&alpha)
    factor.solveTransposed(&alpha)
  }

  /// The mean at point `index`: Kα without the noise's part.
  func mean(at index: Int) -> Double { targets[index] - noise * alpha[index] }

  /// What is cheap to know of a point: its covariances [N], the mean, and a variance that is never too small, as if the nearest
  /// point were the only one. O(N·d).
  func glance(_ point: [Double]) -> (covariances: [Double], mean: Double, varianceMax: Double) {
    let row = kernel.covariances(points, to: point)
    let nearest = row.max() ?? 0
    let bound = kernel.signal - nearest * nearest / (kernel.signal + noise)
    return (row, dot(row, alpha), max(bound, 1e-12))
  }

  /// The function's variance at a point, without noise. O(N²).
  ///
  /// - Parameter isEnough: asked on the way with a variance that is never too small; false gives up.
  func variance(_ covariances: [Double], while isEnough: (Double) -> Bool = { _ in true }) -> Double? {
    var row = covariances
    var variance = kernel.signal
    var start = 0
    while start < count {
      let end = min(start + 32, count)
      factor.solve(&row, start..<end)
      for i in start..<end { variance -= row[i] * row[i] }
      if end < count, !isEnough(max(variance, 1e-12)) { return nil }
      start = end
    }
    return max(variance, 1e-12)
  }

  /// Mean and variance of the function, without noise.
  func predict(_ point: [Double]) -> (mean: Double, variance: Double) {
    let seen = glance(point)
    return (seen.mean, variance(seen.covariances) ?? 1e-12)
  }

  /// log p(y): larger is better.
  var logLikelihood: Double {
    -0.5 * dot(targets, alpha) - factor.logDiagonal - 0.5 * Double(count) * log(2 * Double.pi)
  }
}

/// Rows of the lower Cholesky factor, one after another: row i has i + 1 entries.
struct LowerFactor: Sendable {
  private var entries: [Double] = []
  private(set) var count = 0

  mutating func append(_ row: [Double], square: Double) {
    entries += row
    entries.append(max(square, 1e-10).squareRoot())
    count += 1
  }

  mutating func truncate(to count: Int) {
    guard count < self.count else { return }
    entries.removeLast(entries.count - count * (count + 1) / 2)
    self.count = count
  }

  var logDiagonal: Double { (0..<count).reduce(0) { $0 + log(entries[$1 * ($1 + 3) / 2]) } }

  /// L·x = b in place.
  func solve(_ b: inout [Double]) { solve(&b, 0..<count) }

  /// Its given rows, those before being solved.
  func solve(_ b: inout [Double], _ rows: Range<Int>) {
    entries.withUnsafeBufferPointer { entries in
      b.withUnsafeMutableBufferPointer { b in
        guard let base = entries.baseAddress, let x = b.baseAddress else { return }
        for i in rows {
          let row = base + i * (i + 1) / 2
          x[i] = (x[i] - product(row, x, i)) / row[i]
        }
      }
    }
  }

  /// Lᵀ·x = b in place, from below.
  func solveTransposed(_ b: inout [Double]) {
    for i in stride(from: count - 1, through: 0, by: -1) {
      let start = i * (i + 1) / 2
      b[i] /= entries[start + i]
      let value = b[i]
      for j in 0..<i { b[j] -= entries[start + j] * value }
    }
  }
}

func dot(_ left: [Double], _ right: [Double]) -> Double {
  left.withUnsafeBufferPointer { left in
    right.withUnsafeBufferPointer { right in
      guard let x = left.baseAddress, let y = right.baseAddress else { return 0 }
      return product(x, y, min(left.count, right.count))
    }
  }
}

private func squares(_ values: [Double]) -> Double { dot(values, values) }

/// Σ x_i·y_i in eight lanes: the order of the sum is fixed, so it has the same bits everywhere.
@inline(__always)
private func product(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int) -> Double {
  var lanes = SIMD8<Double>()
  var i = 0
  while i + 8 <= count {
    let a = UnsafeRawPointer(x + i).loadUnaligned(as: SIMD8<Double>.self)
    let b = UnsafeRawPointer(y + i).loadUnaligned(as: SIMD8<Double>.self)
    lanes += a * b
    i += 8
  }
  var sum = 0.0
  while i < count {
    sum += x[i] * y[i]
    i += 1
  }
  let four = lanes.lowHalf + lanes.highHalf
  return sum + ((four[0] + four[2]) + (four[1] + four[3]))
}
