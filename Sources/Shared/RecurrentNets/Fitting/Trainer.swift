// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness

/// Owns the weights while they are trained, an epoch at a time.
final class Trainer {
  private let rows: any SequenceRows
  private let labels: [[Float]]
  private let heads: HeadLosses
  private let options: LSTMOptions
  private let seed: UInt64
  private let pass: NetworkPass
  private let adam: Adam
  var sizes: StepSizes
  private var order: [Int]

  init(
    _ rows: any SequenceRows, targets: [SequenceTarget], shape: NetworkShape, heads: HeadLosses, options: LSTMOptions,
    seed: UInt64
  ) {
    self.rows = rows
    labels = targets.map(\.labels)
    self.heads = heads
    self.options = options
    self.seed = seed
    sizes = StepSizes(options)
    order = Array(0..<rows.rowCount)
    pass = NetworkPass(
      shape, rowCountMax: min(options.batchRows, rows.rowCount), stepCountMax: rows.stepCount, isTraining: true)
    adam = Adam(
      parameterCount: pass.layout.count, weightDecay: options.weightDecay,
      decayedRanges: pass.layout.blocks.filter(\.isDecayed).map(\.range))
    let biases = zip(heads.losses, targets).map { $0.constantOutput($1.labels) }
    pass.setParameters(initialParameters(shape, outputBiases: biases, seed: seed))
  }

  var parameters: [Float] { pass.compactParameters }

  /// One pass over all rows in an order of its own. Returns the mean training loss.
  func runEpoch(_ epoch: Int, progress: (Int, Int) -> Bool) throws(RecurrentNetError) -> Double {
    for index in order.indices { order[index] = index }
    var random = CounterGenerator(key: derivedSeed(seed, .batchOrder, epoch))
    random.shuffle(&order)
    var sums = LossSums(headCount: heads.losses.count)
    let batchCount = (order.count + options.batchRows - 1) / options.batchRows
    for index in 0..<batchCount {
      let first = index * options.batchRows
      let selection = order[first..<min(first + options.batchRows, order.count)]
      pass.load(rows, selection: selection)
      step(selection, epoch: epoch, index: index, sums: &sums)
      guard let scale = clippingScale(pass.gradient.base, pass.layout.count, normMax: options.gradientNormMax) else {
        throw Self.divergence("gradient", epoch: epoch)
      }
      adam.update(
        pass.weights.base, pass.gradient.base, scale: scale,
        learningRate: sizes.size(epoch: epoch, batch: index, batchCount: batchCount))
      pass.pack()
      guard progress(index == batchCount - 1 ? epoch + 1 : epoch, options.epochCount) else { throw .cancelled }
    }
    return sums.mean(heads)
  }

  /// Forward, loss and backward over the loaded mini-batch.
  private func step(_ selection: ArraySlice<Int>, epoch: Int, index: Int, sums: inout LossSums) {
    let dropping = NetworkPass.Dropping(features: options.dropout > 0, sequences: options.variationalDropout > 0)
    if dropping != NetworkPass.Dropping() {
      pass.drawMasks(
        key: derivedSeed(seed, .dropout, epoch, index), features: options.dropout, sequences: options.variationalDropout
      )
    }
    pass.forward(dropping: dropping)
    let headCount = heads.losses.count
    for head in 0..<headCount {
      let (loss, labels) = (heads.losses[head], labels[head])
      var known = 0
      for row in selection where !labels[row].isNaN { known += 1 }
      let share = heads.weights[head] / (Double(max(known, 1)) * loss.weightMean)
      for (position, row) in selection.enumerated() {
        let place = pass.steps.slots[position] * headCount + head
        guard !labels[row].isNaN else {
          pass.outputSlopes.base[place] = 0
          continue
        }
        let (value, weight, slope) = loss.row(pass.outputs.base[place], labels[row])
        sums.add(head, loss: value, weight: weight)
        pass.outputSlopes.base[place] = Float(share * slope)
      }
    }
    pass.backward()
  }

  static func divergence(_ what: String, epoch: Int) -> RecurrentNetError {
    .init(
      .diverged, subject: "LSTM fit, epoch \(epoch + 1)",
      expected: "a finite \(what) (lower `learning_rate` or `gradient_clip`)", found: "NaN or infinity")
  }
}

extension Trainer {
  func write(to writer: inout ByteWriter) {
    writer.write(parameters)
    adam.write(to: &writer, pass.padding)
    writer.write(UInt64(sizes.halvingCount))
    writer.write(UInt64(sizes.waitingCount))
  }

  /// What `write` wrote, not yet taken over; nil where the bytes do not fit.
  func read(from reader: inout ByteReader) -> (() -> Void)? {
    let count = pass.padding.compactCount
    guard let parameters = reader.readFloats(), let means = reader.readFloats(), let squares = reader.readFloats(),
      parameters.count == count, means.count == count, squares.count == count,
      let meanPower = reader.readDouble(), let squarePower = reader.readDouble(),
      let halvings = reader.read(UInt64.self), let waiting = reader.read(UInt64.self), max(halvings, waiting) < 1 << 32
    else { return nil }
    return { [self] in
      pass.setParameters(parameters)
      adam.restore(
        means: pass.padding.padded(means), squares: pass.padding.padded(squares), powers: (meanPower, squarePower))
      sizes.restore(halvingCount: Int(halvings), waitingCount: Int(waiting))
    }
  }
}

extension NetworkPass {
  /// Inverted dropout: what is kept is scaled up, so that prediction needs no scaling.
  ///
  /// - Source: Srivastava et al. 2014; Gal & Ghahramani 2016, section 4 (one mask for a whole sequence, on inputs, on the
  ///   state that the recurrence reads, and between layers).
  func drawMasks(key: UInt64, features: Double, sequences: Double) {
    var random = CounterGenerator(key: key)
    func draw(_ mask: FloatBuffer, _ count: Int, _ share: Double) {
      let kept = Float(1 / (1 - share))
      for index in 0..<count { mask.base[index] = random.uniform() < share ? 0 : kept }
    }
    if features > 0 { draw(featureMask, rows * shape.featureCount, features) }
    guard sequences > 0 else { return }
    draw(inputMask, rows * shape.inputCount, sequences)
    for cell in cells { draw(cell.mask, rows * shape.hiddenCount, sequences) }
    for mask in layerMasks { draw(mask, rows * shape.stateCount, sequences) }
  }
}
