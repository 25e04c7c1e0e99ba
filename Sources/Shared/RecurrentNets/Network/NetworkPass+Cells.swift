// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

extension NetworkPass {
  /// The LSTM over all steps: one product for the inputs of all steps, one a step for the recurrence and, with decay,
  /// one more for the split of the memory.
  func runCells(_ parameters: UnsafePointer<Float>) {
    let space = workspace
    let (stepCount, hidden) = (space.stepCount, shape.hiddenCount)
    let gateCount = 4 * hidden
    let stride = rows * hidden
    fillRows(space.gates, rows: stepCount * rows, columns: gateCount, with: parameters + layout.start(.gateBias))
    multiply(
      space.inputs, .plain, parameters + layout.start(.inputWeights), .transposed, rows: stepCount * rows,
      columns: gateCount, inner: shape.inputCount, into: space.gates, isAdding: true)
    // A smaller mini-batch before this one may have left its states here.
    space.hidden.update(repeating: 0, count: stride)
    space.memory.update(repeating: 0, count: stride)
    let cell = TimeAwareCell(rows: rows, hiddenCount: hidden)
    for step in 0..<stepCount {
      let gates = space.gates + step * rows * gateCount
      let memoryBefore = space.memory + step * stride
      if step > 0 {
        multiply(
          space.hidden + step * stride, .plain, parameters + layout.start(.hiddenWeights), .transposed, rows: rows,
          columns: gateCount, inner: hidden, into: gates, isAdding: true)
      }
      if shape.decay != .none { projectShort(parameters, memoryBefore, step: step) }
      cell.forward(
        gates: gates, decay: decay(step), memoryBefore: memoryBefore, memory: space.memory + (step + 1) * stride,
        squashed: space.squashed + step * stride, hidden: space.hidden + (step + 1) * stride)
    }
  }

  /// Back through time, then the gradients of all weights, each one product over all steps.
  func runCellsBackward(_ parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>) {
    let space = workspace
    let (stepCount, hidden) = (space.stepCount, shape.hiddenCount)
    let gateCount = 4 * hidden
    let stride = rows * hidden
    space.memorySlopes.update(repeating: 0, count: stride)
    let cell = TimeAwareCell(rows: rows, hiddenCount: hidden)
    for step in Swift.stride(from: stepCount - 1, through: 0, by: -1) {
      let gates = space.gates + step * rows * gateCount
      cell.backward(
        gates: gates, decay: decay(step), memoryBefore: space.memory + step * stride,
        squashed: space.squashed + step * stride, hiddenSlopes: space.hiddenSlopes + step * stride,
        memorySlopes: space.memorySlopes)
      guard step > 0 else { break }
      if shape.decay != .none {
        multiply(
          space.short + step * stride, .plain, parameters + layout.start(.decompositionWeights), .plain, rows: rows,
          columns: hidden, inner: hidden, into: space.memorySlopes, isAdding: true)
      }
      multiply(
        gates, .plain, parameters + layout.start(.hiddenWeights), .plain, rows: rows, columns: hidden,
        inner: gateCount, into: space.hiddenSlopes + (step - 1) * stride, isAdding: true)
    }
    fillCellGradients(gradient)
  }

  private func fillCellGradients(_ gradient: UnsafeMutablePointer<Float>) {
    let space = workspace
    let hidden = shape.hiddenCount
    let all = space.stepCount * rows
    multiply(
      space.gates, .transposed, space.inputs, .plain, rows: 4 * hidden, columns: shape.inputCount, inner: all,
      into: gradient + layout.start(.inputWeights))
    multiply(
      space.gates, .transposed, space.hidden, .plain, rows: 4 * hidden, columns: hidden, inner: all,
      into: gradient + layout.start(.hiddenWeights))
    sumRows(space.gates, rows: all, columns: 4 * hidden, into: gradient + layout.start(.gateBias))
    guard shape.decay != .none else { return }
    multiply(
      space.short, .transposed, space.memory, .plain, rows: hidden, columns: hidden, inner: all,
      into: gradient + layout.start(.decompositionWeights))
    sumRows(space.short, rows: all, columns: hidden, into: gradient + layout.start(.decompositionBias))
  }

  /// The sums before tanh of the short-term memory; at the first step the memory is zero and only the bias is left.
  private func projectShort(_ parameters: UnsafePointer<Float>, _ memory: UnsafePointer<Float>, step: Int) {
    let hidden = shape.hiddenCount
    let short = workspace.short + step * rows * hidden
    fillRows(short, rows: rows, columns: hidden, with: parameters + layout.start(.decompositionBias))
    guard step > 0 else { return }
    multiply(
      memory, .plain, parameters + layout.start(.decompositionWeights), .transposed, rows: rows, columns: hidden,
      inner: hidden, into: short, isAdding: true)
  }

  private func decay(_ step: Int) -> TimeAwareCell.Decay? {
    guard shape.decay != .none else { return nil }
    return .init(short: workspace.short + step * rows * shape.hiddenCount, fading: workspace.fading + step * rows)
  }
}
