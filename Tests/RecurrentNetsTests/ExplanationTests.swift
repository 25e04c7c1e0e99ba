// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Testing

@testable import RecurrentNets

@Suite struct ExplanationTests {
  /// Everything that inputs pass through, ragged.
  private static let setting: GradientCase = {
    var setting = GradientCase(
      name: "explained", shape: NetworkShape(inputCount: 6, hiddenCount: 5, staticCount: 2, decay: .log))
    setting.shape.layerCount = 2
    setting.shape.isBidirectional = true
    setting.shape.meanDecayCount = 1
    setting.shape.timeEncodingCount = 2
    setting.isRagged = true
    return setting
  }()

  private func network() -> RecurrentNet {
    let shape = Self.setting.shape
    return RecurrentNet(
      shape: shape, parameters: spreadParameters(shape, seed: 92).map { 0.5 * $0 },
      loss: OutputLoss(.binary, labels: [0, 1], positiveWeight: 1))
  }

  /// Goal: the axiom of completeness (Sundararajan et al. 2017, proposition 1), and slopes by inputs that are derivatives.
  /// Method: the sums of 400 points against the difference of the outputs, and of a tiny step along one input.
  @Test func attributions_addUpToTheDifferenceOfOutputs() {
    let batch = SequenceSample.mixed(rowCount: 4, setting: Self.setting, seed: 91)
    let found = network().integratedGradients(batch, pointCount: 400)
    #expect(found.inputs.count == batch.inputs.count && found.statics.count == 8)
    var cell = 0
    for row in 0..<4 {
      let count = batch.length(row) * 6
      var sum = 0.0
      for index in cell..<cell + count { sum += Double(found.inputs[index]) }
      for column in 0..<2 { sum += Double(found.statics[row * 2 + column]) }
      cell += count
      let difference = Double(found.outputs[row] - found.baselines[row])
      #expect(abs(sum - difference) < 2e-3 * max(1, abs(difference)), "row \(row): \(sum), \(difference)")
      #expect(found.outputs[row] != found.baselines[row])
    }
  }

  /// In real life: a value that the net cannot see gets no blame. Method: a network whose weights on input 4 are zero.
  @Test func inputWithoutWeights_getsNothing() {
    let batch = SequenceSample.mixed(rowCount: 4, setting: Self.setting, seed: 93)
    var parameters = network().parameters
    for suffix in ["_l0", "_l0_reverse"] {
      guard let block = ParameterLayout(Self.setting.shape).block("lstm.weight_ih" + suffix) else { continue }
      for output in 0..<block.extents[0] { parameters[block.range.lowerBound + output * block.extents[1] + 4] = 0 }
    }
    let blind = RecurrentNet(
      shape: Self.setting.shape, parameters: parameters, loss: OutputLoss(.binary, labels: [0, 1], positiveWeight: 1))
    let found = blind.integratedGradients(batch, pointCount: 8)
    for index in stride(from: 4, to: found.inputs.count, by: 6) { #expect(found.inputs[index] == 0) }
    #expect(found.inputs.contains { $0 != 0 })
  }

  /// Goal: intervals hold their mean, widen with dropout, close without, and come again from the seed.
  @Test func dropoutIntervals_areOrderedAndRepeatable() {
    let batch = SequenceSample.mixed(rowCount: 4, setting: Self.setting, seed: 94)
    let net = network()
    let wide = net.dropoutIntervals(batch, dropout: 0.4, variationalDropout: 0.3, drawCount: 40, seed: 5)
    let narrow = net.dropoutIntervals(batch, dropout: 0.05, variationalDropout: 0, drawCount: 40, seed: 5)
    let none = net.dropoutIntervals(batch, dropout: 0, variationalDropout: 0, drawCount: 3, seed: 5)
    for row in 0..<4 {
      #expect(wide[row].low <= wide[row].mean && wide[row].mean <= wide[row].high && wide[row].standardDeviation > 0)
      #expect(wide[row].high - wide[row].low > narrow[row].high - narrow[row].low)
      #expect(none[row].low == none[row].high && abs(none[row].mean - net.predict(batch)[row]) < 1e-6)
    }
    #expect(net.dropoutIntervals(batch, dropout: 0.4, variationalDropout: 0.3, drawCount: 40, seed: 5) == wide)
    #expect(net.dropoutIntervals(batch, dropout: 0.4, variationalDropout: 0.3, drawCount: 40, seed: 6) != wide)
  }

  /// Goal: a kept-ready predictor gives the bits of `predict` on the same rows, and shares of a row add up to 1 and end with
  /// it.
  @Test func predictor_andAttention_agreeWithTheNetwork() {
    let batch = SequenceSample.mixed(rowCount: 4, setting: Self.setting, seed: 95)
    let net = network()
    let predictor = RecurrentPredictor(net, rowCountMax: 4, stepCountMax: 7)
    #expect(predictor.predict(batch, rows: [0, 1, 2, 3]) == net.predict(batch))
    let shares = net.attention(batch)
    for row in 0..<4 {
      let own = shares[row * 7..<row * 7 + 7]
      #expect(abs(own.reduce(0, +) - 1) < 1e-6)
      #expect(own.suffix(7 - batch.length(row)).allSatisfy { $0 == 0 })
    }
  }
}
