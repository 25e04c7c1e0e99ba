// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Which rows were found to be as promised. Set once each, by any thread, and never unset.
///
/// `@unchecked`: every access is atomic, and the memory lives as long as `self`.
final class RowMarks: @unchecked Sendable {
  private let marks: UnsafeMutableBufferPointer<Atomic<Bool>>

  init(count: Int) {
    marks = .allocate(capacity: count)
    for i in 0..<count { marks.initializeElement(at: i, to: Atomic(false)) }
  }

  deinit {
    _ = marks.deinitialize()
    marks.deallocate()
  }

  func contains(_ i: Int) -> Bool { marks[i].load(ordering: .acquiring) }

  func insert(_ i: Int) { marks[i].store(true, ordering: .releasing) }
}
