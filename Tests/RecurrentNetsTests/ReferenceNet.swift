// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

@testable import RecurrentNets

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The network once more, written from the formulas: one row at a time, in doubles, by plain loops, sharing with the
/// module only the names and places of the blocks in the parameter array.
struct ReferenceNet {
  /// What dropout multiplies by; nil where nothing is dropped.
  struct Masks {
    /// [F]
    var features: [Double]?
    /// [I]
    var inputs: [Double]?
    /// [layer · D + direction][H]
    var states: [[Double]]?
    /// [layer][D·H]
    var between: [[Double]]?
  }

  let shape: NetworkShape
  let layout: ParameterLayout
  var parameters: [Double]
  var masks = Masks()
  private let starts: [String: Int]

  init(shape: NetworkShape, parameters: [Float]) {
    self.shape = shape
    let layout = ParameterLayout(shape)
    self.layout = layout
    starts = Dictionary(uniqueKeysWithValues: layout.blocks.map { ($0.name, $0.range.lowerBound) })
    self.parameters = parameters.map { Double($0) }
  }

  private func value(_ name: String, _ index: Int) -> Double { parameters[place(name) + index] }

  /// A block's first parameter; beyond all of them, so that a wrong name traps, where there is none.
  private func place(_ name: String) -> Int { starts[name] ?? parameters.count }

  /// Row `output` of a block's matrix times `input`.
  private func product(_ name: String, _ output: Int, _ input: [Double]) -> Double {
    product(place(name), output, input)
  }

  private func product(_ place: Int, _ output: Int, _ input: [Double]) -> Double {
    let start = place + output * input.count
    var sum = 0.0
    for k in 0..<input.count { sum += parameters[start + k] * input[k] }
    return sum
  }

  private func discount(_ hours: Double, _ unit: Int, _ suffix: String) -> Double {
    switch shape.decay {
    case .none: 1
    case .log: 1 / log(exp(1) + hours)
    case .inverse: 1 / (1 + hours)
    case .exponential: exp(-log(1 + exp(value("decay.rate" + suffix, unit))) * hours)
    }
  }

