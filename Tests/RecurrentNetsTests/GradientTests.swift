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
  var name: String
  var shape: NetworkShape
  var objectives: [ObjectiveKind] = [.binary]
  var positiveWeight = 1.0
  var focalGamma = 0.0
  var isDropping = false
  var isRagged = false

  var testDescription: String { name }

  private static func make(
    _ name: String, _ decay: LSTMOptions.Decay = .none, hidden: Int = 5, statics: Int = 2,
    _ edit: (inout GradientCase) -> Void = { _ in }
  ) -> GradientCase {
    var setting = GradientCase(
      name: name, shape: NetworkShape(inputCount: 6, hiddenCount: hidden, staticCount: statics, decay: decay))
    edit(&setting)
    setting.shape.outputCount = setting.objectives.count
    return setting
  }

  static let all: [GradientCase] =
    LSTMOptions.Decay.allCases.flatMap { decay in
      [
        make("\(decay)", decay),
        make("\(decay), no statics, regression", decay, statics: 0) { $0.objectives = [.regression] },
        make("\(decay), ragged, bidirectional, two layers", decay) {
          $0.isRagged = true
          $0.shape.isBidirectional = true
          $0.shape.layerCount = 2
        },
      ]
    } + [
      make("positive weight", .log) { $0.positiveWeight = 4 },
      make("focal") {
        $0.focalGamma = 2
        $0.positiveWeight = 3
      },
      make("dropout", .log) { $0.isDropping = true },
      make("time encoding") { $0.shape.timeEncodingCount = 4 },
      make("time encoding, bidirectional") {
        $0.shape.timeEncodingCount = 3
        $0.shape.isBidirectional = true
      },
      make("decay toward the mean") { $0.shape.meanDecayCount = 2 },
      make("decay toward the mean, reverse too, ragged", .exponential, hidden: 8) {
        $0.shape.meanDecayCount = 2
        $0.shape.isBidirectional = true
        $0.isRagged = true
        $0.isDropping = true
      },
      make("layer norm, three layers", .log) {
        $0.shape.normalisesLayers = true
        $0.shape.layerCount = 3
      },
      make("layer norm, bidirectional, dropout", hidden: 9) {
        $0.shape.normalisesLayers = true
        $0.shape.isBidirectional = true
        $0.shape.layerCount = 2
        $0.isDropping = true
      },
      make("linear attention") { $0.shape.attention = .linear },
      make("three heads", .log) { $0.objectives = [.binary, .regression, .binary] },
      make("everything", .exponential, hidden: 3) {
        $0.shape.layerCount = 2
        $0.shape.isBidirectional = true
        $0.shape.timeEncodingCount = 3
        $0.shape.meanDecayCount = 1
        $0.shape.normalisesLayers = true
        $0.objectives = [.binary, .regression]
        $0.isDropping = true
        $0.isRagged = true
        $0.focalGamma = 1
      },
      make("one unit", .log, hidden: 1),
      make("sixteen units", .log, hidden: 16),
    ]
}

@Suite struct GradientTests {
  static let rowCount = 4

  /// Goal: backpropagation is the derivative of the loss. Method: every parameter of a small net, moved by ±1e-5 in the
  /// double-precision reference, central differences; floats carry about 1e-7 of the largest slope through some hundred
  /// sums, so 3e-5 of it is the tolerance. Initial weights are made larger than usual so that no gate is linear.
  @Test(arguments: GradientCase.all)
  func everySlope_equalsItsCentralDifference(setting: GradientCase) throws {
    let batch = SequenceSample.mixed(rowCount: Self.rowCount, setting: setting, seed: 21)
    let losses = setting.objectives.enumerated().map { head, objective in
      OutputLoss(
        objective, labels: Self.labels(head, objective), positiveWeight: setting.positiveWeight,
        focalGamma: setting.focalGamma)
    }
    let parameters = spreadParameters(setting.shape, seed: 22)
    let pass = NetworkPass(setting.shape, rowCountMax: 7, stepCountMax: 8, isTraining: true)
    pass.setParameters(parameters)
    pass.load(batch, selection: [0, 1, 2, 3][...])
    if setting.isDropping { setMasks(pass) }
    pass.forward(dropping: .init(features: setting.isDropping, sequences: setting.isDropping))
    for row in 0..<Self.rowCount {
      for (head, loss) in losses.enumerated() {
        let place = pass.steps.slots[row] * losses.count + head
        let label = Self.labels(head, setting.objectives[head])[row]
        pass.outputSlopes.base[place] = Float(loss.row(pass.outputs.base[place], label).slope / Double(Self.rowCount))
      }
    }
    for index in 0..<pass.layout.count { pass.gradient.base[index] = .nan }
    pass.backward()
    let gradient = pass.compactGradient
    for index in 0..<pass.layout.count { #expect(pass.gradient.base[index].isFinite, "padded parameter \(index)") }
    checkPadding(pass, gradient)

    var reference = ReferenceNet(shape: setting.shape, parameters: parameters)
    func total() -> Double {
      var sum = 0.0
      for row in 0..<Self.rowCount {
        if setting.isDropping { reference.masks = referenceMasks(pass, row) }
        for (head, z) in reference.outputs(batch, row: row).enumerated() {
          let y = Double(Self.labels(head, setting.objectives[head])[row])
          sum += referenceLoss(z, y, setting, losses[head])
        }
      }
      return sum / Double(Self.rowCount)
    }
    let largest = Double(gradient.map { abs($0) }.max() ?? 0)
    for block in reference.layout.blocks {
      var blockLargest: Float = 0
      for index in block.range {
        let kept = reference.parameters[index]
        reference.parameters[index] = kept + 1e-5
        let above = total()
        reference.parameters[index] = kept - 1e-5
        let below = total()
        reference.parameters[index] = kept
        let difference = (above - below) / 2e-5
        #expect(
          abs(difference - Double(gradient[index])) < 3e-5 * max(largest, 0.1),
          "\(block.name)[\(index - block.range.lowerBound)] \(gradient[index]), difference \(difference)")
        blockLargest = max(blockLargest, abs(gradient[index]))
      }
      // A block that the loss does not feel would pass with a gradient of zeros.
      #expect(blockLargest > 1e-5, "\(block.name) has no slope to compare")
    }
  }

