// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// A fitted time-aware LSTM with attention pooling.
package struct RecurrentNet: Sendable {
  package let shape: NetworkShape
  /// Every weight, in the order and shapes of `ParameterBlock`; `ParameterLayout` tells where each block lies.
  package let parameters: [Float]
  let loss: OutputLoss

  package var objective: ObjectiveKind { loss.objective }

  /// Rows of a pass: a function of nothing, so that the bits of a prediction depend on the batch alone.
  static let passRows = 128

  /// Probabilities, or the label's unit. The batch must have the channels and statics of the training rows; its number
  /// of steps is free.
  package func predict(_ batch: SequenceBatch) -> [Float] {
    var predictions: [Float] = []
    predictions.reserveCapacity(batch.rowCount)
    run(batch) { pass in
      for row in 0..<pass.rows { predictions.append(loss.prediction(pass.workspace.outputs[row])) }
    }
    return predictions
  }

  /// The share of each step in the pooled state, [N, T]; a row's shares add up to 1.
  package func attention(_ batch: SequenceBatch) -> [Float] {
    var shares: [Float] = []
    shares.reserveCapacity(batch.rowCount * batch.stepCount)
    run(batch) { pass in
      for row in 0..<pass.rows {
        for step in 0..<batch.stepCount { shares.append(pass.workspace.shares[step * pass.rows + row]) }
      }
    }
    return shares
  }

  private func run(_ batch: SequenceBatch, _ body: (NetworkPass) -> Void) {
    precondition(
      batch.inputCount == shape.inputCount && batch.staticCount == shape.staticCount,
      "a batch of \(batch.inputCount) channels and \(batch.staticCount) statics for a net of \(shape)")
    guard batch.rowCount > 0 else { return }
    let pass = NetworkPass(
      shape, rowCountMax: min(Self.passRows, batch.rowCount), stepCount: batch.stepCount)
    let fading = fadings(batch.elapsed, shape.decay)
    pass.forEachPart(of: batch, fadings: fading, parameters: parameters) { _ in body(pass) }
  }
}

extension NetworkPass {
  /// Forward over all rows in their order, `body` after each part with the part's first row.
  func forEachPart(
    of batch: SequenceBatch, fadings: [Float], parameters: [Float], _ body: (_ firstRow: Int) -> Void
  ) {
    let order = Array(0..<batch.rowCount)
    for first in stride(from: 0, to: batch.rowCount, by: workspace.rowCountMax) {
      load(batch, fadings: fadings, selection: order[first..<min(first + workspace.rowCountMax, batch.rowCount)])
      parameters.withUnsafeBufferPointer { parameters in
        if let base = parameters.baseAddress { forward(base) }
      }
      body(first)
    }
  }
}
