// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

/// Forward and backward through the whole network for one mini-batch at a time:
///
///     inputs → decay toward the mean, time encoding → LSTM layers → attention pooling → [pooled, statics] → dropout → heads
///
/// Everything that both passes write is allocated once, for the largest mini-batch; the passes allocate nothing. Inside, H is
/// rounded up to whole vectors (`NetworkShape.padded`).
final class NetworkPass {
  /// As it was asked for, and as it is laid out here.
  let compactShape: NetworkShape
  let shape: NetworkShape
  let layout: ParameterLayout
  let padding: ParameterPadding
  let steps: PackedSteps
  let isTraining: Bool

  /// In the padded layout. After a change: `pack`.
  let weights: FloatBuffer
  /// Slopes of the loss by `weights`, after `backward`.
  let gradient: FloatBuffer
  /// [P, I + E]
  let inputs: FloatBuffer
  /// [P]: hours since the last observation.
  let elapsed: FloatBuffer
  /// [B, F]: pooled state and statics, after dropout.
  let features: FloatBuffer
  let featureSlopes: FloatBuffer
  /// [B, F]: 0 or 1/(1 − dropout).
  let featureMask: FloatBuffer
  /// [B, I]: the same for the inputs of a whole sequence.
  let inputMask: FloatBuffer
  /// [P]: α, then slopes by the scores.
  let shares: FloatBuffer
  /// [B, K]
  let outputs: FloatBuffer
  let outputSlopes: FloatBuffer
  /// [P, I + E], where somebody asks for it.
  let inputSlopes: FloatBuffer
  /// layer · D + direction
  let cells: [RecurrentLayer]
  /// [P, A] of each layer.
  let layerOutputs: [FloatBuffer]

  /// What is dropped in the pass at hand.
  struct Dropping: Hashable {
    var features = false
    /// Inputs and states, each for a whole sequence.
    var sequences = false
  }

  private(set) var dropping = Dropping()
  let projected: FloatBuffer
  let scratch: FloatBuffer
  let slopes: [FloatBuffer]
  let normals: [FloatBuffer]
  let inverses: [FloatBuffer]
  let keptInputs: FloatBuffer
  let rawValues: FloatBuffer
  /// [B, A]: mask of what a layer hands to the next.
  let layerMasks: [FloatBuffer]

  var rows: Int { steps.rows }

  /// - Parameter explains: whether `backward` fills `inputSlopes`.
  init(
    _ compactShape: NetworkShape, rowCountMax: Int, stepCountMax: Int, isTraining: Bool, explains: Bool = false
  ) {
    useOneBLASThread()
    self.compactShape = compactShape
    self.isTraining = isTraining
    let shape = compactShape.padded
    self.shape = shape
    let layout = ParameterLayout(shape)
    self.layout = layout
    padding = ParameterPadding(compactShape)
    let steps = PackedSteps(rowCountMax: rowCountMax, stepCountMax: stepCountMax)
    self.steps = steps
    let all = rowCountMax * stepCountMax
    let trained = isTraining ? all : 0
    let stride = shape.layerInputCount(0)
    let states = shape.stateCount
    weights = FloatBuffer(layout.count)
    gradient = FloatBuffer(isTraining ? layout.count : 0)
    inputs = FloatBuffer(all * stride)
    elapsed = FloatBuffer(all)
    features = FloatBuffer(rowCountMax * shape.featureCount)
    featureSlopes = FloatBuffer(rowCountMax * shape.featureCount)
    featureMask = FloatBuffer(rowCountMax * shape.featureCount)
    inputMask = FloatBuffer(rowCountMax * shape.inputCount)
    shares = FloatBuffer(all)
    outputs = FloatBuffer(rowCountMax * shape.outputCount)
    outputSlopes = FloatBuffer(rowCountMax * shape.outputCount)
    let wantsInputs = explains || shape.timeEncodingCount > 0 || shape.meanDecayCount > 0
    inputSlopes = FloatBuffer(wantsInputs ? trained * stride : 0)
    projected = FloatBuffer(shape.attention == .additive ? all * states : 0)
    scratch = FloatBuffer(2 * rowCountMax + all)
    cells = (0..<shape.layerCount * shape.directionCount).map { index in
      RecurrentLayer(
        shape, layer: index / shape.directionCount, isReverse: index % shape.directionCount == 1,
        places: layout.layers[index], steps: steps)
    }
    layerOutputs = (0..<shape.layerCount).map { _ in FloatBuffer(all * states) }
    slopes = (0..<min(2, shape.layerCount)).map { _ in FloatBuffer(trained * states) }
    let normalised = shape.normalisesLayers ? shape.layerCount : 0
    normals = (0..<normalised).map { _ in FloatBuffer(all * states) }
    inverses = (0..<normalised).map { _ in FloatBuffer(all) }
    keptInputs = FloatBuffer(all * shape.meanDecayCount)
    rawValues = FloatBuffer(all * shape.meanDecayCount)
    layerMasks = (0..<shape.layerCount - 1).map { _ in FloatBuffer(rowCountMax * states) }
  }

