// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// The sizes and parts that fix a network's parameters.
package struct NetworkShape: Hashable, Sendable {
  /// I
  package var inputCount: Int
  /// H
  package var hiddenCount: Int
  /// S
  package var staticCount: Int
  package var decay: LSTMOptions.Decay
  package var layerCount = 1
  package var isBidirectional = false
  /// E: waves of the elapsed hours that are joined to the inputs.
  package var timeEncodingCount = 0
  /// C where channels and state decay toward the mean; else 0.
  package var meanDecayCount = 0
  package var attention = LSTMOptions.Attention.additive
  package var normalisesLayers = false
  /// K: heads, each a linear output of the same features.
  package var outputCount = 1

  package init(inputCount: Int, hiddenCount: Int, staticCount: Int, decay: LSTMOptions.Decay) {
    self.inputCount = inputCount
    self.hiddenCount = hiddenCount
    self.staticCount = staticCount
    self.decay = decay
  }

  /// Of a fit. Without channels there is nothing to decay toward.
  init(_ rows: some SequenceRows, options: LSTMOptions, outputCount: Int) {
    self.init(
      inputCount: rows.inputCount, hiddenCount: options.hiddenCount, staticCount: rows.staticCount,
      decay: options.decay)
    layerCount = options.layerCount
    isBidirectional = options.isBidirectional
    timeEncodingCount = options.timeEncodingCount
    meanDecayCount = options.decaysToMean ? rows.channelCount : 0
    attention = options.attention
    normalisesLayers = options.normalisesLayers
    self.outputCount = outputCount
  }

  /// D
  var directionCount: Int { isBidirectional ? 2 : 1 }
  /// D·H: what a layer puts out, and the pooled state.
  var stateCount: Int { directionCount * hiddenCount }
  /// D·H + S: what the heads read.
  var featureCount: Int { stateCount + staticCount }

  func layerInputCount(_ layer: Int) -> Int { layer == 0 ? inputCount + timeEncodingCount : stateCount }

  /// The same network with H rounded up to whole vectors. The units that come with it have no weights: they stay zero, and so
  /// do their slopes.
  var padded: NetworkShape {
    var shape = self
    shape.hiddenCount = (hiddenCount + vectorWidth - 1) / vectorWidth * vectorWidth
    return shape
  }
}
