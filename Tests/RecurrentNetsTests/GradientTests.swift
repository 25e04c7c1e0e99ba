// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import Testing

@testable import RecurrentNets

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

struct GradientCase: Sendable, CustomTestStringConvertible {
  var decay: LSTMOptions.Decay
  var staticCount: Int
  var objective: ObjectiveKind
  var positiveWeight = 1.0
  var isDropping = false
  var hiddenCount = 5

  var testDescription: String {
    "\(decay), S \(staticCount), \(objective), weight \(positiveWeight), dropout \(isDropping), H \(hiddenCount)"
  }

  static let all: [GradientCase] =
    LSTMOptions.Decay.allCases.flatMap { decay in
      [0, 3].flatMap { statics in
        [ObjectiveKind.binary, .regression].map { .init(decay: decay, staticCount: statics, objective: $0) }
      }
    } + [
      .init(decay: .log, staticCount: 2, objective: .binary, positiveWeight: 4),
      .init(decay: .log, staticCount: 2, objective: .binary, positiveWeight: 4, isDropping: true),
      .init(decay: .inverse, staticCount: 1, objective: .regression, isDropping: true, hiddenCount: 9),
      .init(decay: .none, staticCount: 1, objective: .binary, hiddenCount: 16),
      .init(decay: .log, staticCount: 0, objective: .binary, hiddenCount: 2),
    ]
}

@Suite struct GradientTests {
  /// Goal: backpropagation is the derivative of the loss. Method: every parameter of a small net, moved by ±1e-5 in the
  /// double-precision reference, central differences; floats carry about 1e-7 of the largest slope through some hundred
  /// sums, so 2e-5 of it is the tolerance. Initial weights are made larger than usual so that no gate is linear.
  @Test(arguments: GradientCase.all)
  func everySlope_equalsItsCentralDifference(setting: GradientCase) throws {
    let (batch, labels) = SequenceSample.noise(
      rowCount: 4, stepCount: 6, inputCount: 3, staticCount: setting.staticCount, objective: setting.objective, seed: 21
    )
    let shape = NetworkShape(
      inputCount: 3, hiddenCount: setting.hiddenCount, staticCount: setting.staticCount, decay: setting.decay)
    let loss = OutputLoss(setting.objective, labels: labels, positiveWeight: setting.positiveWeight)
    let parameters = spreadParameters(shape, seed: 22)
    let pass = NetworkPass(shape, rowCountMax: 7, stepCount: 6)
    let masks = (0..<4).map { row in (0..<shape.featureCount).map { ($0 + row) % 3 == 0 ? 0.0 : 1.5 } }
    pass.load(batch, fadings: fadings(batch.elapsed, setting.decay), selection: [0, 1, 2, 3][...])
    for (slot, value) in masks.joined().enumerated() { pass.workspace.mask[slot] = Float(value) }
    var gradient = [Float](repeating: .nan, count: parameters.count)
    parameters.withUnsafeBufferPointer { parameters in
      gradient.withUnsafeMutableBufferPointer { gradient in
        guard let weights = parameters.baseAddress, let slopes = gradient.baseAddress else { return }
        pass.forward(weights, dropsFeatures: setting.isDropping)
        for row in 0..<4 {
          pass.workspace.outputSlopes[row] = Float(loss.row(pass.workspace.outputs[row], labels[row]).slope / 4)
        }
        pass.backward(weights, gradient: slopes)
      }
    }

    var reference = ReferenceNet(shape: shape, parameters: parameters)
    func total() -> Double {
      var sum = 0.0
      for row in 0..<4 {
        let z = reference.output(batch, row: row, mask: setting.isDropping ? masks[row] : nil)
        let y = Double(labels[row])
        switch setting.objective {
        case .binary:
          sum += y == 1 ? setting.positiveWeight * log(1 + exp(-z)) : log(1 + exp(z))
        case .regression:
          let distance = z - (y - loss.labelMean) / loss.labelScale
          sum += distance * distance
        }
      }
      return sum / 4
    }
    let largest = Double(gradient.map { abs($0) }.max() ?? 0)
    for block in ParameterBlock.allCases {
      var blockLargest: Float = 0
      for index in pass.layout.range(block) {
        let kept = reference.parameters[index]
        reference.parameters[index] = kept + 1e-5
        let above = total()
        reference.parameters[index] = kept - 1e-5
        let below = total()
        reference.parameters[index] = kept
        let difference = (above - below) / 2e-5
        #expect(
          abs(difference - Double(gradient[index])) < 2e-5 * max(largest, 0.1), "\(block)[\(index)] \(gradient[index])")
        blockLargest = max(blockLargest, abs(gradient[index]))
      }
      // A block that the loss does not feel would pass with a gradient of zeros.
      if !pass.layout.range(block).isEmpty { #expect(blockLargest > 1e-4, "\(block) has no slope to compare") }
    }
  }
}

/// Parameters of size about 0.7, biases included, that no initialiser would draw: every formula is then felt.
func spreadParameters(_ shape: NetworkShape, seed: UInt64) -> [Float] {
  var random = CounterGenerator(key: derivedSeed(seed, .weightInitialization))
  return (0..<ParameterLayout(shape).count).map { _ in Float(0.7 * random.normal()) }
}
