// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The loss of raw outputs z against labels, and its slopes.
///
///     binary      v·(max(z, 0) − y·z + log(1 + e^−|z|)),  v = positiveWeight where y = 1, else 1
///     regression  (z·scale + mean − y)²: the net works on labels standardised by the training rows
///
/// A mean loss is Σ loss / Σ v.
struct OutputLoss: Sendable {
  let objective: ObjectiveKind
  let positiveWeight: Double
  /// Mean and standard deviation of the training labels; 0 and 1 for binary ones.
  let labelMean: Double
  let labelScale: Double
  /// Mean v over the training rows: a gradient step divides by B times this, so that rare positives do not make the
  /// steps of the mini-batches that hold them shorter.
  let weightMean: Double

  init(_ objective: ObjectiveKind, labels: [Float], positiveWeight: Double) {
    self.objective = objective
    self.positiveWeight = positiveWeight
    let count = Double(labels.count)
    var (sum, square) = (0.0, 0.0)
    for label in labels { sum += Double(label) }
    let mean = sum / count
    for label in labels { square += (Double(label) - mean) * (Double(label) - mean) }
    switch objective {
    case .binary:
      (labelMean, labelScale) = (0, 1)
      weightMean = 1 + (positiveWeight - 1) * mean
    case .regression:
      let deviation = (square / count).squareRoot()
      (labelMean, labelScale) = (mean, deviation > 0 ? deviation : 1)
      weightMean = 1
    }
  }

  /// The raw output of the best constant prediction: where training starts.
  func constantOutput(_ labels: [Float]) -> Float {
    guard objective == .binary else { return 0 }
    var positives = 0.0
    for label in labels { positives += Double(label) }
    return Float(log(positiveWeight * positives / (Double(labels.count) - positives)))
  }

  /// Weighted loss of one row, its weight, and ∂/∂z of the loss that is trained on.
  func row(_ output: Float, _ label: Float) -> (loss: Double, weight: Double, slope: Double) {
    let z = Double(output)
    switch objective {
    case .binary:
      let weight = label == 1 ? positiveWeight : 1
      let small = exp(-abs(z))
      let probability = z >= 0 ? 1 / (1 + small) : small / (1 + small)
      let loss = max(z, 0) - Double(label) * z + log1p(small)
      return (weight * loss, weight, weight * (probability - Double(label)))
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
