// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sockets
import Sweeps
import Tracking

/// Writes one batch of records at a time on a thread of its own, so that the session hears its workers and decides while the
/// disk is at work: two batches in flight, one being written and one being filled.
final class CommitThread: Sendable {
  enum Outcome: Sendable {
    case committed
    case failed(TrackerError)
  }

  private struct Order: Sendable {
    let records: [TrackerRecord]
    let at: Int64
  }

  private struct State {
    var next: Order?
    var isEnding = false
  }

  /// Between `init` and `end` only the thread touches it.
  private struct Owned: @unchecked Sendable {
    let store: TrackerStore
  }

  private let state = Locked(State())
  private let ready = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  /// - Parameter report: called on the thread, once for each `commit`.
  init(_ store: TrackerStore, report: @escaping @Sendable (Outcome) -> Void) {
    let owned = Owned(store: store)
    let thread = Thread { [self] in
      while let order = waitForOrder() {
        do throws(TrackerError) {
          try owned.store.commit(order.records, at: order.at)
          report(.committed)
        } catch {
          report(.failed(error))
        }
      }
      ended.signal()
    }
    thread.name = "tracker"
    thread.start()
  }

  /// One at a time: not again before its outcome was reported.
  func commit(_ records: [TrackerRecord], at wallMilliseconds: Int64) {
    state.withLock { $0.next = Order(records: records, at: wallMilliseconds) }
    ready.signal()
  }

  /// Returns when the thread has let go of the store.
  func end() {
    state.withLock { $0.isEnding = true }
    ready.signal()
    ended.wait()
  }

  private func waitForOrder() -> Order? {
    while true {
      ready.wait()
      let (next, isEnding) = state.withLock { state in
        defer { state.next = nil }
        return (state.next, state.isEnding)
      }
      if let next { return next }
      if isEnding { return nil }
    }
  }
}
