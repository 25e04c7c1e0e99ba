// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Wakes a socket thread out of its wait, from any thread: an eventfd(2).
package final class WakeSignal: Sendable {
  let descriptor: Int32

  package init() throws(SocketError) {
    descriptor = czeromq_eventfd()
    guard descriptor >= 0 else {
      throw SocketError(code: .failed, endpoint: "eventfd", detail: String(cString: strerror(errno)))
    }
  }

  deinit { close(descriptor) }

  package func signal() {
    var one: UInt64 = 1
    // Fails only when the counter is full, and then the thread is awake anyway.
    _ = write(descriptor, &one, 8)
  }

  /// Waits for the signal alone: for a thread that has no socket yet.
  package func wait(milliseconds: Int32) {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    poll(&entry, 1, milliseconds)
    clear()
  }

  func clear() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, 8)
  }
}
