// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// A fitted time-aware LSTM with attention pooling.
package struct RecurrentNet: Sendable {
  package let shape: NetworkShape
  /// Every weight; `ParameterLayout(shape)` tells the blocks' names, shapes and places.
  package let parameters: [Float]
  let heads: HeadLosses

  package var objective: ObjectiveKind { heads.losses[0].objective }

  init(shape: NetworkShape, parameters: [Float], heads: HeadLosses) {
    self.shape = shape
    self.parameters = parameters
    self.heads = heads
  }

  init(shape: NetworkShape, parameters: [Float], loss: OutputLoss) {
    self.init(shape: shape, parameters: parameters, heads: HeadLosses(losses: [loss], weights: [1]))
  }

  /// Rows of a pass: a function of nothing, so that the bits of a prediction depend on the batch alone.
  static let passRows = 128

  /// Probabilities, or the label's unit, of the first head. The batch must have the channels and statics of the training
  /// rows; its number of steps is free.
  package func predict(_ rows: some SequenceRows) -> [Float] { predictAll(rows)[0] }

  /// The same of every head.
  package func predictAll(_ rows: some SequenceRows) -> [[Float]] {
    var predictions = heads.losses.map { _ in [Float](repeating: 0, count: rows.rowCount) }
    run(rows) { pass, row, slot in
      for head in heads.losses.indices {
        predictions[head][row] = heads.losses[head].prediction(pass.outputs.base[slot * heads.losses.count + head])
      }
    }
    return predictions
  }

  /// The share of each step in the pooled state, [N, T]; a row's shares add up to 1, and are 0 beyond its last step.
  package func attention(_ rows: some SequenceRows) -> [Float] {
    var shares = [Float](repeating: 0, count: rows.rowCount * rows.stepCount)
    run(rows) { pass, row, slot in
      for step in 0..<rows.length(row) {
        shares[row * rows.stepCount + step] = pass.shares.base[pass.steps.offsets[step] + slot]
      }
    }
    return shares
  }

  private func run(_ rows: some SequenceRows, _ body: (NetworkPass, Int, Int) -> Void) {
    checkFit(rows)
    guard rows.rowCount > 0 else { return }
    let pass = NetworkPass(
      shape, rowCountMax: min(Self.passRows, rows.rowCount), stepCountMax: rows.stepCount, isTraining: false)
    pass.setParameters(parameters)
    pass.forEachPart(of: rows) { row, slot in body(pass, row, slot) }
  }

  func checkFit(_ rows: some SequenceRows) {
    precondition(
      rows.inputCount == shape.inputCount && rows.staticCount == shape.staticCount,
      "a batch of \(rows.inputCount) channels and \(rows.staticCount) statics for a net of \(shape)")
  }
}

extension NetworkPass {
  /// Forward over all rows in their order, `body` for each row with its slot after its part.
  func forEachPart(of source: some SequenceRows, _ body: (_ row: Int, _ slot: Int) -> Void) {
    let order = Array(0..<source.rowCount)
    for first in stride(from: 0, to: source.rowCount, by: steps.rowCountMax) {
      load(source, selection: order[first..<min(first + steps.rowCountMax, source.rowCount)])
      forward()
      for index in 0..<rows { body(first + index, steps.slots[index]) }
    }
  }
}
