// SPDX-License-Identifier: Apache-2.0

/// A network kept ready for predictions: weights packed and working memory allocated once. Not to be shared between threads.
package final class RecurrentPredictor {
  private let network: RecurrentNet
  private let pass: NetworkPass

  /// - Parameters:
  ///   - rowCountMax: most rows of one call.
  ///   - stepCountMax: most steps of a row.
  package init(_ network: RecurrentNet, rowCountMax: Int, stepCountMax: Int) {
    self.network = network
    pass = NetworkPass(
      network.shape, rowCountMax: rowCountMax, stepCountMax: stepCountMax, isTraining: false)
    pass.setParameters(network.parameters)
  }

  /// Probabilities, or the label's unit, of the first head for some rows; the same bits as `RecurrentNet.predict` of them.
  package func predict(_ source: some SequenceRows, rows: [Int]) -> [Float] {
    network.checkFit(source)
    precondition(
      rows.count <= pass.steps.rowCountMax && source.stepCount <= pass.steps.stepCountMax,
      "\(rows.count) rows of \(source.stepCount) steps for a predictor of \(pass.steps.rowCountMax) rows of "
        + "\(pass.steps.stepCountMax) steps")
    pass.load(source, selection: rows[...])
    pass.forward()
    let headCount = network.heads.losses.count
    return rows.indices.map {
      network.heads.losses[0].prediction(pass.outputs.base[pass.steps.slots[$0] * headCount])
    }
  }
}
