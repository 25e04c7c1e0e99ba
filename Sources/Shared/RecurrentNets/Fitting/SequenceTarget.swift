// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// What one head of a network is fitted to.
package struct SequenceTarget: Sendable {
  /// [N]; NaN where a row's label is unknown. 0 and 1, both present, for `.binary`; real labels are standardised inside.
  package var labels: [Float]
  package var objective: ObjectiveKind
  /// The head's share in the loss that is trained on.
  package var weight: Double
  /// Whether `positiveWeight` and `focalGamma` of the options are meant for it: they are chosen for one outcome's classes.
  package var isWeighted: Bool

  package init(labels: [Float], objective: ObjectiveKind, weight: Double = 1, isWeighted: Bool = true) {
    self.labels = labels
    self.objective = objective
    self.weight = weight
    self.isWeighted = isWeighted
  }
}

/// The losses of all heads.
struct HeadLosses: Sendable {
  let losses: [OutputLoss]
  let weights: [Double]

  init(_ targets: [SequenceTarget], options: LSTMOptions) {
    losses = targets.map {
      OutputLoss(
        $0.objective, labels: $0.labels, positiveWeight: $0.isWeighted ? options.positiveWeight : 1,
        focalGamma: $0.isWeighted ? options.focalGamma : 0)
    }
    weights = targets.map(\.weight)
  }

  init(losses: [OutputLoss], weights: [Double]) {
    self.losses = losses
    self.weights = weights
  }
}

/// Sums of losses and weights of each head while rows go by.
struct LossSums {
  private var sums: [(loss: Double, weight: Double)]

  init(headCount: Int) { sums = Array(repeating: (0, 0), count: headCount) }

  mutating func add(_ head: Int, loss: Double, weight: Double) {
    sums[head].loss += loss
    sums[head].weight += weight
  }

  /// Of one head: its mean loss. Of several: Σ of the heads' shares, real labels standardised, so that they can be added.
  func mean(_ heads: HeadLosses) -> Double {
    guard sums.count > 1 else { return sums[0].loss / sums[0].weight }
    var total = 0.0
    for (head, sum) in sums.enumerated() where sum.weight > 0 {
      let scale = heads.losses[head].labelScale
      total += heads.weights[head] * sum.loss / (sum.weight * scale * scale)
    }
    return total
  }
}
