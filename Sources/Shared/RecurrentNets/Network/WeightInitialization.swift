// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness

/// The parameters before the first step: uniform after Glorot on what reads inputs, orthogonal on what reads the state,
/// biases 0 but for the forget gate's, 1, and the heads', `outputBiases`.
///
/// Each block has its own stream, so one block's size cannot move another's values.
///
/// - Source: Glorot & Bengio 2010, formula 16; Saxe, McClelland & Ganguli 2014 (orthogonal); Jozefowicz, Zaremba &
///   Sutskever 2015, section 2.2 (forget bias 1).
func initialParameters(_ shape: NetworkShape, outputBiases: [Float], seed: UInt64) -> [Float] {
  let layout = ParameterLayout(shape)
  let hidden = shape.hiddenCount
  var parameters = [Float](repeating: 0, count: layout.count)
  for block in layout.blocks {
    var random = CounterGenerator(key: derivedSeed(seed, .weightInitialization, block.stream))
    let first = block.range.lowerBound
    switch block.start {
    case .zero: break
    case .one: for index in block.range { parameters[index] = 1 }
    case .constant(let value): for index in block.range { parameters[index] = value }
    case .uniform(let fans):
      fillUniform(&parameters, block.range, fans: fans ?? block.extents[0] + block.extents[1], &random)
    case .orthogonalGates:
      // Gate by gate: four square matrices.
      for gate in 0..<4 { fillOrthogonal(&parameters, first + gate * hidden * hidden, hidden, &random) }
    case .gateBias: for k in 0..<hidden { parameters[first + hidden + k] = 1 }
    case .frequencies: for index in block.range { parameters[index] = Float(2 * random.normal()) }
    case .phases: for index in block.range { parameters[index] = Float(2 * Double.pi * random.uniform()) }
    case .outputBias: for (index, bias) in zip(block.range, outputBiases) { parameters[index] = bias }
    }
  }
  return parameters
}

private func fillUniform(
  _ parameters: inout [Float], _ range: Range<Int>, fans: Int, _ random: inout CounterGenerator
) {
  let bound = (6 / Double(fans)).squareRoot()
  for index in range { parameters[index] = Float(bound * (2 * random.uniform() - 1)) }
}

/// A uniformly drawn orthogonal matrix: Gram–Schmidt on rows of normal values, each row taken twice against rounding.
private func fillOrthogonal(
  _ parameters: inout [Float], _ start: Int, _ order: Int, _ random: inout CounterGenerator
) {
  var rows = [Double](repeating: 0, count: order * order)
  for row in 0..<order {
    let base = row * order
    var norm = 0.0
    // A row in the span of those before it has probability 0; drawn again, it costs nothing to be sure.
    while norm < 1e-6 {
      for k in 0..<order { rows[base + k] = random.normal() }
      for _ in 0..<2 {
        for other in 0..<row {
          var product = 0.0
          for k in 0..<order { product += rows[base + k] * rows[other * order + k] }
          for k in 0..<order { rows[base + k] -= product * rows[other * order + k] }
        }
      }
      norm = 0
      for k in 0..<order { norm += rows[base + k] * rows[base + k] }
      norm = norm.squareRoot()
    }
    for k in 0..<order { rows[base + k] /= norm }
  }
  for index in rows.indices { parameters[start + index] = Float(rows[index]) }
}
