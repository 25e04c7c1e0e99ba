// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// The write-ahead log's size. SQLite begins it anew once all of it is folded into the file and no reader looks at it; a
/// reader that keeps one transaction open stops that, and the log grows for as long as it does.
extension TrackerStore {
  package static let logBytesMax: Int64 = 64 << 20

  /// A log that has outgrown its limit, and who keeps it from shrinking.
  package struct LongLog: Hashable, Sendable, CustomStringConvertible {
    package let byteCount: Int64
    /// Processes of this machine that hold a read lock, ascending.
    package let readers: [Int32]

    package var description: String {
      let who = readers.isEmpty ? "a reader" : readers.map { "process \($0)" }.joined(separator: ", ")
      return
        "the tracker's log has grown to \(byteCount >> 20) MB because \(who) keeps a transaction open; end it and the log shrinks"
    }
  }

  /// - Returns: `nil` while the log is within `limit`, or nobody is in its way.
  package func longLog(limit: Int64 = logBytesMax) -> LongLog? {
    var log = stat()
    guard stat(path + "-wal", &log) == 0, Int64(log.st_size) > limit else { return nil }
    let readers = Self.readers(of: path + "-shm").filter { $0 != getpid() }
    return readers.isEmpty ? nil : LongLog(byteCount: Int64(log.st_size), readers: readers)
  }

  /// From proc(5), /proc/locks: `1: POSIX ADVISORY READ 4711 fd:00:1234 123 123`. A reader's mark is a shared lock on one of
  /// the bytes 123 to 127 of the index file (SQLite, "WAL-mode File Format", 2.3.1).
  private static func readers(of index: String) -> [Int32] {
    var file = stat()
    guard stat(index, &file) == 0, let text = try? String(contentsOfFile: "/proc/locks", encoding: .utf8) else {
      return []
    }
    let found = text.split(separator: "\n").compactMap { line -> Int32? in
      let words = line.split(separator: " ")
      guard words.count >= 8, words[1] == "POSIX", words[3] == "READ", let process = Int32(words[4]),
        words[5].split(separator: ":").last.flatMap({ UInt64($0) }) == UInt64(file.st_ino),
        let first = Int(words[6]), let last = Int(words[7]), first <= 127, last >= 123
      else { return nil }
      return process
    }
    return Set(found).sorted()
  }
}
