// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The loss that trees descend: a row's gradient and hessian by its score, the score to start from, and the link.
///
///     binary      ℓ = w·(log(1 + eˢ) − y·s)    g = w·(p − y)    h = w·p·(1 − p)    p = 1/(1 + e⁻ˢ)
///     regression  ℓ = (s − y)²                 g = s − y        h = 1
///
/// with w = `positiveWeight` for a row with label 1, else 1. Mean losses are Σℓ/Σw. (Regression's g and h are of half its
/// ℓ, as usual: the reported loss is the mean squared error.)
package struct Objective: Hashable, Sendable {
  package let kind: ObjectiveKind
  package let positiveWeight: Double

  package init(_ kind: ObjectiveKind, positiveWeight: Double) {
    self.kind = kind
    self.positiveWeight = positiveWeight
  }

  /// Whether each row has the same hessian, which then counts rows.
  var isHessianConstant: Bool { kind == .regression }

  /// The best constant score: the weighted log-odds, or the mean.
  func initialScore(labels: [Float]) -> Double {
    var positive = 0.0
    var sum = 0.0
    for label in labels {
      sum += Double(label)
      positive += label > 0 ? 1 : 0
    }
    switch kind {
    case .binary: return log(positive * positiveWeight / (Double(labels.count) - positive))
    case .regression: return sum / Double(labels.count)
    }
  }

  /// Fills gradients and hessians, [N] each.
  func differentiate(
    scores: UnsafePointer<Double>, labels: UnsafePointer<Float>, rowCount: Int, gradients: UnsafeMutablePointer<Double>,
    hessians: UnsafeMutablePointer<Double>
  ) {
    switch kind {
    case .binary:
      for row in 0..<rowCount {
        let label = Double(labels[row])
        let weight = label > 0 ? positiveWeight : 1
        let p = Self.sigmoid(scores[row])
        gradients[row] = weight * (p - label)
        hessians[row] = weight * p * (1 - p)
      }
    case .regression:
      for row in 0..<rowCount {
        gradients[row] = scores[row] - Double(labels[row])
        hessians[row] = 1
      }
    }
  }

  /// Mean loss; NaN without rows.
  func meanLoss(scores: UnsafePointer<Double>, labels: UnsafePointer<Float>, rowCount: Int) -> Double {
    var loss = 0.0
    var weights = 0.0
    switch kind {
    case .binary:
      for row in 0..<rowCount {
        let score = scores[row]
        let isPositive = labels[row] > 0
        let weight = isPositive ? positiveWeight : 1
        // log(1 + eˢ) − y·s without overflow for either sign of s.
        let against = isPositive ? -score : score
        loss += weight * (max(against, 0) + log1p(exp(-abs(score))))
        weights += weight
      }
    case .regression:
      for row in 0..<rowCount {
        let error = scores[row] - Double(labels[row])
        loss += error * error
      }
      weights = Double(rowCount)
    }
    return loss / weights
  }

  /// What is predicted for a score: a probability, or the label's unit.
  func prediction(_ score: Double) -> Float {
    switch kind {
    case .binary: Float(Self.sigmoid(score))
    case .regression: Float(score)
    }
  }

  private static func sigmoid(_ score: Double) -> Double { 1 / (1 + exp(-score)) }
}
