// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Testing

@testable import RecurrentNets

@Suite struct ForwardTests {
  /// Goal: the fast forward pass is the formulas. Method: the double-precision reference over shapes that are no
  /// multiple of a vector and batches of more than one pass; 1e-5 is some hundred roundings of 6e-8.
  @Test(arguments: LSTMOptions.Decay.allCases, [1, 8, 13])
  func outputs_equalTheReference(decay: LSTMOptions.Decay, hiddenCount: Int) {
    let (batch, labels) = SequenceSample.noise(
      rowCount: 131, stepCount: 7, inputCount: 4, staticCount: 2, objective: .regression, seed: 31)
    let shape = NetworkShape(inputCount: 4, hiddenCount: hiddenCount, staticCount: 2, decay: decay)
    let loss = OutputLoss(.regression, labels: labels, positiveWeight: 1)
    let net = RecurrentNet(shape: shape, parameters: spreadParameters(shape, seed: 32), loss: loss)
    let reference = ReferenceNet(shape: shape, parameters: net.parameters)
    let (predictions, shares) = (net.predict(batch), net.attention(batch))
    #expect(predictions.count == 131 && shares.count == 131 * 7)
    for row in 0..<131 {
      let expected = reference.output(batch, row: row) * loss.labelScale + loss.labelMean
      #expect(abs(Double(predictions[row]) - expected) < 1e-5 * max(abs(expected), 1), "row \(row)")
      let attention = reference.attention(reference.states(batch, row: row))
      for step in 0..<7 { #expect(abs(Double(shares[row * 7 + step]) - attention[step]) < 1e-5, "row \(row)") }
    }
  }

  /// Goal: the cell is PyTorch's LSTM where nothing fades. Method: weights and inputs from a formula; the expected
  /// states were computed by a separate program (at the end of GoldenValues.swift).
  @Test func plainStates_equalTheGoldenValues() {
    let shape = NetworkShape(inputCount: 3, hiddenCount: 2, staticCount: 0, decay: .none)
    let parameters = (0..<ParameterLayout(shape).count).map { Float(($0 * 7) % 11 - 5) / 10 }
    let inputs = (0..<12).map { Float(($0 * 5) % 7 - 3) / 4 }
    let batch = SequenceBatch(
      inputs: inputs, elapsed: [0, 1, 2, 30], statics: [], rowCount: 1, stepCount: 4, inputCount: 3, staticCount: 0)
    let pass = NetworkPass(shape, rowCountMax: 1, stepCountMax: 4, isTraining: false)
    pass.setParameters(parameters)
    pass.load(batch, selection: [0][...])
    pass.forward()
    for (index, expected) in goldenStates.enumerated() {
      #expect(abs(pass.layerOutputs[0].base[index / 2 * 8 + index % 2] - expected) < 1e-6, "state \(index)")
    }
    #expect(abs(pass.outputs.base[0] - goldenOutput) < 1e-6)
  }

  /// In real life: two patients with the same values, one measured hourly, one not for days.
  @Test(arguments: LSTMOptions.Decay.allCases)
  func elapsedHours_matterUnlessThereIsNoDecay(decay: LSTMOptions.Decay) {
    var (batch, labels) = SequenceSample.noise(
      rowCount: 5, stepCount: 7, inputCount: 4, staticCount: 0, objective: .regression, seed: 33)
    let shape = NetworkShape(inputCount: 4, hiddenCount: 6, staticCount: 0, decay: decay)
    let loss = OutputLoss(.regression, labels: labels, positiveWeight: 1)
    let net = RecurrentNet(shape: shape, parameters: spreadParameters(shape, seed: 34), loss: loss)
    let before = net.predict(batch)
    batch.elapsed[2 * 7 + 3] += 48
    let after = net.predict(batch)
    for row in 0..<5 { #expect((before[row] != after[row]) == (row == 2 && decay != .none), "row \(row)") }
  }

  /// A small mini-batch between two large ones leaves nothing behind in the workspace.
  @Test func smallerBatch_leavesNothingBehind() {
    let (batch, _) = SequenceSample.noise(
      rowCount: 20, stepCount: 5, inputCount: 3, staticCount: 1, objective: .binary, seed: 35)
    let shape = NetworkShape(inputCount: 3, hiddenCount: 9, staticCount: 1, decay: .log)
    let parameters = spreadParameters(shape, seed: 36)
    let pass = NetworkPass(shape, rowCountMax: 20, stepCountMax: 5, isTraining: false)
    pass.setParameters(parameters)
    func outputs(_ selection: Range<Int>) -> [UInt32] {
      pass.load(batch, selection: Array(selection)[...])
      pass.forward()
      return (0..<selection.count).map { pass.outputs.base[$0].bitPattern }
    }
    let first = outputs(0..<20)
    _ = outputs(3..<6)
    #expect(outputs(0..<20) == first)
  }

  /// Goal: no overflow, and probabilities that stay numbers, at raw outputs of ±1e4.
  @Test func extremeOutputs_haveFiniteLosses() {
    let loss = OutputLoss(.binary, labels: [0, 1], positiveWeight: 2)
    #expect(loss.row(1e4, 0).loss == 1e4 && loss.row(-1e4, 0).loss == 0)
    #expect(loss.row(-1e4, 1).loss == 2e4 && loss.row(1e4, 1).slope == 0 && loss.row(-1e4, 1).slope == -2)
    #expect(loss.prediction(-1e4) == 0 && loss.prediction(1e4) == 1)
  }
}