  private func sigma(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// What the first layer reads, and each step's ages.
  private func inputs(_ batch: SequenceBatch, _ row: Int) -> (read: [[Double]], ages: [[Double]], hours: [Double]) {
    let first = batch.starts.isEmpty ? row * batch.stepCount : batch.starts[row]
    var (read, ages, hours): ([[Double]], [[Double]], [Double]) = ([], [], [])
    for step in 0..<batch.length(row) {
      let cell = first + step
      var x = (0..<shape.inputCount).map { Double(batch.inputs[cell * shape.inputCount + $0]) }
      if let mask = masks.inputs { x = zip(x, mask).map { $0 * $1 } }
      let channels = shape.meanDecayCount
      let age = Array(x[2 * channels..<3 * channels])
      for c in 0..<channels {
        let kept = exp(-max(0, value("input_decay.weight", c) * age[c] + value("input_decay.bias", c)))
        x[c] *= x[channels + c] + (1 - x[channels + c]) * kept
      }
      let u = log(1 + Double(batch.elapsed[cell]))
      for wave in 0..<shape.timeEncodingCount {
        let angle = value("time.weight", wave) * u + value("time.bias", wave)
        x.append(wave == 0 ? angle : sin(angle))
      }
      read.append(x)
      ages.append(age)
      hours.append(Double(batch.elapsed[cell]))
    }
    return (read, ages, hours)
  }

  /// The states h of every step of one row after the last layer, [T][D·H].
  func states(_ batch: SequenceBatch, row: Int) -> [[Double]] {
    var (read, ages, hours) = inputs(batch, row)
    for layer in 0..<shape.layerCount {
      let directions = (0..<(shape.isBidirectional ? 2 : 1)).map { direction in
        runDirection(layer, direction, read, layer == 0 ? ages : [], hours)
      }
      read = read.indices.map { step in directions.flatMap { $0[step] } }
      if shape.normalisesLayers { read = read.map { normalised($0, layer) } }
      if let between = masks.between, layer < shape.layerCount - 1 {
        read = read.map { zip($0, between[layer]).map { $0 * $1 } }
      }
    }
    return read
  }

  private func runDirection(
    _ layer: Int, _ direction: Int, _ read: [[Double]], _ ages: [[Double]], _ hours: [Double]
  ) -> [[Double]] {
    let hidden = shape.hiddenCount
    let suffix = "_l\(layer)" + (direction == 1 ? "_reverse" : "")
    let (inputs, recurrent) = (place("lstm.weight_ih" + suffix), place("lstm.weight_hh" + suffix))
    let bias = place("lstm.bias_ih" + suffix)
    let (split, splitBias) = (starts["decay.weight" + suffix] ?? 0, starts["decay.bias" + suffix] ?? 0)
    var h = [Double](repeating: 0, count: hidden)
    var c = h
    var states = [[Double]](repeating: [], count: read.count)
    for step in direction == 1 ? Array(read.indices.reversed()) : Array(read.indices) {
      if layer == 0, shape.meanDecayCount > 0 {
        h = (0..<hidden).map { k in
          h[k]
            * exp(
              -max(0, product("state_decay.weight" + suffix, k, ages[step]) + value("state_decay.bias" + suffix, k)))
        }
      }
      if let mask = masks.states?[layer * (shape.isBidirectional ? 2 : 1) + direction] {
        h = zip(h, mask).map { $0 * $1 }
      }
      if shape.decay != .none {
        let short = (0..<hidden).map { tanh(product(split, $0, c) + parameters[splitBias + $0]) }
        c = (0..<hidden).map { (c[$0] - short[$0]) + short[$0] * discount(hours[step], $0, suffix) }
      }
      let sums = (0..<4 * hidden).map {
        product(inputs, $0, read[step]) + product(recurrent, $0, h) + parameters[bias + $0]
      }
      for k in 0..<hidden {
        c[k] = sigma(sums[hidden + k]) * c[k] + sigma(sums[k]) * tanh(sums[2 * hidden + k])
        h[k] = sigma(sums[3 * hidden + k]) * tanh(c[k])
      }
      states[step] = h
    }
    return states
  }

  private func normalised(_ x: [Double], _ layer: Int) -> [Double] {
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(x.count)
    return x.indices.map { k in
      (x[k] - mean) / (variance + 1e-5).squareRoot() * value("norm.weight_l\(layer)", k)
        + value("norm.bias_l\(layer)", k)
    }
  }

  func attention(_ states: [[Double]]) -> [Double] {
    let (weights, bias) = (starts["attention.weight"] ?? 0, starts["attention.bias"] ?? 0)
    let scores = states.map { state in
      guard shape.attention == .additive else { return product("attention.query", 0, state) }
      let u = state.indices.map { tanh(product(weights, $0, state) + parameters[bias + $0]) }
      return product("attention.query", 0, u)
    }
    let total = scores.map { exp($0) }.reduce(0, +)
    return scores.map { exp($0) / total }
  }

  /// The raw outputs of one row, one a head.
  func outputs(_ batch: SequenceBatch, row: Int) -> [Double] {
    let states = states(batch, row: row)
    var features = [Double](repeating: 0, count: states[0].count)
    for (share, state) in zip(attention(states), states) {
      for k in features.indices { features[k] += share * state[k] }
    }
    for k in 0..<shape.staticCount { features.append(Double(batch.statics[row * shape.staticCount + k])) }
    if let mask = masks.features { features = zip(features, mask).map { $0 * $1 } }
    return (0..<shape.outputCount).map { product("output.weight", $0, features) + value("output.bias", $0) }
  }

  func output(_ batch: SequenceBatch, row: Int) -> Double { outputs(batch, row: row)[0] }
}
