// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// The sizes that fix a network's parameters.
package struct NetworkShape: Hashable, Sendable {
  /// I
  package let inputCount: Int
  /// H
  package let hiddenCount: Int
  /// S
  package let staticCount: Int
  package let decay: LSTMOptions.Decay

  package init(inputCount: Int, hiddenCount: Int, staticCount: Int, decay: LSTMOptions.Decay) {
    self.inputCount = inputCount
    self.hiddenCount = hiddenCount
    self.staticCount = staticCount
    self.decay = decay
  }

  /// H + S: what the output layer reads.
  var featureCount: Int { hiddenCount + staticCount }
}

/// The parameters in the order in which they lie in one array.
///
/// - Shapes: matrices are [outputs, inputs] row-major and gates i, f, g, o, as in PyTorch's LSTM and Linear.
package enum ParameterBlock: Int, CaseIterable, Sendable {
  /// Wx [4H, I]
  case inputWeights
  /// Wh [4H, H]
  case hiddenWeights
  /// b [4H]
  case gateBias
  /// Wd [H, H], empty without decay
  case decompositionWeights
  /// bd [H], empty without decay
  case decompositionBias
  /// Wa [H, H]
  case attentionWeights
  /// ba [H]
  case attentionBias
  /// v [H]
  case attentionQuery
  /// Wo [H + S]
  case outputWeights
  /// bo [1]
  case outputBias

  /// [outputs, inputs]; a bias has one input.
  func extents(_ shape: NetworkShape) -> (outputs: Int, inputs: Int) {
    let hidden = shape.hiddenCount
    let decomposed = shape.decay == .none ? 0 : hidden
    return switch self {
    case .inputWeights: (4 * hidden, shape.inputCount)
    case .hiddenWeights: (4 * hidden, hidden)
    case .gateBias: (4 * hidden, 1)
    case .decompositionWeights: (decomposed, hidden)
    case .decompositionBias: (decomposed, 1)
    case .attentionWeights: (hidden, hidden)
    case .attentionBias: (hidden, 1)
    case .attentionQuery: (1, hidden)
    case .outputWeights: (1, shape.featureCount)
    case .outputBias: (1, 1)
    }
  }

  var isBias: Bool {
    switch self {
    case .gateBias, .decompositionBias, .attentionBias, .outputBias: true
    case .inputWeights, .hiddenWeights, .decompositionWeights, .attentionWeights, .attentionQuery, .outputWeights: false
    }
  }
}

/// Where each block of parameters lies.
package struct ParameterLayout: Hashable, Sendable {
  private let bounds: [Int]

  package init(_ shape: NetworkShape) {
    var bounds = [0]
    for block in ParameterBlock.allCases {
      let (outputs, inputs) = block.extents(shape)
      bounds.append(bounds[bounds.count - 1] + outputs * inputs)
    }
    self.bounds = bounds
  }

  package var count: Int { bounds[bounds.count - 1] }

  package func range(_ block: ParameterBlock) -> Range<Int> { bounds[block.rawValue]..<bounds[block.rawValue + 1] }

  @inline(__always)
  func start(_ block: ParameterBlock) -> Int { bounds[block.rawValue] }
}
