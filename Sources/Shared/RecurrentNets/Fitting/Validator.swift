// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

/// Loss and predictions over rows that are not trained on.
final class Validator {
  private let rows: any SequenceRows
  /// Of all heads, or of the first ones.
  private let labels: [[Float]]
  private let heads: HeadLosses
  private let pass: NetworkPass
  /// Of the first head and its known labels; larger is better.
  private let score: (([Float], [Float]) -> Double)?

  init(
    _ rows: any SequenceRows, targets: [SequenceTarget], shape: NetworkShape, heads: HeadLosses,
    score: (([Float], [Float]) -> Double)?
  ) {
    self.rows = rows
    labels = targets.map(\.labels)
    self.heads = heads
    self.score = score
    pass = NetworkPass(
      shape, rowCountMax: min(RecurrentNet.passRows, rows.rowCount), stepCountMax: rows.stepCount, isTraining: false)
  }

  /// The mean loss, and what early stopping watches: larger is better.
  func evaluate(_ parameters: [Float]) -> (loss: Double, merit: Double) {
    pass.setParameters(parameters)
    var sums = LossSums(headCount: labels.count)
    var (predictions, known): ([Float], [Float]) = ([], [])
    pass.forEachPart(of: rows) { row, slot in
      for head in labels.indices where !labels[head][row].isNaN {
        let output = pass.outputs.base[slot * heads.losses.count + head]
        let (value, weight, _) = heads.losses[head].row(output, labels[head][row])
        sums.add(head, loss: value, weight: weight)
        guard head == 0, score != nil else { continue }
        predictions.append(heads.losses[0].prediction(output))
        known.append(labels[0][row])
      }
    }
    let loss = sums.mean(heads)
    guard let score else { return (loss, -loss) }
    let value = score(predictions, known)
    // A metric that is undefined, on labels of one class, leaves the loss to decide.
    return (loss, value.isFinite ? value : -loss)
  }
}
