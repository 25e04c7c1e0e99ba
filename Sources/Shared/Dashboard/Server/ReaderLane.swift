// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Tracking

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A reader of the tracker on a queue of its own: a slow statement holds up its lane and no event loop.
///
/// `reader` and `inode` are touched on `queue` alone, which runs one block at a time.
final class ReaderLane: @unchecked Sendable {
  private let path: String
  private let queue: DispatchQueue
  private var reader: TrackerReader?
  private var inode: UInt64 = 0

  init(path: String, name: String) {
    self.path = path
    queue = DispatchQueue(label: "muster.dashboard." + name)
  }

  func run<Value: Sendable>(_ body: @escaping @Sendable (TrackerReader) throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try body(self.opened()) }) }
    }
  }

  /// Opened anew where another file has taken the name: a backup that was put back.
  private func opened() throws -> TrackerReader {
    var status = stat()
    let found = stat(path, &status) == 0 ? UInt64(status.st_ino) : 0
    if let reader, found == inode { return reader }
    reader = nil
    let opened = try TrackerReader(path: path)
    (reader, inode) = (opened, found)
    return opened
  }
}
