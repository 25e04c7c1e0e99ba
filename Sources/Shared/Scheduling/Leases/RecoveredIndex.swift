// SPDX-License-Identifier: Apache-2.0

import Sweeps

/// What the tracker knew, looked up by task in O(log n).
struct RecoveredIndex: Sendable {
  private let sweep: RecoveredSweep

  init(_ sweep: RecoveredSweep) {
    self.sweep = sweep
    precondition(Self.isAscending(sweep.done.map(\.task)), "recovered results are not ascending by task")
    precondition(Self.isAscending(sweep.open.map(\.task)), "recovered open tasks are not ascending by task")
    precondition(Self.isAscending(sweep.quarantined), "recovered quarantined tasks are not ascending")
  }

  func done(_ task: TrialTask) -> RecoveredSweep.Done? { Self.find(task, in: sweep.done, by: \.task) }
  func open(_ task: TrialTask) -> RecoveredSweep.Open? { Self.find(task, in: sweep.open, by: \.task) }
  func isQuarantined(_ task: TrialTask) -> Bool { Self.find(task, in: sweep.quarantined, by: \.self) != nil }

  private static func find<Item>(_ task: TrialTask, in items: [Item], by key: (Item) -> TrialTask) -> Item? {
    var low = 0
    var high = items.count
    while low < high {
      let middle = (low + high) / 2
      if key(items[middle]) < task { low = middle + 1 } else { high = middle }
    }
    return low < items.count && key(items[low]) == task ? items[low] : nil
  }

  private static func isAscending(_ tasks: [TrialTask]) -> Bool { zip(tasks, tasks.dropFirst()).allSatisfy { $0 < $1 } }
}
