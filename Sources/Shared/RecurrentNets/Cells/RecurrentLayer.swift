// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

/// One layer in one direction over a packed mini-batch, and what its way back needs.
///
/// - Shapes: P cells in the order of `PackedSteps`, B rows, H units, a multiple of eight.
final class RecurrentLayer {
  let inputCount: Int
  let hiddenCount: Int
  let decay: LSTMOptions.Decay
  /// Whether it reads from each row's last step to its first.
  let isReverse: Bool
  /// C > 0 where the state decays toward zero with the channels' ages.
  let meanDecayCount: Int
  let steps: PackedSteps
  let places: ParameterLayout.LayerPlaces

  /// [P, 4H]: sums, then i, f, g, o, then slopes by the sums.
  let gates: FloatBuffer
  /// [P, H]: c before the step.
  let memoryBefore: FloatBuffer
  /// [P, H]: h before the step, decayed and dropped: what the recurrence reads.
  let hiddenBefore: FloatBuffer
  /// [P, H]: tanh of the memory.
  let squashed: FloatBuffer
  /// [P, H]: short-term memory, then slopes by its sums; empty without decay.
  let short: FloatBuffer
  /// [P, H]: 1 − g(Δ); empty without decay.
  let fading: FloatBuffer
  /// [P, H]: the share of h that is kept, then slopes by its exponent; empty without decay toward the mean.
  let retention: FloatBuffer
  /// [B, H]: 0 or 1/(1 − dropout) for a whole sequence.
  let mask: FloatBuffer
  var isDropping = false

  private let hidden: FloatBuffer
  private let memory: FloatBuffer
  let hiddenSlopes: FloatBuffer
  let memorySlopes: FloatBuffer
  private let inputWeights: PackedMatrix
  private let hiddenWeights: PackedMatrix
  private let hiddenWeightsBack: PackedMatrix
  private let decomposition: PackedMatrix
  private let decompositionBack: PackedMatrix
  private let panels: FloatBuffer
  // Made by the first way back: a network that only predicts has none.
  private lazy var gateGradients = TurnedProducts(rows: 4 * hiddenCount, columns: [inputCount, hiddenCount])
  private lazy var decompositionGradients = TurnedProducts(rows: hiddenCount, columns: [hiddenCount])

  init(
    _ shape: NetworkShape, layer: Int, isReverse: Bool, places: ParameterLayout.LayerPlaces, steps: PackedSteps
  ) {
    let hiddenCount = shape.hiddenCount
    inputCount = shape.layerInputCount(layer)
    self.hiddenCount = hiddenCount
    decay = shape.decay
    meanDecayCount = layer == 0 ? shape.meanDecayCount : 0
    self.isReverse = isReverse
    self.steps = steps
    self.places = places
    let cells = steps.rowCountMax * steps.stepCountMax
    let decayed = decay == .none ? 0 : cells * hiddenCount
    gates = FloatBuffer(cells * 4 * hiddenCount)
    memoryBefore = FloatBuffer(cells * hiddenCount)
    hiddenBefore = FloatBuffer(cells * hiddenCount)
    squashed = FloatBuffer(cells * hiddenCount)
    short = FloatBuffer(decayed)
    fading = FloatBuffer(decayed)
    retention = FloatBuffer(meanDecayCount > 0 ? cells * hiddenCount : 0)
    mask = FloatBuffer(steps.rowCountMax * hiddenCount)
    hidden = FloatBuffer(steps.rowCountMax * hiddenCount)
    memory = FloatBuffer(steps.rowCountMax * hiddenCount)
    hiddenSlopes = FloatBuffer(steps.rowCountMax * hiddenCount)
    memorySlopes = FloatBuffer(steps.rowCountMax * hiddenCount)

    let sizes = [
      PackedMatrix.count(inner: inputCount, columns: 4 * hiddenCount),
      PackedMatrix.count(inner: hiddenCount, columns: 4 * hiddenCount),
      PackedMatrix.count(inner: 4 * hiddenCount, columns: hiddenCount),
      PackedMatrix.count(inner: hiddenCount, columns: decay == .none ? 0 : hiddenCount),
      PackedMatrix.count(inner: hiddenCount, columns: decay == .none ? 0 : hiddenCount),
    ]
    panels = FloatBuffer(sizes.reduce(0, +))
    var next = panels.base
    func place(_ index: Int, inner: Int, columns: Int) -> PackedMatrix {
      defer { next += sizes[index] }
      return PackedMatrix(inner: inner, columns: columns, panels: next)
    }
    inputWeights = place(0, inner: inputCount, columns: 4 * hiddenCount)
    hiddenWeights = place(1, inner: hiddenCount, columns: 4 * hiddenCount)
    hiddenWeightsBack = place(2, inner: 4 * hiddenCount, columns: hiddenCount)
    decomposition = place(3, inner: hiddenCount, columns: hiddenCount)
    decompositionBack = place(4, inner: hiddenCount, columns: hiddenCount)
  }

