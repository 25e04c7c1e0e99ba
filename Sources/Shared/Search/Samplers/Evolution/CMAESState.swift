// SPDX-License-Identifier: Apache-2.0

import Randomness

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The state of CMA-ES after a whole number of generations: (μ/μ_w, λ) with active update and cumulative step control.
///
///     x_k = m + σ·B·D·z_k                      y_k = (x_k − m) / σ
///     m  ← m + σ·Σ w_i y_{i:λ}
///     p_σ ← (1 − c_σ)p_σ + √(c_σ(2 − c_σ)μ_eff)·C^{−1/2}⟨y⟩      σ ← σ·exp(c_σ/d_σ·(‖p_σ‖/E‖N(0,I)‖ − 1))
///     p_c ← (1 − c_c)p_c + h·√(c_c(2 − c_c)μ_eff)·⟨y⟩
///     C  ← (1 − c_1 − c_μ·Σw)C + c_1·p_c p_cᵀ + c_μ·Σ w_i y_{i:λ} y_{i:λ}ᵀ
///
/// - Shapes: n axes; C, B [n, n] row-major; D [n].
/// - Source: Hansen 2016, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772, table 1 and formulas (38)–(47).
struct CMAESState: Sendable {
  let size: Int
  let populationSize: Int
  private(set) var mean: [Double]
  private(set) var sigma: Double
  private(set) var generation = 0
  private var covariance: [Double]
  private var eigen: SymmetricEigen
  private(set) var scales: [Double]
  private var pathSigma: [Double]
  private var pathC: [Double]
  private let weights: [Double]
  private let muEffective: Double
  private let rates: (cSigma: Double, dSigma: Double, cC: Double, c1: Double, cMu: Double)
  private let normalLength: Double

  init(mean: [Double], sigma: Double, populationSize lambda: Int) {
    let n = Double(mean.count)
    size = mean.count
    populationSize = lambda
    self.mean = mean
    self.sigma = sigma
    covariance = (0..<(size * size)).map { [size = mean.count] in $0 / size == $0 % size ? 1 : 0 }
    eigen = SymmetricEigen(covariance, size: size)
    scales = Array(repeating: 1, count: size)
    pathSigma = Array(repeating: 0, count: size)
    pathC = pathSigma
    let raw = (1...lambda).map { log((Double(lambda) + 1) / 2) - log(Double($0)) }
    let positive = raw.filter { $0 > 0 }
    let sum = positive.reduce(0, +)
    let muEff = sum * sum / positive.reduce(0) { $0 + $1 * $1 }
    let negative = raw.filter { $0 < 0 }
    let negativeSum = negative.reduce(0, +)
    let muNegative = negative.isEmpty ? 0 : negativeSum * negativeSum / negative.reduce(0) { $0 + $1 * $1 }
    let cC = (4 + muEff / n) / (n + 4 + 2 * muEff / n)
    let c1 = 2 / ((n + 1.3) * (n + 1.3) + muEff)
    let cMu = min(1 - c1, 2 * (0.25 + muEff + 1 / muEff - 2) / ((n + 2) * (n + 2) + muEff))
    let cSigma = (muEff + 2) / (n + muEff + 5)
    let dSigma = 1 + 2 * max(0, ((muEff - 1) / (n + 1)).squareRoot() - 1) + cSigma
    let alpha = min(1 + c1 / max(cMu, 1e-12), 1 + 2 * muNegative / (muEff + 2), (1 - c1 - cMu) / (n * max(cMu, 1e-12)))
    weights = raw.map { $0 >= 0 ? $0 / sum : $0 * alpha / max(-negativeSum, 1e-12) }
    muEffective = muEff
    rates = (cSigma, dSigma, cC, c1, cMu)
    normalLength = n.squareRoot() * (1 - 1 / (4 * n) + 1 / (21 * n * n))
  }

  /// A new state half of the way from the middle of the cube to the weighted mean of the better half of a generation, best
  /// first: one generation is weak evidence of where to look.
  init(around ranked: [[Double]], sigma: Double) {
    self.init(mean: ranked[0], sigma: sigma, populationSize: ranked.count)
    var mean = Array(repeating: 0.25, count: size)
    for (weight, point) in zip(weights, ranked) where weight > 0 {
      for i in 0..<size { mean[i] += 0.5 * weight * point[i] }
    }
    self.mean = mean
  }

