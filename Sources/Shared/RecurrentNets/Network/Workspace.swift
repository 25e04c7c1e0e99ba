// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

/// Everything that a forward and a backward pass over one mini-batch write, allocated once.
///
/// A mini-batch of fewer rows than `rowCountMax` uses the front of each array, without gaps.
final class Workspace {
  let rowCountMax: Int
  let stepCount: Int
  private let slab: UnsafeMutablePointer<Float>

  /// [T, B, I]
  let inputs: UnsafeMutablePointer<Float>
  /// [T, B, 4H]: sums, then i, f, g, o, then slopes by the sums.
  let gates: UnsafeMutablePointer<Float>
  /// [T, B, H]: short-term memory, then slopes by its sums; empty without decay.
  let short: UnsafeMutablePointer<Float>
  /// [T, B]: 1 − g(Δ); empty without decay.
  let fading: UnsafeMutablePointer<Float>
  /// [T + 1, B, H]; the first step is zero.
  let memory: UnsafeMutablePointer<Float>
  /// [T + 1, B, H]; the first step is zero.
  let hidden: UnsafeMutablePointer<Float>
  /// [T, B, H]: tanh of the memory.
  let squashed: UnsafeMutablePointer<Float>
  /// [T, B, H]
  let hiddenSlopes: UnsafeMutablePointer<Float>
  /// [B, H]
  let memorySlopes: UnsafeMutablePointer<Float>
  /// [T, B, H]
  let projected: UnsafeMutablePointer<Float>
  /// [T, B]
  let shares: UnsafeMutablePointer<Float>
  /// [B, H + S]: pooled state and statics, after dropout.
  let features: UnsafeMutablePointer<Float>
  /// [B, H + S]
  let featureSlopes: UnsafeMutablePointer<Float>
  /// [B, H + S]: 0 or 1/(1 − dropout).
  let mask: UnsafeMutablePointer<Float>
  /// [B]
  let outputs: UnsafeMutablePointer<Float>
  /// [B]
  let outputSlopes: UnsafeMutablePointer<Float>
  /// [max(2B, T)]
  let scratch: UnsafeMutablePointer<Float>

  init(_ shape: NetworkShape, rowCountMax: Int, stepCount: Int) {
    self.rowCountMax = rowCountMax
    self.stepCount = stepCount
    let counts = Self.counts(shape, rowCountMax: rowCountMax, stepCount: stepCount)
    let total = counts.reduce(0, +)
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: max(total, 1) * 4, alignment: 64)
    slab = bytes.bindMemory(to: Float.self, capacity: max(total, 1))
    slab.initialize(repeating: 0, count: total)
    var starts: [UnsafeMutablePointer<Float>] = []
    var next = slab
    for count in counts {
      starts.append(next)
      next += count
    }
    (inputs, gates, short, fading) = (starts[0], starts[1], starts[2], starts[3])
    (memory, hidden, squashed, hiddenSlopes) = (starts[4], starts[5], starts[6], starts[7])
    (memorySlopes, projected, shares) = (starts[8], starts[9], starts[10])
    (features, featureSlopes, mask) = (starts[11], starts[12], starts[13])
    (outputs, outputSlopes, scratch) = (starts[14], starts[15], starts[16])
  }

  deinit { slab.deallocate() }

  /// Bytes that a workspace of this size takes; a real number, for the product may pass any integer.
  static func byteCount(_ shape: NetworkShape, rowCountMax: Int, stepCount: Int) -> Double {
    let perCell = Double(shape.inputCount) + 10 * Double(shape.hiddenCount) + 2
    return 4 * Double(rowCountMax) * (Double(stepCount + 1) * perCell + 4 * Double(shape.featureCount))
  }

  /// Floats of each array in the order of the properties, each a multiple of a cache line's sixteen.
  private static func counts(_ shape: NetworkShape, rowCountMax: Int, stepCount: Int) -> [Int] {
    let cells = rowCountMax * stepCount
    let hidden = shape.hiddenCount
    let decayed = shape.decay == .none ? 0 : 1
    let features = rowCountMax * shape.featureCount
    let wanted = [
      cells * shape.inputCount, cells * 4 * hidden, decayed * cells * hidden, decayed * cells,
      (cells + rowCountMax) * hidden, (cells + rowCountMax) * hidden, cells * hidden, cells * hidden,
      rowCountMax * hidden, cells * hidden, cells, features, features, features, rowCountMax, rowCountMax,
      max(2 * rowCountMax, stepCount),
    ]
    return wanted.map { ($0 + 15) / 16 * 16 }
  }
}
