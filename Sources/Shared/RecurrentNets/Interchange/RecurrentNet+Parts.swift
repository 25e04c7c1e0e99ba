// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// What makes a prediction of a head's raw output z: σ(z), or z · `labelScale` + `labelMean`.
package struct HeadLink: Hashable, Sendable {
  package let objective: ObjectiveKind
  /// Of the training labels, in their unit; 0 and 1 for binary ones.
  package let labelMean: Double
  package let labelScale: Double

  package init(objective: ObjectiveKind, labelMean: Double, labelScale: Double) {
    self.objective = objective
    self.labelMean = labelMean
    self.labelScale = labelScale
  }
}

extension RecurrentNet {
  package var headLinks: [HeadLink] {
    heads.losses.map { HeadLink(objective: $0.objective, labelMean: $0.labelMean, labelScale: $0.labelScale) }
  }

  /// A network of parts that were kept: it predicts and explains to the same bits as the one they came from.
  ///
  /// - Parameters:
  ///   - heads: as many as `shape` has outputs.
  ///   - values: [extents] of each block of `ParameterLayout(shape)`, which is asked for once, in its order.
  package init(shape: NetworkShape, heads: [HeadLink], values: (ParameterBlock) throws -> [Float]) rethrows {
    precondition(heads.count == shape.outputCount, "\(heads.count) heads for \(shape.outputCount) outputs")
    var parameters: [Float] = []
    for block in ParameterLayout(shape).blocks {
      let own = try values(block)
      precondition(own.count == block.range.count, "\(own.count) values for \(block.name), \(block.range.count)")
      parameters += own
    }
    let losses = heads.map { OutputLoss($0.objective, labelMean: $0.labelMean, labelScale: $0.labelScale) }
    self.init(
      shape: shape, parameters: parameters, heads: HeadLosses(losses: losses, weights: losses.map { _ in 1 }))
  }
}
