// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// σ(x) = 1 / (1 + e⁻ˣ), without overflow on either side.
@inline(__always)
func logistic(_ x: Double) -> Double {
  let small = exp(-abs(x))
  return x >= 0 ? 1 / (1 + small) : small / (1 + small)
}

/// The function to minimise, as a function of the margins z = Xw + b and of the weights.
struct LinearProblem {
  let matrix: RowMatrix
  let labels: [Float]
  let objective: ObjectiveKind
  let l1: Double
  let l2: Double
  /// vᵢ / Σ v: the mean loss is Σ share·ℓ.
  let shares: [Double]

  init(
    matrix: RowMatrix, labels: [Float], objective: ObjectiveKind, l1: Double, l2: Double, positiveWeight: Double
  ) {
    self.matrix = matrix
    self.labels = labels
    self.objective = objective
    self.l1 = l1
    self.l2 = l2
    let weights = labels.map { objective == .binary && $0 == 1 ? positiveWeight : 1 }
    let total = weights.reduce(0, +)
    shares = weights.map { $0 / total }
  }

  /// The intercept of the best constant prediction: the (weighted) mean label, or its log odds.
  var constantIntercept: Double {
    var mean = 0.0
    for (share, label) in zip(shares, labels) { mean += share * Double(label) }
    switch objective {
    case .binary: return log(mean / (1 - mean))
    case .regression: return mean
    }
  }

  /// Σ share·ℓ(label, margin + step·direction).
  func meanLoss(_ margins: [Double], _ directions: [Double], step: Double) -> Double {
    var sum = 0.0
    for row in 0..<matrix.rowCount {
      let margin = margins[row] + step * directions[row]
      let label = Double(labels[row])
      switch objective {
      case .binary: sum += shares[row] * (max(margin, 0) - margin * label + log1p(exp(-abs(margin))))
      case .regression: sum += shares[row] * 0.5 * (margin - label) * (margin - label)
      }
    }
    return sum
  }

  /// First and second derivative of share·ℓ by the margin, row by row.
  ///
  /// The curvature of the log loss has a floor of 1e-9: it shapes the step only, never the optimum, and keeps the
  /// normal matrix from vanishing on separable rows.
  func fillDerivatives(_ margins: [Double], slopes: inout [Double], curvatures: inout [Double]) {
    for row in 0..<matrix.rowCount {
      let label = Double(labels[row])
      switch objective {
      case .binary:
        let probability = logistic(margins[row])
        slopes[row] = shares[row] * (probability - label)
        curvatures[row] = shares[row] * max(probability * (1 - probability), 1e-9)
      case .regression:
        slopes[row] = shares[row] * (margins[row] - label)
        curvatures[row] = shares[row]
      }
    }
  }

  /// l1·‖w‖₁ + l2/2·‖w‖²; the last entry, the intercept, is free.
  func penalty(_ weights: [Double]) -> Double {
    var absolute = 0.0
    var square = 0.0
    for weight in weights.dropLast() {
      absolute += abs(weight)
      square += weight * weight
    }
    return l1 * absolute + 0.5 * l2 * square
  }
}
