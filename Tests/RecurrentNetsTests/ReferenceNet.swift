// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

@testable import RecurrentNets

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The network once more, written from the formulas: one row at a time, in doubles, by plain loops, sharing with the
/// module only the places of the blocks in the parameter array.
struct ReferenceNet {
  let shape: NetworkShape
  let layout: ParameterLayout
  var parameters: [Double]

  init(shape: NetworkShape, parameters: [Float]) {
    self.shape = shape
    layout = ParameterLayout(shape)
    self.parameters = parameters.map { Double($0) }
  }

  /// Row `output` of a block's matrix times `input`.
  private func product(_ block: ParameterBlock, _ output: Int, _ input: [Double]) -> Double {
    let start = layout.range(block).lowerBound + output * input.count
    var sum = 0.0
    for k in 0..<input.count { sum += parameters[start + k] * input[k] }
    return sum
  }

  private func bias(_ block: ParameterBlock, _ output: Int) -> Double {
    parameters[layout.range(block).lowerBound + output]
  }

  private func discount(_ hours: Double) -> Double {
    switch shape.decay {
    case .none: 1
    case .log: 1 / log(exp(1) + hours)
    case .inverse: 1 / (1 + hours)
    }
  }

  /// The states h of every step of one row, [T][H].
  func states(_ batch: SequenceBatch, row: Int) -> [[Double]] {
    let hidden = shape.hiddenCount
    var h = [Double](repeating: 0, count: hidden)
    var c = h
    var states: [[Double]] = []
    for step in 0..<batch.stepCount {
      let cell = row * batch.stepCount + step
      let x = (0..<shape.inputCount).map { Double(batch.inputs[cell * shape.inputCount + $0]) }
      if shape.decay != .none {
        let short = (0..<hidden).map { tanh(product(.decompositionWeights, $0, c) + bias(.decompositionBias, $0)) }
        let kept = discount(Double(batch.elapsed[cell]))
        c = (0..<hidden).map { (c[$0] - short[$0]) + short[$0] * kept }
      }
      let sums = (0..<4 * hidden).map {
        product(.inputWeights, $0, x) + product(.hiddenWeights, $0, h) + bias(.gateBias, $0)
      }
      for k in 0..<hidden {
        let (i, f) = (1 / (1 + exp(-sums[k])), 1 / (1 + exp(-sums[hidden + k])))
        let (g, o) = (tanh(sums[2 * hidden + k]), 1 / (1 + exp(-sums[3 * hidden + k])))
        c[k] = f * c[k] + i * g
        h[k] = o * tanh(c[k])
      }
      states.append(h)
    }
    return states
  }

  func attention(_ states: [[Double]]) -> [Double] {
    let hidden = shape.hiddenCount
    let scores = states.map { state in
      let u = (0..<hidden).map { tanh(product(.attentionWeights, $0, state) + bias(.attentionBias, $0)) }
      return product(.attentionQuery, 0, u)
    }
    let total = scores.map { exp($0) }.reduce(0, +)
    return scores.map { exp($0) / total }
  }

  /// The raw output of one row; `mask` [H + S] stands for dropout.
  func output(_ batch: SequenceBatch, row: Int, mask: [Double]? = nil) -> Double {
    let states = states(batch, row: row)
    var features = [Double](repeating: 0, count: shape.hiddenCount)
    for (share, state) in zip(attention(states), states) {
      for k in 0..<shape.hiddenCount { features[k] += share * state[k] }
    }
    for k in 0..<shape.staticCount { features.append(Double(batch.statics[row * shape.staticCount + k])) }
    if let mask { features = zip(features, mask).map { $0 * $1 } }
    return product(.outputWeights, 0, features) + bias(.outputBias, 0)
  }
}