  /// Takes over weights; to be called after each change of them. `isTraining`: the panels of the way back too.
  func pack(_ parameters: UnsafePointer<Float>, isTraining: Bool) {
    inputWeights.pack(parameters + places.inputWeights, .transposed)
    hiddenWeights.pack(parameters + places.hiddenWeights, .transposed)
    if isTraining { hiddenWeightsBack.pack(parameters + places.hiddenWeights, .plain) }
    guard decay != .none else { return }
    decomposition.pack(parameters + places.decompositionWeights, .transposed)
    if isTraining { decompositionBack.pack(parameters + places.decompositionWeights, .plain) }
  }

  /// All steps: one product for the inputs of all of them, one a step for the recurrence and, with decay, one more for the
  /// split of the memory.
  ///
  /// - Parameters:
  ///   - inputs: [P, inputs]
  ///   - output: [P, ·], this direction's units in rows `outputStride` apart.
  func forward(
    _ parameters: UnsafePointer<Float>, inputs: UnsafePointer<Float>, elapsed: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, outputStride: Int
  ) {
    let count = hiddenCount
    self.outputStride = outputStride
    inputWeights.multiply(
      inputs, rows: steps.cellCount, into: gates.base, from: .bias(parameters + places.gateBias))
    fillFading(parameters, elapsed: elapsed)
    fillRetention(parameters, inputs: inputs)
    hidden.base.update(repeating: 0, count: steps.rows * count)
    memory.base.update(repeating: 0, count: steps.rows * count)
    for index in 0..<steps.stepCount {
      let step = isReverse ? steps.stepCount - 1 - index : index
      let (rows, first) = (steps.counts[step], steps.offsets[step])
      prepareHidden(first * count, rows: rows)
      if index > 0 {
        hiddenWeights.multiply(
          hiddenBefore.base + first * count, rows: rows, into: gates.base + first * 4 * count, from: .sum)
      }
      if decay != .none {
        decomposition.multiply(
          memory.base, rows: rows, into: short.base + first * count,
          from: .bias(parameters + places.decompositionBias))
      }
      cell(step).forward(
        decay: cellDecay(first), memory: memory.base, hidden: hidden.base, output: output + first * outputStride)
    }
  }

  /// Of the forward pass at hand.
  private var outputStride = 0

  private func cell(_ step: Int) -> CellStep {
    let first = steps.offsets[step] * hiddenCount
    return CellStep(
      rows: steps.counts[step], hiddenCount: hiddenCount, gates: gates.base + 4 * first,
      memoryBefore: memoryBefore.base + first, squashed: squashed.base + first, outputStride: outputStride)
  }

  private func cellDecay(_ first: Int) -> CellStep.Decay? {
    guard decay != .none else { return nil }
    return .init(short: short.base + first * hiddenCount, fading: fading.base + first * hiddenCount)
  }

  /// h as the recurrence reads it at a step: decayed and dropped.
  private func prepareHidden(_ first: Int, rows: Int) {
    let target = hiddenBefore.base + first
    target.update(from: hidden.base, count: rows * hiddenCount)
    if meanDecayCount > 0 { scale(target, by: retention.base + first, rows * hiddenCount) }
    if isDropping { scale(target, by: mask.base, rows * hiddenCount) }
  }

