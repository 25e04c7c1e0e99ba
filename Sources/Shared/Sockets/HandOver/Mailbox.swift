// SPDX-License-Identifier: Apache-2.0

/// Hands values from any thread to the one that owns a socket, in order, and wakes it.
package final class Mailbox<Item: Sendable>: Sendable {
  package let wake: WakeSignal
  private let items = Locked<[Item]>([])

  package init() throws(SocketError) { wake = try WakeSignal() }

  package func post(_ item: Item) {
    let wasEmpty = items.withLock { items in
      items.append(item)
      return items.count == 1
    }
    // One wake a batch: a wake per item is what costs.
    if wasEmpty { wake.signal() }
  }

  /// Everything posted since the last time, oldest first.
  package func drain() -> [Item] {
    items.withLock { items in
      let drained = items
      items.removeAll(keepingCapacity: true)
      return drained
    }
  }
}
