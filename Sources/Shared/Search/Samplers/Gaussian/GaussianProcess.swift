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
/// On an unordered axis two values differ by 1 or not at all; an axis that one point lacks differs by ½.
///
/// - Shapes: N points, d axes.
/// - Source: Rasmussen & Williams 2006, algorithm 2.1 and section 5.4.1; Snoek, Larochelle & Adams 2012 for Matérn 5/2.
struct GaussianProcess: Sendable {
  private let axisCount: Int
  private let isOrdered: [Bool]
  let scales: GaussianScales
  private let weights: [Double]
  private let signal: Double
  private let noise: Double
  /// [N, d]
  private var points: [Double] = []
  private var targets: [Double] = []
  /// Rows of the lower Cholesky factor, one after another: row i has i + 1 entries.
  private var factor: [Double] = []
  /// [N]: K⁻¹y.
  private(set) var alpha: [Double] = []
  private(set) var count = 0

  init(isOrdered: [Bool], scales: GaussianScales) {
    axisCount = isOrdered.count
    self.isOrdered = isOrdered
    self.scales = scales
    weights = scales.logWeights.map { exp($0) }
    signal = exp(scales.logSignal)
    noise = exp(scales.logNoise)
  }

  /// Adds a point; call `solve` before asking. O(N²).
  mutating func append(_ point: [Double], _ target: Double) {
    var row = covariances(to: point)
    solveLower(&row)
    let own = signal + noise + 1e-10 - row.reduce(0) { $0 + $1 * $1 }
    points += point
    targets.append(target)
    factor += row
    factor.append(max(own, 1e-10).squareRoot())
    count += 1
  }

  mutating func solve() {
    var y = targets
    solveLower(&y)
    // Lᵀ·α = y, from below.
    for i in stride(from: count - 1, through: 0, by: -1) {
      y[i] /= factor[i * (i + 1) / 2 + i]
      let value = y[i]
      let start = i * (i + 1) / 2
      for j in 0..<i { y[j] -= factor[start + j] * value }
    }
    alpha = y
  }

  /// Mean and variance of the function, without noise.
  func predict(_ point: [Double]) -> (mean: Double, variance: Double) {
    var row = covariances(to: point)
    var mean = 0.0
    for i in 0..<count { mean += row[i] * alpha[i] }
    solveLower(&row)
    var variance = signal
    for value in row { variance -= value * value }
    return (mean, max(variance, 1e-12))
  }

  /// log p(y): larger is better.
  var logLikelihood: Double {
    var (fit, determinant) = (0.0, 0.0)
    for i in 0..<count {
      fit += targets[i] * alpha[i]
      determinant += log(factor[i * (i + 1) / 2 + i])
    }
    return -0.5 * fit - determinant - 0.5 * Double(count) * log(2 * Double.pi)
  }

  private func covariances(to point: [Double]) -> [Double] {
    (0..<count).map { row in
      var square = 0.0
      for axis in 0..<axisCount {
        square += weights[axis] * axisSquare(points[row * axisCount + axis], point[axis], axis)
      }
      return signal * matern(square)
    }
  }

  private func axisSquare(_ left: Double, _ right: Double, _ axis: Int) -> Double {
    if left.isNaN || right.isNaN { return left.isNaN && right.isNaN ? 0 : 0.25 }
    let off = left - right
    return isOrdered[axis] ? off * off : (abs(off) < 1e-9 ? 0 : 1)
  }

  /// L·x = b in place.
  private func solveLower(_ b: inout [Double]) {
    factor.withUnsafeBufferPointer { factor in
      b.withUnsafeMutableBufferPointer { b in
        for i in 0..<count {
          let start = i * (i + 1) / 2
          var value = b[i]
          for j in 0..<i { value -= factor[start + j] * b[j] }
          b[i] = value / factor[start + i]
        }
      }
    }
  }
}

private func matern(_ square: Double) -> Double {
  let r = (5 * square).squareRoot()
  return (1 + r + r * r / 3) * exp(-r)
}
