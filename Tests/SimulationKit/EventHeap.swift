// SPDX-License-Identifier: Apache-2.0

/// Events of virtual time, by (time, order of insertion): ties are first in, first out, so a seed replays exactly.
struct EventHeap<Event> {
  private var items: [(time: Int64, number: Int, event: Event)] = []
  private var insertionCount = 0

  var isEmpty: Bool { items.isEmpty }

  mutating func push(_ event: Event, at time: Int64) {
    insertionCount += 1
    items.append((time, insertionCount, event))
    var child = items.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard isBefore(child, parent) else { return }
      items.swapAt(child, parent)
      child = parent
    }
  }

  mutating func pop() -> (time: Int64, event: Event)? {
    guard let top = items.first, let last = items.popLast() else { return nil }
    if items.isEmpty { return (top.time, top.event) }
    items[0] = last
    var parent = 0
    while true {
      var least = parent
      let left = 2 * parent + 1
      if left < items.count, isBefore(left, least) { least = left }
      if left + 1 < items.count, isBefore(left + 1, least) { least = left + 1 }
      if least == parent { return (top.time, top.event) }
      items.swapAt(parent, least)
      parent = least
    }
  }

  private func isBefore(_ a: Int, _ b: Int) -> Bool {
    (items[a].time, items[a].number) < (items[b].time, items[b].number)
  }
}
