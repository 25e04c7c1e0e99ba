// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// Fits a time-aware LSTM with attention pooling by Adam on shuffled mini-batches, in one go; `LSTMTraining` does it in steps.
///
/// With validation rows training ends once what `stopMetric` names has not got better for `patienceEpochs` epochs (0: never
/// early), and the weights of the best epoch are restored.
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

/// The validation rows' labels as targets of the same kinds: of all heads, or of the first ones.
func heldTargets(
  _ labels: [[Float]], _ targets: [SequenceTarget]
) throws(RecurrentNetError) -> [SequenceTarget] {
  guard !labels.isEmpty, labels.count <= targets.count else {
    throw .init(
      .badShape, subject: "validation labels",
      expected: "an array for each of \(targets.count) targets, or of the first", found: "\(labels.count)")
  }
  return zip(labels, targets).map {
    SequenceTarget(labels: $0, objective: $1.objective, weight: $1.weight, isWeighted: $1.isWeighted)
  }
}

/// The network's shape, once rows, labels and sizes are found to fit together.
func checkedShape(
  _ train: any SequenceRows, targets: [SequenceTarget], validation: (any SequenceRows)?, held: [SequenceTarget]?,
  options: LSTMOptions
) throws(RecurrentNetError) -> NetworkShape {
  guard !targets.isEmpty else {
    throw .init(.badShape, subject: "targets", expected: "at least one", found: "none")
  }
  try train.check("train")
  for target in targets {
    try checkLabels(target, rowCount: train.rowCount, name: "train")
    guard target.objective == .regression || (target.labels.contains(0) && target.labels.contains(1)) else {
      throw .init(
        .oneClass, subject: "train labels", expected: "rows of both classes among \(target.labels.count)",
        found: "one class")
    }
  }
  if let validation, let held {
    try validation.check("validation")
    for target in held { try checkLabels(target, rowCount: validation.rowCount, name: "validation") }
    try checkAlike(train, validation)
  }
  let shape = NetworkShape(train, options: options, outputCount: targets.count)
  try checkSize(shape, train, options)
  return shape
}

/// Working memory beyond which a fit is refused: 16 GiB.
private let workspaceBytesMax = 0x1p34

private func checkLabels(
  _ target: SequenceTarget, rowCount: Int, name: String
) throws(RecurrentNetError) {
  guard target.labels.count == rowCount else {
    throw .init(
      .badShape, subject: "\(name) labels", expected: "one for each of \(rowCount) rows",
      found: "\(target.labels.count)")
  }
  guard target.weight > 0, target.weight.isFinite else {
    throw .init(.badLabel, subject: "\(name) target", expected: "a positive weight", found: "another number")
  }
  for (row, label) in target.labels.enumerated() where !label.isNaN {
    guard label.isFinite else {
      throw .init(.badLabel, subject: "\(name) labels, row \(row)", expected: "a finite number", found: "infinity")
    }
    guard target.objective == .regression || label == 0 || label == 1 else {
      throw .init(.badLabel, subject: "\(name) labels, row \(row)", expected: "0 or 1", found: "another number")
    }
  }
  guard target.labels.contains(where: { !$0.isNaN }) else {
    throw .init(.badLabel, subject: "\(name) labels", expected: "at least one known label", found: "none")
  }
}

private func checkAlike(_ train: any SequenceRows, _ other: any SequenceRows) throws(RecurrentNetError) {
  guard other.inputCount == train.inputCount, other.staticCount == train.staticCount,
    other.channelCount == train.channelCount
  else {
    throw .init(
      .badShape, subject: "validation",
      expected: "\(train.inputCount) channels and \(train.staticCount) statics, as in training",
      found: "\(other.inputCount) and \(other.staticCount)")
  }
}

private func checkSize(
  _ shape: NetworkShape, _ train: any SequenceRows, _ options: LSTMOptions
) throws(RecurrentNetError) {
  let rows = max(min(options.batchRows, train.rowCount), RecurrentNet.passRows)
  let cells = Double(rows) * Double(train.stepCount)
  let perCell =
    2 * Double(shape.layerInputCount(0)) + Double(shape.layerCount) * Double(shape.stateCount) * 14
    + 2 * Double(shape.stateCount) + 2 * Double(shape.meanDecayCount)
  let bytes = 4 * (cells * perCell + 4 * Double(rows) * Double(shape.featureCount))
  // OpenBLAS counts in 32 bits.
  guard bytes <= workspaceBytesMax, cells < 0x1p31 else {
    throw .init(
      .tooLarge, subject: "mini-batch", expected: "at most 16 GiB of working memory (lower `batch` or `hidden`)",
      found: "\((bytes / 0x1p30).rounded(.up)) GiB")
  }
}
