// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

/// What lies between the layers.
extension NetworkPass {
  var attention: AttentionPooling {
    AttentionPooling(steps: steps, stateCount: shape.stateCount, isAdditive: shape.attention == .additive)
  }

  var attentionPlaces: AttentionPooling.Places {
    .init(weights: layout.attentionWeights, bias: layout.attentionBias, query: layout.attentionQuery)
  }

  private var timeEncoding: TimeEncoding {
    TimeEncoding(
      count: shape.timeEncodingCount, frequencies: layout.timeFrequencies, phases: layout.timePhases)
  }

  private var inputDecay: InputDecay {
    InputDecay(count: shape.meanDecayCount, weights: layout.inputDecayWeights, bias: layout.inputDecayBias)
  }

  private func norm(_ layer: Int) -> LayerNorm {
    LayerNorm(
      directionCount: shape.directionCount, hiddenCount: compactShape.hiddenCount, paddedCount: shape.hiddenCount,
      gain: layout.normGains[layer], bias: layout.normBiases[layer])
  }

  /// Dropout of whole input columns first, so that what follows reads the inputs as the network is given them.
  func prepareInputs() {
    let stride = shape.layerInputCount(0)
    if dropping.sequences {
      for step in 0..<steps.stepCount {
        for row in 0..<steps.counts[step] {
          scale(
            inputs.base + (steps.offsets[step] + row) * stride, by: inputMask.base + row * shape.inputCount,
            shape.inputCount)
        }
      }
    }
    if shape.meanDecayCount > 0 {
      inputDecay.forward(
        weights.base, cellCount: steps.cellCount, inputs: inputs.base, stride: stride, kept: keptInputs.base,
        values: rawValues.base)
    }
    if shape.timeEncodingCount > 0 {
      timeEncoding.forward(
        weights.base, elapsed: elapsed.base, cellCount: steps.cellCount, inputs: inputs.base, stride: stride)
    }
  }

  func differentiateInputs() {
    let stride = shape.layerInputCount(0)
    if shape.timeEncodingCount > 0 {
      timeEncoding.backward(
        weights.base, gradient: gradient.base, elapsed: elapsed.base, cellCount: steps.cellCount,
        slopes: inputSlopes.base, stride: stride)
    }
    if shape.meanDecayCount > 0 {
      inputDecay.backward(
        weights.base, gradient: gradient.base, cellCount: steps.cellCount, inputs: inputs.base, stride: stride,
        kept: keptInputs.base, values: rawValues.base, slopes: inputSlopes.base)
    }
  }

  /// Norm, and dropout of what the next layer reads.
  func finish(_ layer: Int, _ output: UnsafeMutablePointer<Float>) {
    if shape.normalisesLayers {
      norm(layer).forward(
        weights.base, cellCount: steps.cellCount, values: output, normal: normals[layer].base,
        inverse: inverses[layer].base)
    }
    dropBetween(layer, output)
  }

  func differentiateFinish(_ layer: Int, _ slopes: UnsafeMutablePointer<Float>) {
    dropBetween(layer, slopes)
    guard shape.normalisesLayers else { return }
    norm(layer).backward(
      weights.base, gradient: gradient.base, cellCount: steps.cellCount, slopes: slopes,
      normal: normals[layer].base, inverse: inverses[layer].base)
  }

  private func dropBetween(_ layer: Int, _ values: UnsafeMutablePointer<Float>) {
    guard dropping.sequences, layer < shape.layerCount - 1 else { return }
    let states = shape.stateCount
    for step in 0..<steps.stepCount {
      scale(values + steps.offsets[step] * states, by: layerMasks[layer].base, steps.counts[step] * states)
    }
  }

  func differentiateHeads() {
    let featureCount = shape.featureCount
    (gradient.base + layout.outputWeights).update(repeating: 0, count: shape.outputCount * featureCount)
    for head in 0..<shape.outputCount { gradient.base[layout.outputBias + head] = 0 }
    featureSlopes.base.update(repeating: 0, count: rows * featureCount)
    for row in 0..<rows {
      for head in 0..<shape.outputCount {
        let slope = outputSlopes.base[row * shape.outputCount + head]
        gradient.base[layout.outputBias + head] += slope
        addScaled(
          gradient.base + layout.outputWeights + head * featureCount, features.base + row * featureCount, slope,
          featureCount)
        addScaled(
          featureSlopes.base + row * featureCount, weights.base + layout.outputWeights + head * featureCount, slope,
          featureCount)
      }
    }
    if dropping.features { scale(featureSlopes.base, by: featureMask.base, rows * featureCount) }
  }
}