  /// Back through time, then the gradients of all weights, each one product over all steps.
  ///
  /// - Parameters:
  ///   - outputSlopes: [P, ·] as `output`.
  ///   - inputSlopes: [P, inputs], added to; nil where nobody asks.
  func backward(
    _ parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, inputs: UnsafePointer<Float>,
    elapsed: UnsafePointer<Float>, outputSlopes: UnsafePointer<Float>, inputSlopes: UnsafeMutablePointer<Float>?
  ) {
    let count = hiddenCount
    hiddenSlopes.base.update(repeating: 0, count: steps.rows * count)
    memorySlopes.base.update(repeating: 0, count: steps.rows * count)
    for index in 0..<steps.stepCount {
      let step = isReverse ? index : steps.stepCount - 1 - index
      let (rows, first) = (steps.counts[step], steps.offsets[step])
      cell(step).backward(
        decay: cellDecay(first), outputSlopes: outputSlopes + first * outputStride, hiddenSlopes: hiddenSlopes.base,
        memorySlopes: memorySlopes.base)
      guard index < steps.stepCount - 1 else { break }
      if decay != .none {
        decompositionBack.multiply(
          short.base + first * count, rows: rows, into: memorySlopes.base, from: .sum)
      }
      hiddenWeightsBack.multiply(gates.base + first * 4 * count, rows: rows, into: hiddenSlopes.base, from: .zero)
      if meanDecayCount > 0 { differentiateRetention(first * count, rows: rows) }
      if isDropping { scale(hiddenSlopes.base, by: mask.base, rows * count) }
    }
    fillGradients(gradient, parameters: parameters, inputs: inputs, elapsed: elapsed)
    if let inputSlopes { fillInputSlopes(parameters, inputSlopes) }
  }

  /// The slopes by h as the recurrence read it, into those by h itself; `retention` ← slopes by its exponent.
  ///
  /// With k = e^−max(a, 0) and h′ = k·h·m: ∂/∂a = −h′·∂/∂h′ where a > 0, which is where k < 1.
  private func differentiateRetention(_ first: Int, rows: Int) {
    let (kept, slopes, read) = (retention.base + first, hiddenSlopes.base, hiddenBefore.base + first)
    for index in 0..<rows * hiddenCount {
      let (share, slope) = (kept[index], slopes[index])
      kept[index] = share < 1 ? -slope * read[index] : 0
      slopes[index] = slope * share
    }
  }

  private func fillGradients(
    _ gradient: UnsafeMutablePointer<Float>, parameters: UnsafePointer<Float>, inputs: UnsafePointer<Float>,
    elapsed: UnsafePointer<Float>
  ) {
    let (count, all) = (hiddenCount, steps.cellCount)
    gateGradients.fill(
      gates.base, cells: all,
      [
        (b: inputs, c: gradient + places.inputWeights),
        (b: UnsafePointer(hiddenBefore.base), c: gradient + places.hiddenWeights),
      ])
    sumRows(gates.base, rows: all, columns: 4 * count, into: gradient + places.gateBias)
    if decay != .none {
      decompositionGradients.fill(
        short.base, cells: all, [(b: UnsafePointer(memoryBefore.base), c: gradient + places.decompositionWeights)])
      sumRows(short.base, rows: all, columns: count, into: gradient + places.decompositionBias)
    }
    fillRateGradient(gradient, parameters: parameters, elapsed: elapsed)
    guard meanDecayCount > 0 else { return }
    // The state before a row's first step is zero whatever decays, and its retention holds no slope.
    let entry = isReverse ? nil : steps.offsets[min(1, steps.stepCount)]
    if let entry { retention.base.update(repeating: 0, count: entry * count) } else { clearReverseEntries() }
    multiply(
      retention.base, .transposed, inputs + 2 * meanDecayCount, .plain, strideB: inputCount, rows: count,
      columns: meanDecayCount, inner: all, into: gradient + places.meanDecayWeights)
    sumRows(retention.base, rows: all, columns: count, into: gradient + places.meanDecayBias)
  }

  /// In reverse the last step of all rows is never differentiated; rows that end before it have slopes of exactly zero there,
  /// for h before a row's first read step is zero.
  private func clearReverseEntries() {
    guard steps.stepCount > 0 else { return }
    let last = steps.stepCount - 1
    (retention.base + steps.offsets[last] * hiddenCount).update(repeating: 0, count: steps.counts[last] * hiddenCount)
  }

  private func fillInputSlopes(_ parameters: UnsafePointer<Float>, _ inputSlopes: UnsafeMutablePointer<Float>) {
    multiply(
      gates.base, .plain, parameters + places.inputWeights, .plain, rows: steps.cellCount, columns: inputCount,
      inner: 4 * hiddenCount, into: inputSlopes, isAdding: true)
    guard meanDecayCount > 0 else { return }
    multiply(
      retention.base, .plain, parameters + places.meanDecayWeights, .plain, rows: steps.cellCount,
      columns: meanDecayCount, inner: hiddenCount, into: inputSlopes + 2 * meanDecayCount, strideC: inputCount,
      isAdding: true)
  }
}
