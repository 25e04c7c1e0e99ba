// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sockets

/// A value that another thread will give, once.
final class Ticket<Value: Sendable>: Sendable {
  private let value = Locked<Value?>(nil)
  private let given = DispatchSemaphore(value: 0)

  func give(_ new: Value) {
    let isFirst = value.withLock { value in
      defer { if value == nil { value = new } }
      return value == nil
    }
    if isFirst { given.signal() }
  }

  /// `nil` when the time is over.
  func wait(milliseconds: Int) -> Value? {
    if given.wait(timeout: .now() + .milliseconds(milliseconds)) == .success { given.signal() }
    return value.withLock { $0 }
  }
}
