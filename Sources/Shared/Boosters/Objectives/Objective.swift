// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The loss that trees descend: a row's gradient and hessian by its score, the score to start from, and the link.
///
///     binary     ℓ = w·(log(1 + eˢ) − y·s)         g = w·(p − y)          h = w·p·(1 − p)      p = 1/(1 + e⁻ˢ)
///     squared    ℓ = (s − y)²                      g = s − y              h = 1
///     absolute   ℓ = |s − y|                       g = sign(s − y)        h = 1
///     quantile   ℓ = α·(y − s)⁺ + (1 − α)·(s − y)⁺  g = (s > y) − α        h = 1
///     poisson    ℓ = eˢ − y·s                      g = eˢ − y             h = e^(s + 0.7)
///     tweedie    ℓ = e^((2−ρ)s)/(2−ρ) − y·e^((1−ρ)s)/(1−ρ)                and its derivatives
///
/// with w = `positiveWeight` for a row with label 1, else 1. Mean losses are Σℓ/Σw. (Squared's g and h are of half its
/// ℓ, as usual: the reported loss is the mean squared error.) Absolute and quantile leaves get the quantile of their rows'
/// residuals instead of a Newton step, which without curvature would mean nothing.
///
/// - Source: Friedman 2001, section 4.3 (leaves of absolute loss); the 0.7 of Poisson's hessian bounds a step, as in XGBoost
///   and LightGBM; Zhou, Qian & Yang 2020, "Tweedie Gradient Boosting", section 3.
package struct Objective: Hashable, Sendable {
  package enum Loss: Hashable, Sendable {
    case binary
    case squared
    case absolute
    case quantile(Double)
    case poisson
    case tweedie(Double)
  }

  package let loss: Loss
  package let positiveWeight: Double

  package init(_ loss: Loss, positiveWeight: Double = 1) {
    self.loss = loss
    self.positiveWeight = positiveWeight
  }

  /// - Throws: `badLoss` where another loss than the standard one is asked of binary labels.
  package init(_ kind: ObjectiveKind, options: BoosterOptions) throws(BoosterError) {
    positiveWeight = options.positiveWeight
    switch (kind, options.loss) {
    case (.binary, .standard): loss = .binary
    case (.binary, _):
      throw BoosterError(
        .badLoss, subject: "loss \(options.loss.rawValue)", expected: "`standard` for a binary outcome",
        found: "a loss of real labels")
    case (.regression, .standard): loss = .squared
    case (.regression, .absolute): loss = .absolute
    case (.regression, .quantile): loss = .quantile(options.quantile)
    case (.regression, .poisson): loss = .poisson
    case (.regression, .tweedie): loss = .tweedie(options.tweediePower)
    }
  }

  package var kind: ObjectiveKind { loss == .binary ? .binary : .regression }

  /// Whether each row has the same hessian, which then counts rows.
  var isHessianConstant: Bool {
    switch loss {
    case .squared, .absolute, .quantile: true
    case .binary, .poisson, .tweedie: false
    }
  }

  /// The level whose quantile of residuals a leaf takes; nil for a Newton step.
  var leafQuantile: Double? {
    switch loss {
    case .absolute: 0.5
    case .quantile(let level): level
    case .binary, .squared, .poisson, .tweedie: nil
    }
  }

  /// The best constant score: the weighted log-odds, the mean, its logarithm, or a quantile.
  func initialScore(labels: [Float]) -> Double {
    if let level = leafQuantile { return quantile(labels.map { Double($0) }, level: level) }
    var positive = 0.0
    var sum = 0.0
    for label in labels {
      sum += Double(label)
      positive += label > 0 ? 1 : 0
    }
    switch loss {
    case .binary: return log(positive * positiveWeight / (Double(labels.count) - positive))
    case .poisson, .tweedie: return log(sum / Double(labels.count))
    case .squared, .absolute, .quantile: return sum / Double(labels.count)
    }
  }

  /// What is predicted for a score: a probability, or the label's unit.
  func prediction(_ score: Double) -> Float {
    switch loss {
    case .binary: Float(1 / (1 + exp(-score)))
    case .poisson, .tweedie: Float(exp(score))
    case .squared, .absolute, .quantile: Float(score)
    }
  }
}

/// The value below which a share `level` of the values lies, linear between neighbours; 0 of nothing.
///
/// - Source: Hyndman & Fan 1996, definition 7.
func quantile(_ values: [Double], level: Double) -> Double {
  guard !values.isEmpty else { return 0 }
  let sorted = values.sorted()
  let position = level * Double(sorted.count - 1)
  let lower = Int(position)
  let upper = min(lower + 1, sorted.count - 1)
  return sorted[lower] + (position - Double(lower)) * (sorted[upper] - sorted[lower])
}
