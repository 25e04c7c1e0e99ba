// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Testing

@testable import RecurrentNets

@Suite struct OptimizerTests {
  /// Goal: algorithm 1 of Kingma & Ba. Method: after one step m̂ = g and v̂ = g², so each weight moves by η·g/(|g| +
  /// ε), which is η whatever the slope's size; the second step on paper for g₁ = 1, g₂ = −1: m̂ = (0.09 − 0.1)/0.19, v̂
  /// = 1.
  @Test func adam_takesTheStepsOfTheClosedForm() {
    var adam = Adam(parameterCount: 3, learningRate: 0.01, weightDecay: 0, decayedRanges: [0..<3])
    var weights: [Float] = [1, 1, 1]
    adam.update(&weights, [1, -250, 0], scale: 1)
    #expect(abs(weights[0] - 0.99) < 1e-7 && abs(weights[1] - 1.01) < 1e-7 && weights[2] == 1)
    adam.update(&weights, [-1, 0, 0], scale: 1)
    #expect(abs(weights[0] - (0.99 + 0.01 * 0.01 / 0.19)) < 1e-6)
  }

  @Test func adam_decaysMatricesOnly_apartFromTheSlope() {
    var adam = Adam(parameterCount: 2, learningRate: 0.1, weightDecay: 0.5, decayedRanges: [0..<1])
    var weights: [Float] = [2, 2]
    adam.update(&weights, [0, 0], scale: 1)
    #expect(weights == [1.9, 2])
    let biases = ParameterBlock.allCases.filter(\.isBias)
    #expect(biases == [.gateBias, .decompositionBias, .attentionBias, .outputBias])
  }

  @Test func clipping_scalesLongGradientsToTheLimit() {
    #expect(clippingScale([3, 4], 2, normMax: 5) == 1)
    #expect(clippingScale([3, 4], 2, normMax: 2.5) == 0.5)
    #expect(clippingScale([0, 0], 2, normMax: 1) == 1)
    #expect(clippingScale([3, .nan], 2, normMax: 1) == nil)
    #expect(clippingScale([3, .infinity], 2, normMax: 1) == nil)
  }

  /// Goal: the scale reaches the step. Method: Adam's first step hides any scale but ε's, so slopes near ε.
  @Test func adam_appliesTheClippingScale() {
    var adam = Adam(parameterCount: 1, learningRate: 1, weightDecay: 0, decayedRanges: [])
    var weights: [Float] = [0]
    adam.update(&weights, [2e-8], scale: 0.5)
    #expect(abs(weights[0] + 0.5) < 1e-3)
  }

  /// Goal: the initial state of the papers. Method: rows of every gate's Wh are orthonormal; Glorot's bound holds and
  /// is nearly reached; forget biases are 1 and all others 0; blocks do not move with each other's size.
  @Test func initialParameters_areOrthogonalBoundedAndForgetful() {
    let shape = NetworkShape(inputCount: 6, hiddenCount: 20, staticCount: 2, decay: .log)
    let layout = ParameterLayout(shape)
    let parameters = initialParameters(shape, outputBias: -2, seed: 41)
    let recurrent = layout.range(.hiddenWeights).lowerBound
    for gate in 0..<4 {
      for left in 0..<20 {
        for right in 0...left {
          var product = 0.0
          for k in 0..<20 {
            product +=
              Double(parameters[recurrent + (gate * 20 + left) * 20 + k])
              * Double(parameters[recurrent + (gate * 20 + right) * 20 + k])
          }
          #expect(abs(product - (left == right ? 1 : 0)) < 1e-6)
        }
      }
    }
    let bound = Float((6.0 / 26.0).squareRoot())
    let largest = parameters[layout.range(.inputWeights)].map { abs($0) }.max() ?? 0
    #expect(largest <= bound && largest > 0.97 * bound)
    let bias = Array(parameters[layout.range(.gateBias)])
    #expect(bias[20..<40].allSatisfy { $0 == 1 } && (bias[0..<20] + bias[40...]).allSatisfy { $0 == 0 })
    #expect(parameters[layout.range(.outputBias)] == [-2])
    let wider = NetworkShape(inputCount: 60, hiddenCount: 20, staticCount: 2, decay: .log)
    let others = initialParameters(wider, outputBias: -2, seed: 41)
    #expect(
      parameters[layout.range(.attentionWeights)] == others[ParameterLayout(wider).range(.attentionWeights)])
  }
}
