// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

// Inside the extension `log` is the case of that name.
private func logarithm(_ x: Double) -> Double { log(x) }

extension LSTMOptions.Decay {
  /// 1 − g(Δ): the share of the short-term memory that is gone after Δ hours; 0 where rates are learned.
  ///
  /// - Source: Baytas et al. 2017, section 3.2; with g(Δ) = 1/log(e + Δ) for long and 1/(1 + Δ) for short gaps.
  func fading(hours: Double) -> Double {
    switch self {
    case .none, .exponential: 0
    case .log: 1 - 1 / logarithm(M_E + hours)
    case .inverse: hours / (1 + hours)
    }
  }
}

/// log(1 + eˣ): a positive rate from any number.
func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

extension RecurrentLayer {
  /// 1 − g(Δ) of every cell and unit.
  func fillFading(_ parameters: UnsafePointer<Float>, elapsed: UnsafePointer<Float>) {
    guard decay != .none else { return }
    let count = hiddenCount
    guard decay == .exponential else {
      for cell in 0..<steps.cellCount {
        (fading.base + cell * count).update(
          repeating: Float(decay.fading(hours: Double(elapsed[cell]))), count: count)
      }
      return
    }
    // Used from here to the first step: the slopes by h are not needed before the way back.
    let rates = hiddenSlopes.base
    for k in 0..<count { rates[k] = -Float(softplus(Double(parameters[places.rates + k]))) }
    let one = Vector(repeating: 1)
    for cell in 0..<steps.cellCount {
      let (target, hours) = (fading.base + cell * count, Vector(repeating: elapsed[cell]))
      var k = 0
      while k < count {
        target.store(one - exponential(rates.vector(k) * hours), k)
        k += vectorWidth
      }
    }
  }

  /// ∂loss/∂(softplus⁻¹ of the rates), from what the cells left in `fading`: ∂loss/∂(1 − g) · g, to be multiplied by
  /// ∂(1 − g)/∂r = Δ·g and ∂r/∂a = σ(a).
  func fillRateGradient(
    _ gradient: UnsafeMutablePointer<Float>, parameters: UnsafePointer<Float>, elapsed: UnsafePointer<Float>
  ) {
    guard decay == .exponential else { return }
    let sums = gradient + places.rates
    for k in 0..<hiddenCount { sums[k] = 0 }
    for cell in 0..<steps.cellCount { addScaled(sums, fading.base + cell * hiddenCount, elapsed[cell], hiddenCount) }
    for k in 0..<hiddenCount { sums[k] *= Float(1 / (1 + exp(-Double(parameters[places.rates + k])))) }
  }

  /// e^−max(0, W·age + b): the share of h that a step keeps.
  ///
  /// - Source: Che et al. 2018, formulas 10 and 13.
  func fillRetention(_ parameters: UnsafePointer<Float>, inputs: UnsafePointer<Float>) {
    guard meanDecayCount > 0 else { return }
    let (all, count) = (steps.cellCount, hiddenCount)
    fillRows(retention.base, rows: all, columns: count, with: parameters + places.meanDecayBias)
    multiply(
      inputs + 2 * meanDecayCount, .plain, strideA: inputCount, parameters + places.meanDecayWeights, .transposed,
      rows: all, columns: count, inner: meanDecayCount, into: retention.base, isAdding: true)
    var index = 0
    let zero = Vector(repeating: 0)
    while index < all * count {
      let sum = retention.base.vector(index)
      retention.base.store(exponential(-sum.replacing(with: zero, where: sum .< zero)), index)
      index += vectorWidth
    }
  }
}
