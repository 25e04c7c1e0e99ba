// SPDX-License-Identifier: Apache-2.0

/// Where the cells of a ragged mini-batch lie: rows by falling length, so that step t holds the rows 0..<counts[t] without
/// gaps from cell offsets[t] on, and padding costs nothing.
///
/// - Source: the layout of PyTorch's PackedSequence.
final class PackedSteps {
  let rowCountMax: Int
  let stepCountMax: Int
  /// Rows of the mini-batch that is loaded, and its longest row's steps.
  private(set) var rows = 0
  private(set) var stepCount = 0
  /// Σ lengths
  private(set) var cellCount = 0
  /// Rows of each step, then 0.
  private(set) var counts: [Int]
  /// First cell of each step, then `cellCount`.
  private(set) var offsets: [Int]
  /// The slot of each loaded row, in the order in which they were given.
  private(set) var slots: [Int]
  private var taken: [Int]

  init(rowCountMax: Int, stepCountMax: Int) {
    self.rowCountMax = rowCountMax
    self.stepCountMax = stepCountMax
    counts = [Int](repeating: 0, count: stepCountMax + 1)
    offsets = [Int](repeating: 0, count: stepCountMax + 1)
    taken = [Int](repeating: 0, count: stepCountMax + 1)
    slots = [Int](repeating: 0, count: rowCountMax)
  }

  /// Lays out rows of these lengths, each at least 1. A counting sort: rows of one length keep their order.
  func lay(rows: Int, length: (Int) -> Int) {
    self.rows = rows
    stepCount = 0
    for step in counts.indices {
      counts[step] = 0
      taken[step] = 0
    }
    for row in 0..<rows {
      counts[length(row) - 1] += 1
      stepCount = max(stepCount, length(row))
    }
    // From rows that end with a step to rows that reach it.
    for step in stride(from: stepCount - 2, through: 0, by: -1) { counts[step] += counts[step + 1] }
    cellCount = 0
    for step in 0..<stepCount {
      offsets[step] = cellCount
      cellCount += counts[step]
    }
    offsets[stepCount] = cellCount
    for row in 0..<rows {
      let steps = length(row)
      slots[row] = counts[steps] + taken[steps]
      taken[steps] += 1
    }
  }
}
