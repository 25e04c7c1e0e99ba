// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness

/// Owns the weights while they are trained, an epoch at a time.
struct Trainer {
  private(set) var parameters: [Float]

  private let batch: SequenceBatch
  private let fading: [Float]
  private let labels: [Float]
  private let loss: OutputLoss
  private let options: LSTMOptions
  private let seed: UInt64
  private let pass: NetworkPass
  private var gradient: [Float]
  private var adam: Adam

  init(
    _ batch: SequenceBatch, labels: [Float], shape: NetworkShape, loss: OutputLoss, options: LSTMOptions, seed: UInt64
  ) {
    self.batch = batch
    self.labels = labels
    self.loss = loss
    self.options = options
    self.seed = seed
    fading = fadings(batch.elapsed, options.decay)
    pass = NetworkPass(
      shape, rowCountMax: min(options.batchRows, batch.rowCount), stepCount: batch.stepCount)
    parameters = initialParameters(shape, outputBias: loss.constantOutput(labels), seed: seed)
    gradient = [Float](repeating: 0, count: parameters.count)
    let layout = pass.layout
    adam = Adam(
      parameterCount: parameters.count, learningRate: options.learningRate, weightDecay: options.weightDecay,
      decayedRanges: ParameterBlock.allCases.filter { !$0.isBias }.map { layout.range($0) })
  }

  /// One pass over all rows in an order of its own. Returns the mean training loss.
  mutating func runEpoch(_ epoch: Int, progress: (Int, Int) -> Bool) throws(RecurrentNetError) -> Double {
    var order = Array(0..<batch.rowCount)
    var random = CounterGenerator(key: derivedSeed(seed, .batchOrder, epoch))
    random.shuffle(&order)
    var (lossSum, weightSum) = (0.0, 0.0)
    for (index, first) in stride(from: 0, to: order.count, by: options.batchRows).enumerated() {
      let selection = order[first..<min(first + options.batchRows, order.count)]
      pass.load(batch, fadings: fading, selection: selection)
      drawMask(epoch: epoch, index: index)
      let (loss, weight) = step(selection)
      guard let scale = gradientScale() else { throw Self.divergence("gradient", epoch: epoch) }
      gradient.withUnsafeBufferPointer { gradient in
        parameters.withUnsafeMutableBufferPointer { parameters in
          guard let weights = parameters.baseAddress, let slopes = gradient.baseAddress else { return }
          adam.update(weights, slopes, scale: scale)
        }
      }
      lossSum += loss
      weightSum += weight
      let isLast = first + selection.count == order.count
      guard progress(isLast ? epoch + 1 : epoch, options.epochCount) else { throw .cancelled }
    }
    return lossSum / weightSum
  }

  /// Forward, loss and backward over the loaded mini-batch.
  private mutating func step(_ selection: ArraySlice<Int>) -> (loss: Double, weight: Double) {
    var (lossSum, weightSum) = (0.0, 0.0)
    parameters.withUnsafeBufferPointer { parameters in
      gradient.withUnsafeMutableBufferPointer { gradient in
        guard let weights = parameters.baseAddress, let slopes = gradient.baseAddress else { return }
        pass.forward(weights, dropsFeatures: options.dropout > 0)
        let share = 1 / (Double(selection.count) * loss.weightMean)
        for (slot, row) in selection.enumerated() {
          let (value, weight, slope) = loss.row(pass.workspace.outputs[slot], labels[row])
          lossSum += value
          weightSum += weight
          pass.workspace.outputSlopes[slot] = Float(share * slope)
        }
        pass.backward(weights, gradient: slopes)
      }
    }
    return (lossSum, weightSum)
  }

  /// Inverted dropout: a kept feature is scaled up, so that prediction needs no scaling (Srivastava et al. 2014).
  private func drawMask(epoch: Int, index: Int) {
    guard options.dropout > 0 else { return }
    var random = CounterGenerator(key: derivedSeed(seed, .dropout, epoch, index))
    let kept = Float(1 / (1 - options.dropout))
    for slot in 0..<pass.rows * pass.shape.featureCount {
      pass.workspace.mask[slot] = random.uniform() < options.dropout ? 0 : kept
    }
  }

  private func gradientScale() -> Float? {
    gradient.withUnsafeBufferPointer { gradient in
      guard let slopes = gradient.baseAddress else { return nil }
      return clippingScale(slopes, gradient.count, normMax: options.gradientNormMax)
    }
  }

  func write(to writer: inout ByteWriter) {
    writer.write(parameters)
    adam.write(to: &writer)
  }

  /// False, and nothing changed that matters, where the bytes do not fit.
  mutating func read(from reader: inout ByteReader) -> Bool {
    guard let parameters = reader.readFloats(), parameters.count == self.parameters.count else { return false }
    self.parameters = parameters
    return adam.read(from: &reader)
  }

  static func divergence(_ what: String, epoch: Int) -> RecurrentNetError {
    .init(
      .diverged, subject: "LSTM fit, epoch \(epoch + 1)",
      expected: "a finite \(what) (lower `learning_rate` or `gradient_clip`)", found: "NaN or infinity")
  }
}

/// The mean loss over rows that are not trained on.
struct Validator {
  private let batch: SequenceBatch
  private let fading: [Float]
  private let labels: [Float]
  private let loss: OutputLoss
  private let pass: NetworkPass

  init(_ batch: SequenceBatch, labels: [Float], shape: NetworkShape, loss: OutputLoss) {
    self.batch = batch
    self.labels = labels
    self.loss = loss
    fading = fadings(batch.elapsed, shape.decay)
    pass = NetworkPass(
      shape, rowCountMax: min(RecurrentNet.passRows, batch.rowCount), stepCount: batch.stepCount)
  }

  func loss(of parameters: [Float]) -> Double {
    var (lossSum, weightSum) = (0.0, 0.0)
    pass.forEachPart(of: batch, fadings: fading, parameters: parameters) { first in
      for slot in 0..<pass.rows {
        let (value, weight, _) = loss.row(pass.workspace.outputs[slot], labels[first + slot])
        lossSum += value
        weightSum += weight
      }
    }
    return lossSum / weightSum
  }
}
