// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// A fit in progress that can be stopped after any epoch, saved, and taken up again to the identical bits.
///
///     var training = try LSTMTraining(train: …, targets: …, …)
///     while !training.isFinished {
///       try training.runEpoch(progress)
///       save(training.checkpoint())
///     }
///     let fit = training.fit
///
/// Keep one of it: a copy goes on with the same weights. A checkpoint is read with the same rows, labels, options and seed
/// that it was written with; `resume` refuses others.
package struct LSTMTraining {
  package let epochCountMax: Int
  private let patienceEpochs: Int
  private let shape: NetworkShape
  private let heads: HeadLosses
  private let fingerprint: UInt64
  private let validator: Validator?
  private let trainer: Trainer
  private var trainLoss: [Double] = []
  private var validLoss: [Double] = []
  private var merits: [Double] = []
  private var best: (epoch: Int, parameters: [Float])

  /// - Parameters:
  ///   - targets: one head each; the first is the one that `predict` answers.
  ///   - validation: rows that early stopping watches, with a label array for each target, or for the first ones: it looks at no other.
  ///   - seed: of the initial weights, the order of rows and the dropout.
  ///   - score: the options' `stopMetric` of (predictions, labels) of the first head, larger is better; nil watches the loss.
  /// - Throws: `badShape`, `badInput`, `badLabel`, `oneClass`, `tooLarge`.
  package init(
    train: any SequenceRows, targets: [SequenceTarget],
    validation: (rows: any SequenceRows, labels: [[Float]])?, options: LSTMOptions, seed: UInt64,
    score: (([Float], [Float]) -> Double)? = nil
  ) throws(RecurrentNetError) {
    let held = try validation.map { held throws(RecurrentNetError) in try heldTargets(held.labels, targets) }
    let shape = try checkedShape(
      train, targets: targets, validation: validation?.rows, held: held, options: options)
    let heads = HeadLosses(targets, options: options)
    (self.shape, self.heads) = (shape, heads)
    epochCountMax = options.epochCount
    patienceEpochs = options.patienceEpochs
    trainer = Trainer(train, targets: targets, shape: shape, heads: heads, options: options, seed: seed)
    validator = validation.map {
      Validator(
        $0.rows, targets: held ?? [], shape: shape, heads: heads,
        score: options.stopMetric == .loss || targets[0].objective != .binary ? nil : score)
    }
    best = (0, trainer.parameters)
    fingerprint = trainingFingerprint(
      [train] + (validation.map { [$0.rows] } ?? []), targets: targets + (held ?? []), options: options, seed: seed)
  }

  /// One target, rows in arrays.
  package init(
    train: SequenceBatch, labels: [Float], validation: (batch: SequenceBatch, labels: [Float])?,
    objective: ObjectiveKind, options: LSTMOptions, seed: UInt64, score: (([Float], [Float]) -> Double)? = nil
  ) throws(RecurrentNetError) {
    try self.init(
      train: train, targets: [SequenceTarget(labels: labels, objective: objective)],
      validation: validation.map { ($0.batch, [$0.labels]) }, options: options, seed: seed, score: score)
  }

  /// Epochs that are behind it.
  package var epochCount: Int { trainLoss.count }

  /// Whether all epochs are run, or what early stopping watches has not got better for `patience` of them.
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
      trainer.sizes.endEpoch(isBetter: epoch == 0 || loss < (trainLoss.dropLast().min() ?? .infinity))
      best = (epoch, trainer.parameters)
      return
    }
    let parameters = trainer.parameters
    let value = validator.evaluate(parameters)
    guard value.loss.isFinite else { throw Trainer.divergence("validation loss", epoch: epoch) }
    let isBetter = epoch == 0 || value.merit > merits[best.epoch]
    if isBetter { best = (epoch, parameters) }
    trainer.sizes.endEpoch(isBetter: isBetter)
    trainLoss.append(loss)
    validLoss.append(value.loss)
    merits.append(value.merit)
  }

  /// What the epochs so far have made; with the weights of the best one.
  package var fit: LSTMFit {
    LSTMFit(
      network: RecurrentNet(shape: shape, parameters: best.parameters, heads: heads), trainLoss: trainLoss,
      validLoss: validLoss, bestEpoch: best.epoch)
  }
}

