// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The loss of raw outputs z against labels, and its slopes.
///
///     binary      v·(1 − p)^γ·−log p,  p = σ(z) where y = 1, else σ(−z);  v = positiveWeight where y = 1, else 1
///     regression  (z·scale + mean − y)²: the net works on labels standardised by the training rows
///
/// γ = 0 is log loss. A mean loss is Σ loss / Σ v; a label that is NaN is unknown and counts in none of it.
///
/// - Source: Lin et al. 2017, formula 4 (focal loss).
struct OutputLoss: Sendable {
  let objective: ObjectiveKind
  let positiveWeight: Double
  let focalGamma: Double
  /// Mean and standard deviation of the training labels; 0 and 1 for binary ones.
  let labelMean: Double
  let labelScale: Double
  /// Mean v over the training rows: a gradient step divides by B times this, so that rare positives do not make the
  /// steps of the mini-batches that hold them shorter.
  let weightMean: Double

  init(_ objective: ObjectiveKind, labels: [Float], positiveWeight: Double, focalGamma: Double = 0) {
    self.objective = objective
    self.positiveWeight = positiveWeight
    self.focalGamma = focalGamma
    var (count, sum, square) = (0.0, 0.0, 0.0)
    for label in labels where !label.isNaN {
      sum += Double(label)
      count += 1
    }
    let mean = count > 0 ? sum / count : 0
    for label in labels where !label.isNaN { square += (Double(label) - mean) * (Double(label) - mean) }
    switch objective {
    case .binary:
      (labelMean, labelScale) = (0, 1)
      weightMean = 1 + (positiveWeight - 1) * mean
    case .regression:
      let deviation = count > 0 ? (square / count).squareRoot() : 0
      (labelMean, labelScale) = (mean, deviation > 0 ? deviation : 1)
      weightMean = 1
    }
  }

  /// Of a network that is read back and only predicts.
  init(_ objective: ObjectiveKind, labelMean: Double, labelScale: Double) {
    self.objective = objective
    (positiveWeight, focalGamma, weightMean) = (1, 0, 1)
    (self.labelMean, self.labelScale) = (labelMean, labelScale)
  }

  /// The raw output of the best constant prediction: where training starts.
  func constantOutput(_ labels: [Float]) -> Float {
    guard objective == .binary else { return 0 }
    var (positives, count) = (0.0, 0.0)
    for label in labels where !label.isNaN {
      positives += Double(label)
      count += 1
    }
    return Float(log(positiveWeight * positives / (count - positives)))
  }

  /// Weighted loss of one row, its weight, and ∂/∂z of the loss that is trained on.
  func row(_ output: Float, _ label: Float) -> (loss: Double, weight: Double, slope: Double) {
    let z = Double(output)
    switch objective {
    case .binary:
      let weight = label == 1 ? positiveWeight : 1
      let sign: Double = label == 1 ? 1 : -1
      let small = exp(-abs(z))
      // log p and p of the true class, each without cancellation at either end.
      let logarithm = -(max(-sign * z, 0) + log1p(small))
      let (near, far) = (1 / (1 + small), small / (1 + small))
      let (right, wrong) = sign * z >= 0 ? (near, far) : (far, near)
      guard focalGamma > 0 else { return (-weight * logarithm, weight, -sign * weight * wrong) }
      let focus = weight * pow(wrong, focalGamma)
      return (-focus * logarithm, weight, sign * focus * (focalGamma * right * logarithm - wrong))
    case .regression:
      let distance = z - (Double(label) - labelMean) / labelScale
      return (distance * distance * labelScale * labelScale, 1, 2 * distance)
    }
  }

  /// A raw output as a probability or in the label's unit.
  func prediction(_ output: Float) -> Float {
    switch objective {
    case .binary: Float(1 / (1 + exp(-Double(output))))
    case .regression: Float(Double(output) * labelScale + labelMean)
    }
  }
}