  /// A draw, before the ends of the axes are thought of.
  func draw(_ generator: inout CounterGenerator) -> [Double] { point((0..<size).map { _ in generator.normal() }) }

  /// Draw `index` of a generation: directions are orthogonal in blocks of n, lengths those of normal vectors, and every second
  /// draw is its predecessor mirrored at the mean.
  func draw(_ index: Int, of generator: CounterGenerator) -> [Double] {
    var generator = generator
    var block: [[Double]] = []
    var length = 1.0
    for _ in 0...(index / 2) {
      if block.count == size { block = [] }
      var z = (0..<size).map { _ in generator.normal() }
      length = norm(z)
      for other in block {
        let share = zip(z, other).reduce(0) { $0 + $1.0 * $1.1 }
        for i in 0..<size { z[i] -= share * other[i] }
      }
      let rest = max(norm(z), 1e-300)
      block.append(z.map { $0 / rest })
    }
    let sign = index.isMultiple(of: 2) ? 1.0 : -1.0
    return point((block.last ?? []).map { sign * length * $0 })
  }

  private func norm(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// m + σ·B·D·z
  private func point(_ z: [Double]) -> [Double] {
    (0..<size).map { row in
      var sum = 0.0
      for column in 0..<size { sum += eigen.vectors[row * size + column] * scales[column] * z[column] }
      return mean[row] + sigma * sum
    }
  }

  /// The standard deviation along an axis.
  func deviation(_ axis: Int) -> Double { sigma * covariance[axis * size + axis].squareRoot() }

  /// Enters a generation: points best first, λ of them.
  mutating func update(_ ranked: [[Double]]) {
    generation += 1
    let ys = ranked.map { point in (0..<size).map { (point[$0] - mean[$0]) / sigma } }
    var step = Array(repeating: 0.0, count: size)
    for (weight, y) in zip(weights, ys) where weight > 0 { for i in 0..<size { step[i] += weight * y[i] } }
    for i in 0..<size { mean[i] += sigma * step[i] }
    let whitened = whiten(step)
    let gain = (rates.cSigma * (2 - rates.cSigma) * muEffective).squareRoot()
    for i in 0..<size { pathSigma[i] = (1 - rates.cSigma) * pathSigma[i] + gain * whitened[i] }
    let length = pathSigma.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let settled = (1 - pow(1 - rates.cSigma, 2 * Double(generation))).squareRoot()
    let isSlow = length / settled < (1.4 + 2 / Double(size + 1)) * normalLength
    let gainC = isSlow ? (rates.cC * (2 - rates.cC) * muEffective).squareRoot() : 0
    for i in 0..<size { pathC[i] = (1 - rates.cC) * pathC[i] + gainC * step[i] }
    adapt(ys, isSlow: isSlow)
    sigma *= exp(min(1, rates.cSigma / rates.dSigma * (length / normalLength - 1)))
    sigma = min(max(sigma, 1e-12), 1)
  }

  private mutating func adapt(_ ys: [[Double]], isSlow: Bool) {
    let lost = isSlow ? 0 : rates.c1 * rates.cC * (2 - rates.cC)
    let keep = 1 + lost - rates.c1 - rates.cMu * weights.reduce(0, +)
    var next = covariance.map { $0 * keep }
    for i in 0..<size { for j in 0..<size { next[i * size + j] += rates.c1 * pathC[i] * pathC[j] } }
    for (weight, y) in zip(weights, ys) {
      var share = rates.cMu * weight
      if weight < 0 {
        // A bad step counts by its direction alone, or a long one could make C indefinite.
        let length = whiten(y).reduce(0) { $0 + $1 * $1 }
        share *= Double(size) / max(length, 1e-12)
      }
      for i in 0..<size { for j in 0..<size { next[i * size + j] += share * y[i] * y[j] } }
    }
    covariance = next
    eigen = SymmetricEigen(covariance, size: size)
    scales = eigen.values.map { max($0, 1e-20).squareRoot() }
  }

  /// C^{−1/2}·y = B·D⁻¹·Bᵀ·y
  private func whiten(_ y: [Double]) -> [Double] {
    let inner = (0..<size).map { column in
      (0..<size).reduce(0) { $0 + eigen.vectors[$1 * size + column] * y[$1] } / scales[column]
    }
    return (0..<size).map { row in (0..<size).reduce(0) { $0 + eigen.vectors[row * size + $1] * inner[$1] } }
  }
}