  /// Takes over parameters in the network's own layout.
  func setParameters(_ compact: [Float]) {
    let padded = padding.padded(compact)
    for index in padded.indices { weights.base[index] = padded[index] }
    pack()
  }

  /// The parameters in the network's own layout.
  var compactParameters: [Float] {
    padding.compact(Array(UnsafeBufferPointer(start: weights.base, count: layout.count)))
  }

  /// The gradient in the network's own layout.
  var compactGradient: [Float] {
    padding.compact(Array(UnsafeBufferPointer(start: gradient.base, count: layout.count)))
  }

  /// To be called after each change of `weights`.
  func pack() {
    for layer in cells { layer.pack(weights.base, isTraining: isTraining) }
  }

  /// Gathers rows, at most `rowCountMax`, into the order of `PackedSteps`; row i of the selection is in slot `steps.slots[i]`.
  func load(_ source: some SequenceRows, selection: ArraySlice<Int>) {
    let first = selection.startIndex
    steps.lay(rows: selection.count) { source.length(selection[first + $0]) }
    steps.offsets.withUnsafeBufferPointer { offsets in
      guard let offsets = offsets.baseAddress else { return }
      for (index, row) in selection.enumerated() {
        let slot = steps.slots[index]
        source.copy(
          row,
          to: SequencePlaces(
            inputs: inputs.base, inputStride: shape.layerInputCount(0), elapsed: elapsed.base,
            statics: features.base + slot * shape.featureCount + shape.stateCount, offsets: offsets, slot: slot))
      }
    }
  }

  /// Fills `outputs`. To be called once a `load`: decay and dropout act on what was loaded in place.
  func forward(dropping: Dropping = Dropping()) {
    self.dropping = dropping
    prepareInputs()
    var read = UnsafePointer(inputs.base)
    for layer in 0..<shape.layerCount {
      let output = layerOutputs[layer].base
      for direction in 0..<shape.directionCount {
        let cell = cells[layer * shape.directionCount + direction]
        cell.isDropping = dropping.sequences
        cell.forward(
          weights.base, inputs: read, elapsed: elapsed.base, output: output + direction * shape.hiddenCount,
          outputStride: shape.stateCount)
      }
      finish(layer, output)
      read = UnsafePointer(output)
    }
    attention.forward(
      weights.base, attentionPlaces, hidden: read, projected: projected.base, shares: shares.base,
      scratch: scratch.base, pooled: features.base, pooledStride: shape.featureCount)
    if dropping.features { scale(features.base, by: featureMask.base, rows * shape.featureCount) }
    for row in 0..<rows {
      for head in 0..<shape.outputCount {
        outputs.base[row * shape.outputCount + head] =
          weights.base[layout.outputBias + head]
          + dot(
            features.base + row * shape.featureCount, weights.base + layout.outputWeights + head * shape.featureCount,
            shape.featureCount)
      }
    }
  }

  /// Fills `gradient` from `outputSlopes`. To be called once a `forward`, whose arrays it overwrites.
  func backward() {
    differentiateHeads()
    var top = 0
    attention.backward(
      weights.base, attentionPlaces, gradient: gradient.base, hidden: layerOutputs[shape.layerCount - 1].base,
      projected: projected.base, shares: shares.base, pooledSlopes: featureSlopes.base,
      pooledStride: shape.featureCount, hiddenSlopes: slopes[0].base, scratch: scratch.base)
    for layer in (0..<shape.layerCount).reversed() {
      let outputSlopes = slopes[top].base
      differentiateFinish(layer, outputSlopes)
      let read = layer == 0 ? inputs.base : layerOutputs[layer - 1].base
      var target: UnsafeMutablePointer<Float>?
      if layer > 0 {
        target = slopes[1 - top].base
      } else if inputSlopes.count > 0 {
        target = inputSlopes.base
      }
      target?.update(repeating: 0, count: steps.cellCount * shape.layerInputCount(layer))
      for direction in 0..<shape.directionCount {
        cells[layer * shape.directionCount + direction].backward(
          weights.base, gradient: gradient.base, inputs: read, elapsed: elapsed.base,
          outputSlopes: outputSlopes + direction * shape.hiddenCount, inputSlopes: target)
      }
      top = 1 - top
    }
    differentiateInputs()
  }
}
