// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

/// One side of a weight matrix: `groups` times the hidden units, then `plain` others.
struct ParameterAxis: Hashable, Sendable {
  var groups = 0
  var plain = 0

  func count(_ hiddenCount: Int) -> Int { groups * hiddenCount + plain }
}

/// A named matrix of parameters, [outputs, inputs] row-major; a bias has one input. Names and shapes are those of PyTorch's
/// LSTM, Linear and LayerNorm where it has the like.
package struct ParameterBlock: Hashable, Sendable {
  /// How the values are drawn before the first step.
  enum Start: Hashable, Sendable {
    case zero
    case one
    /// Uniform after Glorot with this sum of fans; nil: inputs + outputs.
    case uniform(fans: Int?)
    case orthogonalGates
    /// 0, but 1 for the forget gate.
    case gateBias
    /// Waves of periods from minutes to days.
    case frequencies
    case phases
    case constant(Float)
    case outputBias
  }

  package let name: String
  /// [outputs, inputs]
  package let extents: [Int]
  /// Whether it is a bias or the like, which PyTorch holds as [outputs].
  package let isVector: Bool
  package let range: Range<Int>
  let outputs: ParameterAxis
  let inputs: ParameterAxis
  let start: Start
  /// A stream of its own for the initial values, so that no block's size moves another's.
  let stream: Int
  /// Whether weight decay acts on it: matrices, not biases, gains or rates.
  let isDecayed: Bool
}

/// Where each block of parameters lies in one array.
package struct ParameterLayout: Hashable, Sendable {
  /// First parameters of one layer and direction.
  struct LayerPlaces: Hashable, Sendable {
    var inputWeights = 0
    var hiddenWeights = 0
    var gateBias = 0
    var decompositionWeights = 0
    var decompositionBias = 0
    /// softplus⁻¹ of the rates, exponential decay only.
    var rates = 0
    var meanDecayWeights = 0
    var meanDecayBias = 0
  }

  package private(set) var blocks: [ParameterBlock] = []
  package private(set) var count = 0
  /// [layer · D + direction]
  private(set) var layers: [LayerPlaces] = []
  private(set) var normGains: [Int] = []
  private(set) var normBiases: [Int] = []
  private(set) var timeFrequencies = 0
  private(set) var timePhases = 0
  private(set) var inputDecayWeights = 0
  private(set) var inputDecayBias = 0
  private(set) var attentionWeights = 0
  private(set) var attentionBias = 0
  private(set) var attentionQuery = 0
  private(set) var outputWeights = 0
  private(set) var outputBias = 0

  private let hiddenCount: Int

  package init(_ shape: NetworkShape) {
    hiddenCount = shape.hiddenCount
    for layer in 0..<shape.layerCount {
      for direction in 0..<shape.directionCount { addLayer(shape, layer, direction) }
    }
    let states = ParameterAxis(groups: shape.directionCount)
    if shape.attention == .additive {
      attentionWeights = add("attention.weight", 5, states, states, .uniform(fans: nil))
      attentionBias = add("attention.bias", 6, states, nil, .zero, isDecayed: false)
    }
    attentionQuery = add("attention.query", 7, ParameterAxis(plain: 1), states, .uniform(fans: nil))
    let heads = ParameterAxis(plain: shape.outputCount)
    outputWeights = add(
      "output.weight", 8, heads, ParameterAxis(groups: shape.directionCount, plain: shape.staticCount),
      .uniform(fans: nil))
    outputBias = add("output.bias", 9, heads, nil, .outputBias, isDecayed: false)
    addTime(shape)
    guard shape.normalisesLayers else { return }
    for layer in 0..<shape.layerCount {
      normGains.append(add("norm.weight_l\(layer)", 0, states, nil, .one, isDecayed: false))
      normBiases.append(add("norm.bias_l\(layer)", 0, states, nil, .zero, isDecayed: false))
    }
  }

  private mutating func addTime(_ shape: NetworkShape) {
    if shape.timeEncodingCount > 0 {
      let waves = ParameterAxis(plain: shape.timeEncodingCount)
      timeFrequencies = add("time.weight", 10, waves, nil, .frequencies, isDecayed: false)
      timePhases = add("time.bias", 11, waves, nil, .phases, isDecayed: false)
    }
    guard shape.meanDecayCount > 0 else { return }
    let channels = ParameterAxis(plain: shape.meanDecayCount)
    inputDecayWeights = add("input_decay.weight", 12, channels, nil, .constant(0.5), isDecayed: false)
    inputDecayBias = add("input_decay.bias", 13, channels, nil, .constant(0.05), isDecayed: false)
  }

  private mutating func addLayer(_ shape: NetworkShape, _ layer: Int, _ direction: Int) {
    let suffix = "_l\(layer)" + (direction == 1 ? "_reverse" : "")
    let stream = 100 * (layer * 2 + direction)
    let units = ParameterAxis(groups: 1)
    let gates = ParameterAxis(groups: 4)
    var places = LayerPlaces()
    let inputs =
      layer == 0 ? ParameterAxis(plain: shape.layerInputCount(0)) : ParameterAxis(groups: shape.directionCount)
    places.inputWeights = add(
      "lstm.weight_ih" + suffix, stream, gates, inputs,
      .uniform(fans: shape.layerInputCount(layer) + shape.hiddenCount))
    places.hiddenWeights = add("lstm.weight_hh" + suffix, stream + 1, gates, units, .orthogonalGates)
    places.gateBias = add("lstm.bias_ih" + suffix, stream + 2, gates, nil, .gateBias, isDecayed: false)
    if shape.decay != .none {
      places.decompositionWeights = add("decay.weight" + suffix, stream + 3, units, units, .uniform(fans: nil))
      places.decompositionBias = add("decay.bias" + suffix, stream + 4, units, nil, .zero, isDecayed: false)
    }
    if shape.decay == .exponential {
      // softplus(−2) = 0.127 an hour: a half-life of some five hours.
      places.rates = add("decay.rate" + suffix, stream + 20, units, nil, .constant(-2), isDecayed: false)
    }
    if layer == 0, shape.meanDecayCount > 0 {
      places.meanDecayWeights = add(
        "state_decay.weight" + suffix, stream + 21, units, ParameterAxis(plain: shape.meanDecayCount),
        .uniform(fans: nil))
      places.meanDecayBias = add(
        "state_decay.bias" + suffix, stream + 22, units, nil, .constant(0.05), isDecayed: false)
    }
    layers.append(places)
  }

  private mutating func add(
    _ name: String, _ stream: Int, _ outputs: ParameterAxis, _ inputs: ParameterAxis?, _ start: ParameterBlock.Start,
    isDecayed: Bool = true
  ) -> Int {
    let isVector = inputs == nil
    let inputs = inputs ?? ParameterAxis(plain: 1)
    let first = count
    let extents = [outputs.count(hiddenCount), inputs.count(hiddenCount)]
    count += extents[0] * extents[1]
    blocks.append(
      ParameterBlock(
        name: name, extents: extents, isVector: isVector, range: first..<count, outputs: outputs, inputs: inputs,
        start: start,
        stream: stream, isDecayed: isDecayed))
    return first
  }

  /// The block of that name; nil where the network has none.
  package func block(_ name: String) -> ParameterBlock? { blocks.first { $0.name == name } }
}