extension LSTMTraining {
  private static let magic: UInt32 = 0x314D_534C  // "LSM1"

  /// Everything that the epochs to come depend on, beside rows, labels, options and seed.
  ///
  /// Layout, little-endian: magic "LSM1", fingerprint of the fit, weights, moments of Adam, step sizes, losses, best epoch and
  /// its weights, FNV-1a of all before it. About 16 bytes a weight.
  package func checkpoint() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.magic)
    writer.write(fingerprint)
    trainer.write(to: &writer)
    writer.write(trainLoss)
    writer.write(validLoss)
    writer.write(merits)
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
    guard let takeOver = trainer.read(from: &reader), let trainLoss = reader.readDoubles(),
      let validLoss = reader.readDoubles(), let merits = reader.readDoubles(), let epoch = reader.read(UInt64.self),
      let weights = reader.readFloats(), weights.count == best.parameters.count, trainLoss.count <= epochCountMax,
      epoch < UInt64(max(trainLoss.count, 1)), merits.count == validLoss.count,
      validLoss.count == (validator == nil ? 0 : trainLoss.count), reader.remaining == 8
    else { throw Self.refused("complete fields", "fewer or more bytes than they need") }
    takeOver()
    (self.trainLoss, self.validLoss, self.merits) = (trainLoss, validLoss, merits)
    best = (Int(epoch), weights)
  }

  private static func refused(_ expected: String, _ found: String) -> RecurrentNetError {
    .init(.badCheckpoint, subject: "LSTM checkpoint", expected: expected, found: found)
  }
}

/// Tells one fit from another: counts, options, seed, labels, and a row in a hundred by its inputs' bits.
private func trainingFingerprint(
  _ sources: [any SequenceRows], targets: [SequenceTarget], options: LSTMOptions, seed: UInt64
) -> UInt64 {
  var hash = fowlerNollVo("\(options) \(seed)".utf8)
  func add(_ word: UInt32) { hash = (hash ^ UInt64(word)) &* 0x100_0000_01B3 }
  for target in targets {
    hash = (hash ^ fowlerNollVo("\(target.objective) \(target.weight) \(target.isWeighted)".utf8)) &* 0x100_0000_01B3
    for label in target.labels { add(label.bitPattern) }
  }
  for rows in sources {
    for count in [rows.rowCount, rows.stepCount, rows.inputCount, rows.staticCount, rows.channelCount] {
      add(UInt32(truncatingIfNeeded: count))
    }
    let reader = RowReader(rows)
    for row in stride(from: 0, to: rows.rowCount, by: max(1, rows.rowCount / 100)) {
      reader.read(row)
      for value in reader.values { add(value.bitPattern) }
    }
  }
  return hash
}

/// One row at a time, in its own order.
final class RowReader {
  private let rows: any SequenceRows
  private let inputs: FloatBuffer
  private let elapsed: FloatBuffer
  private let statics: FloatBuffer
  private let offsets: [Int]
  private var length = 0

  init(_ rows: any SequenceRows) {
    self.rows = rows
    inputs = FloatBuffer(rows.stepCount * rows.inputCount)
    elapsed = FloatBuffer(rows.stepCount)
    statics = FloatBuffer(rows.staticCount)
    offsets = Array(0..<rows.stepCount)
  }

  func read(_ row: Int) {
    length = rows.length(row)
    offsets.withUnsafeBufferPointer { offsets in
      guard let offsets = offsets.baseAddress else { return }
      rows.copy(
        row,
        to: SequencePlaces(
          inputs: inputs.base, inputStride: rows.inputCount, elapsed: elapsed.base, statics: statics.base,
          offsets: offsets, slot: 0))
    }
  }

  /// Inputs, hours and statics of the row that was read last.
  var values: [Float] {
    Array(UnsafeBufferPointer(start: inputs.base, count: length * rows.inputCount))
      + Array(UnsafeBufferPointer(start: elapsed.base, count: length))
      + Array(UnsafeBufferPointer(start: statics.base, count: rows.staticCount))
  }
}
