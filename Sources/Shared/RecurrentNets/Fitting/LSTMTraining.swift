// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// A fit in progress that can be stopped after any epoch, saved, and taken up again to the identical bits.
///
///     var training = try LSTMTraining(train: …, labels: …, …)
///     while !training.isFinished {
///       try training.runEpoch(progress)
///       save(training.checkpoint())
///     }
///     let fit = training.fit
///
/// A checkpoint is read with the same rows, options and seed that it was written with; `resume` refuses any other.
package struct LSTMTraining {
  package let epochCountMax: Int
  private let patienceEpochs: Int
  private let shape: NetworkShape
  private let loss: OutputLoss
  private let fingerprint: UInt64
  private let validator: Validator?
  private var trainer: Trainer
  private var trainLoss: [Double] = []
  private var validLoss: [Double] = []
  private var best: (epoch: Int, parameters: [Float])

  /// - Parameters: as those of `fitLSTM`.
  /// - Throws: `badShape`, `badInput`, `badLabel`, `oneClass`, `tooLarge`.
  package init(
    train: SequenceBatch, labels: [Float], validation: (batch: SequenceBatch, labels: [Float])?,
    objective: ObjectiveKind, options: LSTMOptions, seed: UInt64
  ) throws(RecurrentNetError) {
    shape = try checkedShape(train, labels: labels, validation: validation, objective: objective, options: options)
    epochCountMax = options.epochCount
    patienceEpochs = options.patienceEpochs
    let loss = OutputLoss(objective, labels: labels, positiveWeight: options.positiveWeight)
    self.loss = loss
    let shape = shape
    trainer = Trainer(train, labels: labels, shape: shape, loss: loss, options: options, seed: seed)
    validator = validation.map { Validator($0.batch, labels: $0.labels, shape: shape, loss: loss) }
    best = (0, trainer.parameters)
    fingerprint = trainingFingerprint(
      train, labels: labels, validation: validation, objective: objective, options: options, seed: seed)
  }

  /// Epochs that are behind it.
  package var epochCount: Int { trainLoss.count }

  /// Whether all epochs are run, or the validation loss has not fallen for `patience` of them.
  package var isFinished: Bool {
    if epochCount >= epochCountMax { return true }
    return patienceEpochs > 0 && !validLoss.isEmpty && epochCount - 1 - best.epoch >= patienceEpochs
  }

  /// One more pass over the training rows; nothing where training is finished.
  ///
  /// - Parameter progress: called after each mini-batch with the epochs completed and their largest number; false cancels.
  /// - Throws: `cancelled`, `diverged`. The epoch is then half run: go on from the last checkpoint.
  package mutating func runEpoch(_ progress: (Int, Int) -> Bool) throws(RecurrentNetError) {
    guard !isFinished else { return }
    let epoch = epochCount
    let loss = try trainer.runEpoch(epoch, progress: progress)
    guard let validator else {
      trainLoss.append(loss)
      best = (epoch, trainer.parameters)
      return
    }
    let value = validator.loss(of: trainer.parameters)
    guard value.isFinite else { throw Trainer.divergence("validation loss", epoch: epoch) }
    if epoch == 0 || value < validLoss[best.epoch] { best = (epoch, trainer.parameters) }
    trainLoss.append(loss)
    validLoss.append(value)
  }

  /// What the epochs so far have made; with the weights of the best one.
  package var fit: LSTMFit {
    LSTMFit(
      network: RecurrentNet(shape: shape, parameters: best.parameters, loss: loss), trainLoss: trainLoss,
      validLoss: validLoss, bestEpoch: best.epoch)
  }
}

extension LSTMTraining {
  private static let magic: UInt32 = 0x314D_534C  // "LSM1"

  /// Everything that the epochs to come depend on, beside rows, options and seed.
  ///
  /// Layout, little-endian: magic "LSM1", fingerprint of the fit, weights, moments of Adam, losses, best epoch and its
  /// weights, FNV-1a of all before it. About 16 bytes a weight.
  package func checkpoint() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.magic)
    writer.write(fingerprint)
    trainer.write(to: &writer)
    writer.write(trainLoss)
    writer.write(validLoss)
    writer.write(UInt64(best.epoch))
    writer.write(best.parameters)
    writer.write(fowlerNollVo(writer.bytes))
    return writer.bytes
  }

  /// Goes on where `checkpoint` was taken.
  ///
  /// - Throws: `badCheckpoint` where the bytes are damaged or of another fit; the training is then as it was.
  package mutating func resume(_ checkpoint: [UInt8]) throws(RecurrentNetError) {
    guard checkpoint.count > 20 else { throw Self.refused("at least 20 bytes", "\(checkpoint.count)") }
    var reader = ByteReader(checkpoint)
    guard reader.read(UInt32.self) == Self.magic else { throw Self.refused("an LSTM checkpoint", "another file") }
    var tail = ByteReader(Array(checkpoint.suffix(8)))
    guard tail.read(UInt64.self) == fowlerNollVo(checkpoint.dropLast(8)) else {
      throw Self.refused("bytes as they were written", "a damaged file (train from the start)")
    }
    guard reader.read(UInt64.self) == fingerprint else {
      throw Self.refused("a checkpoint of these rows, options and seed", "one of another fit")
    }
    var other = self
    guard other.trainer.read(from: &reader), let trainLoss = reader.readDoubles(),
      let validLoss = reader.readDoubles(), let epoch = reader.read(UInt64.self), let weights = reader.readFloats(),
      weights.count == best.parameters.count, epoch <= UInt64(epochCountMax),
      trainLoss.count <= epochCountMax, reader.remaining == 8
    else { throw Self.refused("complete fields", "fewer or more bytes than they need") }
    other.trainLoss = trainLoss
    other.validLoss = validLoss
    other.best = (Int(epoch), weights)
    self = other
  }

  private static func refused(_ expected: String, _ found: String) -> RecurrentNetError {
    .init(.badCheckpoint, subject: "LSTM checkpoint", expected: expected, found: found)
  }
}

/// Tells one fit from another: shapes, options, seed, labels, and the inputs by their bits.
private func trainingFingerprint(
  _ train: SequenceBatch, labels: [Float], validation: (batch: SequenceBatch, labels: [Float])?,
  objective: ObjectiveKind, options: LSTMOptions, seed: UInt64
) -> UInt64 {
  var hash = fowlerNollVo("\(objective) \(options) \(seed)".utf8)
  func add(_ words: some Sequence<UInt32>) {
    for word in words { hash = (hash ^ UInt64(word)) &* 0x100_0000_01B3 }
  }
  for (batch, labels) in [(train, labels)] + (validation.map { [$0] } ?? []) {
    add([UInt32(truncatingIfNeeded: batch.rowCount), UInt32(truncatingIfNeeded: batch.stepCount)])
    add(batch.inputs.lazy.map(\.bitPattern))
    add(batch.elapsed.lazy.map(\.bitPattern))
    add(batch.statics.lazy.map(\.bitPattern))
    add(labels.lazy.map(\.bitPattern))
  }
  return hash
}
