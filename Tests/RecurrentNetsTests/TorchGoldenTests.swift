// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Testing

@testable import RecurrentNets

@Suite struct TorchGoldenTests {
  /// Goal: layers, directions, attention and loss are PyTorch's, forward and back. Method: states, logit, loss and every slope
  /// that PyTorch computed in doubles (Peers/make_golden.py), weights and inputs from a formula.
  @Test func twoLayersBothWays_equalPyTorch() {
    var shape = NetworkShape(inputCount: 3, hiddenCount: 2, staticCount: 0, decay: .none)
    (shape.layerCount, shape.isBidirectional) = (2, true)
    let parameters = (0..<ParameterLayout(shape).count).map { Float(($0 * 7) % 11 - 5) / 10 }
    #expect(parameters.count == goldenTorchGradient.count)
    let batch = SequenceBatch(
      inputs: (0..<12).map { Float(($0 * 5) % 7 - 3) / 4 }, elapsed: [0, 0, 0, 0], statics: [], rowCount: 1,
      stepCount: 4, inputCount: 3, staticCount: 0)
    let pass = NetworkPass(shape, rowCountMax: 1, stepCountMax: 4, isTraining: true)
    pass.setParameters(parameters)
    pass.load(batch, selection: [0][...])
    pass.forward()
    for (index, expected) in goldenTorchStates.enumerated() {
      let (step, unit) = (index / 4, index % 4)
      let found = pass.layerOutputs[1].base[step * 16 + unit / 2 * 8 + unit % 2]
      #expect(abs(found - expected) < 1e-6, "step \(step), unit \(unit)")
    }
    #expect(abs(Double(pass.outputs.base[0]) - goldenTorchLogit) < 1e-6)
    let (value, _, slope) = OutputLoss(.binary, labels: [0, 1], positiveWeight: 1).row(pass.outputs.base[0], 1)
    #expect(abs(value - goldenTorchLoss) < 1e-6)
    pass.outputSlopes.base[0] = Float(slope)
    pass.backward()
    for (index, expected) in goldenTorchGradient.enumerated() {
      #expect(abs(pass.compactGradient[index] - expected) < 3e-8, "parameter \(index)")
    }
  }
}
