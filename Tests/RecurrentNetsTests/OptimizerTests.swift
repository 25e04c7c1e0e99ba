// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import Testing

@testable import RecurrentNets

@Suite struct OptimizerTests {
  /// Goal: algorithm 1 of Kingma & Ba. Method: after one step m̂ = g and v̂ = g², so each weight moves by η·g/(|g| +
  /// ε), which is η whatever the slope's size; the second step on paper for g₁ = 1, g₂ = −1: m̂ = (0.09 − 0.1)/0.19, v̂
  /// = 1.
  @Test func adam_takesTheStepsOfTheClosedForm() {
    let adam = Adam(parameterCount: 3, weightDecay: 0, decayedRanges: [0..<3])
    var weights: [Float] = [1, 1, 1]
    adam.update(&weights, [1, -250, 0], scale: 1, learningRate: 0.01)
    #expect(abs(weights[0] - 0.99) < 1e-7 && abs(weights[1] - 1.01) < 1e-7 && weights[2] == 1)
    adam.update(&weights, [-1, 0, 0], scale: 1, learningRate: 0.01)
    #expect(abs(weights[0] - (0.99 + 0.01 * 0.01 / 0.19)) < 1e-6)
  }

  @Test func adam_decaysMatricesOnly_apartFromTheSlope() {
    let adam = Adam(parameterCount: 2, weightDecay: 0.5, decayedRanges: [0..<1])
    var weights: [Float] = [2, 2]
    adam.update(&weights, [0, 0], scale: 1, learningRate: 0.1)
    #expect(weights == [1.9, 2])
    var shape = NetworkShape(inputCount: 6, hiddenCount: 4, staticCount: 1, decay: .exponential)
    (shape.meanDecayCount, shape.timeEncodingCount, shape.normalisesLayers) = (2, 2, true)
    #expect(
      ParameterLayout(shape).blocks.filter(\.isDecayed).map(\.name) == [
        "lstm.weight_ih_l0", "lstm.weight_hh_l0", "decay.weight_l0", "state_decay.weight_l0", "attention.weight",
        "attention.query", "output.weight",
      ])
  }

  @Test func clipping_scalesLongGradientsToTheLimit() {
    #expect(clippingScale([3, 4], 2, normMax: 5) == 1)
    #expect(clippingScale([3, 4], 2, normMax: 2.5) == 0.5)
    #expect(clippingScale([0, 0], 2, normMax: 1) == 1)
    #expect(clippingScale([3, .nan], 2, normMax: 1) == nil)
    #expect(clippingScale([3, .infinity], 2, normMax: 1) == nil)
  }

  /// Goal: AVX-512 changes no bit, for any remainder. Method: four steps with and without, on random slopes.
  @Test(arguments: [1, 7, 8, 15, 16, 17, 33, 64]) func adam_hasTheSameBitsWithAVX512(count: Int) {
    guard PackedMatrix.isCPUWide else { return }
    var random = CounterGenerator(key: UInt64(count))
    let start = (0..<count).map { _ in Float(random.normal()) }
    var both = [start, start]
    let sides = [true, false].map {
      Adam(parameterCount: count, weightDecay: 0.1, decayedRanges: [0..<count / 2], isWide: $0)
    }
    for _ in 0..<4 {
      let slopes = (0..<count).map { _ in Float(random.normal() * 0.01) }
      for side in 0..<2 { sides[side].update(&both[side], slopes, scale: 0.7, learningRate: 0.01) }
    }
    #expect(both[0].map(\.bitPattern) == both[1].map(\.bitPattern))
    #expect(both[0] != start)
  }

  /// Goal: the scale reaches the step. Method: Adam's first step hides any scale but ε's, so slopes near ε.
  @Test func adam_appliesTheClippingScale() {
    let adam = Adam(parameterCount: 1, weightDecay: 0, decayedRanges: [])
    var weights: [Float] = [0]
    adam.update(&weights, [2e-8], scale: 0.5, learningRate: 1)
    #expect(abs(weights[0] + 0.5) < 1e-3)
  }

  /// Goal: the initial state of the papers. Method: rows of every gate's Wh are orthonormal; Glorot's bound holds and
  /// is nearly reached; forget biases are 1 and all others 0; blocks do not move with each other's size.
  @Test func initialParameters_areOrthogonalBoundedAndForgetful() {
    let shape = NetworkShape(inputCount: 6, hiddenCount: 20, staticCount: 2, decay: .log)
    let layout = ParameterLayout(shape)
    func range(_ name: String, _ layout: ParameterLayout) -> Range<Int> { layout.block(name)?.range ?? 0..<0 }
    let parameters = initialParameters(shape, outputBiases: [-2], seed: 41)
    let recurrent = range("lstm.weight_hh_l0", layout).lowerBound
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
    let largest = parameters[range("lstm.weight_ih_l0", layout)].map { abs($0) }.max() ?? 0
    #expect(largest <= bound && largest > 0.97 * bound)
    let bias = Array(parameters[range("lstm.bias_ih_l0", layout)])
    #expect(bias[20..<40].allSatisfy { $0 == 1 } && (bias[0..<20] + bias[40...]).allSatisfy { $0 == 0 })
    #expect(parameters[range("output.bias", layout)] == [-2])
    let wider = NetworkShape(inputCount: 60, hiddenCount: 20, staticCount: 2, decay: .log)
    let others = initialParameters(wider, outputBiases: [-2], seed: 41)
    #expect(
      parameters[range("attention.weight", layout)] == others[range("attention.weight", ParameterLayout(wider))])
  }

  /// Goal: the shapes of the schedules. Method: sizes on paper, ten epochs of four mini-batches, two of them warm-up.
  @Test func stepSizes_followTheirSchedules() throws {
    func sizes(_ schedule: String) throws -> StepSizes {
      StepSizes(
        try LSTMOptions([
          "schedule": .text(schedule), "warmup": .real(2), "epochs": .integer(10), "learning_rate": .real(0.8),
        ]))
    }
    for schedule in LSTMOptions.Schedule.allCases {
      let sizes = try sizes(schedule.rawValue)
      #expect(abs(sizes.size(epoch: 0, batch: 0, batchCount: 4) - 0.1) < 1e-12)
      #expect(abs(sizes.size(epoch: 1, batch: 2, batchCount: 4) - 0.7) < 1e-12)
      #expect(sizes.size(epoch: 2, batch: 0, batchCount: 4) == 0.8)
    }
    #expect(abs(try sizes("cosine").size(epoch: 6, batch: 0, batchCount: 4) - 0.4) < 1e-12)
    #expect(try sizes("cosine").size(epoch: 9, batch: 3, batchCount: 4) < 0.01)
    #expect(try sizes("constant").size(epoch: 9, batch: 3, batchCount: 4) == 0.8)
    var plateau = try sizes("plateau")
    for isBetter in [true, false, true, false, false] { plateau.endEpoch(isBetter: isBetter) }
    #expect(plateau.size(epoch: 5, batch: 0, batchCount: 4) == 0.4)
    for isBetter in [false, false] { plateau.endEpoch(isBetter: isBetter) }
    #expect(plateau.size(epoch: 7, batch: 0, batchCount: 4) == 0.2)
  }
}