/// Parameters moved between a network's own layout and the one with whole vectors of units.
struct ParameterPadding: Sendable {
  let compactCount: Int
  let paddedCount: Int
  /// Where each parameter lies in the padded array, in runs.
  private var runs: [(compact: Int, padded: Int, count: Int)] = []

  init(_ shape: NetworkShape) {
    let (compact, padded) = (ParameterLayout(shape), ParameterLayout(shape.padded))
    (compactCount, paddedCount) = (compact.count, padded.count)
    let (hidden, wide) = (shape.hiddenCount, shape.padded.hiddenCount)
    for (small, large) in zip(compact.blocks, padded.blocks) {
      let inputs = small.inputs
      for output in 0..<small.extents[0] {
        let grouped = output < small.outputs.groups * hidden
        let row = grouped ? output / hidden * wide + output % hidden : output + small.outputs.groups * (wide - hidden)
        let (source, target) =
          (small.range.lowerBound + output * small.extents[1], large.range.lowerBound + row * large.extents[1])
        for group in 0..<inputs.groups { runs.append((source + group * hidden, target + group * wide, hidden)) }
        if inputs.plain > 0 {
          runs.append((source + inputs.groups * hidden, target + inputs.groups * wide, inputs.plain))
        }
      }
    }
  }

  func padded(_ compact: [Float]) -> [Float] {
    var result = [Float](repeating: 0, count: paddedCount)
    for run in runs { for index in 0..<run.count { result[run.padded + index] = compact[run.compact + index] } }
    return result
  }

  func compact(_ padded: [Float]) -> [Float] {
    var result = [Float](repeating: 0, count: compactCount)
    for run in runs { for index in 0..<run.count { result[run.compact + index] = padded[run.padded + index] } }
    return result
  }
}
