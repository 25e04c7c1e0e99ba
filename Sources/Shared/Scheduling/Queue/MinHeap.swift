// SPDX-License-Identifier: Apache-2.0

/// A binary heap with its smallest element on top. `push` and `popMin` are O(log n).
///
/// - Source: Williams 1964, "Algorithm 232: Heapsort".
struct MinHeap<Element: Comparable & Sendable>: Sendable {
  private var items: [Element] = []

  var count: Int { items.count }
  var min: Element? { items.first }

  mutating func push(_ element: Element) {
    items.append(element)
    var child = items.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard items[child] < items[parent] else { return }
      items.swapAt(child, parent)
      child = parent
    }
  }

  @discardableResult
  mutating func popMin() -> Element? {
    guard let top = items.first, let last = items.popLast() else { return nil }
    if items.isEmpty { return top }
    items[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in (2 * parent + 1)...(2 * parent + 2) where child < items.count && items[child] < items[least] {
        least = child
      }
      if least == parent { return top }
      items.swapAt(parent, least)
      parent = least
    }
  }

  mutating func removeAll(where isUnwanted: (Element) -> Bool) {
    // A sorted array is a heap.
    items = items.filter { !isUnwanted($0) }.sorted()
  }
}