  private func referenceLoss(_ z: Double, _ y: Double, _ setting: GradientCase, _ loss: OutputLoss) -> Double {
    guard loss.objective == .binary else {
      let distance = z - (y - loss.labelMean) / loss.labelScale
      return distance * distance
    }
    let p = y == 1 ? 1 / (1 + exp(-z)) : 1 / (1 + exp(z))
    return (y == 1 ? setting.positiveWeight : 1) * pow(1 - p, setting.focalGamma) * -log(p)
  }

  static func labels(_ head: Int, _ objective: ObjectiveKind) -> [Float] {
    (0..<rowCount).map { objective == .binary ? Float(($0 + head) % 3 == 0 ? 1 : 0) : Float($0 * $0) + 1 }
  }

  /// Padding has no weights and must never get any.
  private func checkPadding(_ pass: NetworkPass, _ compact: [Float]) {
    let whole = (0..<pass.layout.count).map { abs(Double(pass.gradient.base[$0])) }.reduce(0, +)
    let real = compact.map { abs(Double($0)) }.reduce(0, +)
    #expect(abs(whole - real) <= 1e-12 * real)
  }

  private func setMasks(_ pass: NetworkPass) {
    func fill(_ buffer: FloatBuffer, _ kept: Float) {
      for index in 0..<buffer.count { buffer.base[index] = (index * 7 + 2) % 5 == 0 ? 0 : kept }
    }
    fill(pass.featureMask, 1.5)
    fill(pass.inputMask, 1.25)
    for cell in pass.cells { fill(cell.mask, 1.25) }
    for mask in pass.layerMasks { fill(mask, 1.25) }
  }

  private func referenceMasks(_ pass: NetworkPass, _ row: Int) -> ReferenceNet.Masks {
    let slot = pass.steps.slots[row]
    let (wide, real) = (pass.shape.hiddenCount, pass.compactShape.hiddenCount)
    let directions = pass.shape.isBidirectional ? 2 : 1
    func units(_ buffer: FloatBuffer, _ start: Int, _ count: Int) -> [Double] {
      (0..<count).map { Double(buffer.base[start + $0]) }
    }
    func states(_ buffer: FloatBuffer, _ width: Int) -> [Double] {
      (0..<directions).flatMap { units(buffer, slot * width + $0 * wide, real) }
    }
    return .init(
      features: states(pass.featureMask, pass.shape.featureCount)
        + units(
          pass.featureMask, slot * pass.shape.featureCount + directions * wide, pass.shape.staticCount),
      inputs: units(pass.inputMask, slot * pass.shape.inputCount, pass.shape.inputCount),
      states: pass.cells.map { units($0.mask, slot * wide, real) },
      between: pass.layerMasks.map { states($0, directions * wide) })
  }
}

/// Parameters of size about 0.7, biases included, that no initialiser would draw: every formula is then felt.
func spreadParameters(_ shape: NetworkShape, seed: UInt64) -> [Float] {
  var random = CounterGenerator(key: derivedSeed(seed, .weightInitialization))
  return (0..<ParameterLayout(shape).count).map { _ in Float(0.7 * random.normal()) }
}

extension SequenceSample {
  /// Rows for a gradient case: observed or not, aged, and of several lengths where it asks for them.
  static func mixed(rowCount: Int, setting: GradientCase, seed: UInt64) -> SequenceBatch {
    var random = CounterGenerator(key: derivedSeed(seed, .synthesis))
    let shape = setting.shape
    let lengths = (0..<rowCount).map { setting.isRagged ? [3, 7, 1, 5][$0 % 4] : 6 }
    let cells = lengths.reduce(0, +)
    let channels = shape.meanDecayCount
    var inputs = (0..<cells * shape.inputCount).map { _ in Float(random.normal()) }
    for cell in 0..<cells {
      for channel in 0..<channels {
        inputs[cell * shape.inputCount + channels + channel] = Float(random.below(2))
        inputs[cell * shape.inputCount + 2 * channels + channel] = Float(random.uniform())
      }
    }
    let elapsed = (0..<cells).map { _ in Float(1 + random.below(9)) }
    let statics = (0..<rowCount * shape.staticCount).map { _ in Float(random.normal()) }
    return setting.isRagged
      ? SequenceBatch(
        inputs: inputs, elapsed: elapsed, statics: statics, lengths: lengths, inputCount: shape.inputCount,
        staticCount: shape.staticCount, channelCount: channels)
      : SequenceBatch(
        inputs: inputs, elapsed: elapsed, statics: statics, rowCount: rowCount, stepCount: 6,
        inputCount: shape.inputCount, staticCount: shape.staticCount, channelCount: channels)
  }
}
