// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// The values of `body` for 0 ..< `count`, worked out on all cores, in order.
package func concurrentMap<Value: Sendable>(count: Int, _ body: @escaping @Sendable (Int) -> Value) -> [Value] {
  guard count > 1 else { return (0..<count).map(body) }
  let slots = Slots<Value>(count: count)
  DispatchQueue.concurrentPerform(iterations: count) { slots.store(body($0), at: $0) }
  return slots.values
}

/// `@unchecked`: each place is written once, by one thread, and read when all are done.
private final class Slots<Value: Sendable>: @unchecked Sendable {
  private let places: UnsafeMutableBufferPointer<Value?>

  init(count: Int) {
    places = .allocate(capacity: count)
    places.initialize(repeating: nil)
  }

  deinit {
    places.deinitialize()
    places.deallocate()
  }

  func store(_ value: Value, at index: Int) { places[index] = value }

  var values: [Value] { places.compactMap { $0 } }
}
