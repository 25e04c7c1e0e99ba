// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// Fits a time-aware LSTM with attention pooling by Adam on shuffled mini-batches.
///
/// With validation rows training ends once their loss has not fallen for `patienceEpochs` epochs (0: never early), and
/// the weights of the best epoch are restored.
///
/// - Parameters:
///   - labels: [N]; 0 and 1, both present, for `.binary`. Real labels are standardised inside.
///   - seed: of the initial weights, the order of rows and the dropout.
///   - progress: called after each mini-batch with the epochs completed and their largest number; false cancels.
/// - Returns: a function of the arguments alone, to the last bit on machines of one type.
/// - Throws: `cancelled`, `badShape`, `badInput`, `badLabel`, `oneClass`, `tooLarge`, `diverged`.
/// - Complexity: O(N·T·H·(I + H)) an epoch; memory O(B·T·(I + H)) beside the rows.
package func fitLSTM(
  train: SequenceBatch, labels: [Float], validation: (batch: SequenceBatch, labels: [Float])?,
  objective: ObjectiveKind, options: LSTMOptions, seed: UInt64, progress: (Int, Int) -> Bool
) throws(RecurrentNetError) -> LSTMFit {
  var training = try LSTMTraining(
    train: train, labels: labels, validation: validation, objective: objective, options: options, seed: seed)
  while !training.isFinished { try training.runEpoch(progress) }
  return training.fit
}

/// The network's shape, once rows, labels and sizes are found to fit together.
func checkedShape(
  _ train: SequenceBatch, labels: [Float], validation: (batch: SequenceBatch, labels: [Float])?,
  objective: ObjectiveKind, options: LSTMOptions
) throws(RecurrentNetError) -> NetworkShape {
  try checkRows(train, labels: labels, objective: objective, name: "train")
  guard objective == .regression || (labels.contains(0) && labels.contains(1)) else {
    throw .init(
      .oneClass, subject: "train labels", expected: "rows of both classes among \(labels.count)", found: "one class")
  }
  if let validation {
    try checkRows(validation.batch, labels: validation.labels, objective: objective, name: "validation")
    try checkAlike(train, validation.batch)
  }
  let shape = NetworkShape(
    inputCount: train.inputCount, hiddenCount: options.hiddenCount, staticCount: train.staticCount,
    decay: options.decay)
  try checkSize(shape, train, options)
  return shape
}

/// Working memory beyond which a fit is refused: 16 GiB.
private let workspaceBytesMax = 0x1p34

private func checkRows(
  _ batch: SequenceBatch, labels: [Float], objective: ObjectiveKind, name: String
) throws(RecurrentNetError) {
  try batch.check(name)
  guard labels.count == batch.rowCount else {
    throw .init(
      .badShape, subject: "\(name) labels", expected: "one for each of \(batch.rowCount) rows", found: "\(labels.count)"
    )
  }
  for (row, label) in labels.enumerated() {
    guard label.isFinite else {
      throw .init(
        .badLabel, subject: "\(name) labels, row \(row)", expected: "a finite number", found: "NaN or infinity")
    }
    guard objective == .regression || label == 0 || label == 1 else {
      throw .init(.badLabel, subject: "\(name) labels, row \(row)", expected: "0 or 1", found: "another number")
    }
  }
}

private func checkAlike(_ train: SequenceBatch, _ other: SequenceBatch) throws(RecurrentNetError) {
  guard other.inputCount == train.inputCount, other.staticCount == train.staticCount else {
    throw .init(
      .badShape, subject: "validation",
      expected: "\(train.inputCount) channels and \(train.staticCount) statics, as in training",
      found: "\(other.inputCount) and \(other.staticCount)")
  }
}

private func checkSize(
  _ shape: NetworkShape, _ train: SequenceBatch, _ options: LSTMOptions
) throws(RecurrentNetError) {
  let bytes = Workspace.byteCount(
    shape, rowCountMax: max(min(options.batchRows, train.rowCount), RecurrentNet.passRows), stepCount: train.stepCount)
  // OpenBLAS counts in 32 bits.
  let cells = Double(options.batchRows) * Double(train.stepCount)
  guard bytes <= workspaceBytesMax, cells < 0x1p31 else {
    throw .init(
      .tooLarge, subject: "mini-batch", expected: "at most 16 GiB of working memory (lower `batch` or `hidden`)",
      found: "\((bytes / 0x1p30).rounded(.up)) GiB")
  }
}
