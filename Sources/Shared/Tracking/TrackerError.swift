// SPDX-License-Identifier: Apache-2.0

import GRDB

/// A tracker that could not be opened, read or written.
package struct TrackerError: Error, Sendable, CustomStringConvertible {
  package enum Code: String, Hashable, Sendable {
    case missing
    /// Not SQLite, or another program's SQLite file.
    case notATracker = "not a tracker"
    case damaged
    case schemaNewer = "schema too new"
    /// Readable, but without what was asked for.
    case schemaOlder = "schema too old"
    /// Another coordinator holds it.
    case locked
    /// A later coordinator has taken it over.
    case fenced
    case specChanged = "sweep changed"
    case networkFileSystem = "network file system"
    /// It cannot be written just now: the disk is full, a write failed, the file system became read-only, or another
    /// program holds a lock. Nothing of the commit is recorded; the same commit may be tried again.
    case unwritable = "cannot be written now"
    /// Flushing to the disk failed. What the kernel did not write it may have dropped, and a second flush would report
    /// success over the hole: end, and start again from what is on disk.
    case disk = "disk failed"
    case busy
    case refused
    case notFound = "not found"
    /// A statement took longer than it was given.
    case overLimit = "over its limit"
    case failed
  }

  package let code: Code
  package let path: String
  package let detail: String

  package var description: String { "tracker \(path): \(code.rawValue): \(detail)" }

  /// Whether the same commit may succeed later, with nothing lost by waiting.
  package var isWorthWaiting: Bool { code == .unwritable || code == .busy }

  static func wrapping(_ error: any Error, path: String) -> TrackerError {
    if let own = error as? TrackerError { return own }
    guard let error = error as? DatabaseError else {
      return TrackerError(code: .failed, path: path, detail: "\(error)")
    }
    let text = error.message ?? error.resultCode.description
    switch error.resultCode {
    case .SQLITE_NOTADB:
      return TrackerError(code: .notATracker, path: path, detail: "expected an SQLite file: \(text)")
    case .SQLITE_CORRUPT:
      return TrackerError(code: .damaged, path: path, detail: "\(text); restore it from a backup")
    case .SQLITE_IOERR where hasFailedToFlush(error.extendedResultCode):
      return TrackerError(
        code: .disk, path: path,
        detail: "\(text) while flushing: all that was acknowledged is safe; check the disk, then start again")
    case .SQLITE_FULL:
      return TrackerError(code: .unwritable, path: path, detail: "\(text); free space on its disk")
    case .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN:
      return TrackerError(code: .unwritable, path: path, detail: "\(text); check its disk and its folder's permissions")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return TrackerError(code: .busy, path: path, detail: "\(text); another program holds a lock on it")
    default: return TrackerError(code: .failed, path: path, detail: "\(error.extendedResultCode): \(text)")
    }
  }

  /// Pages whose flush failed are marked clean by the kernel, written or not (see "Can Applications Recover from fsync
  /// Failures?", Rebello et al., USENIX ATC 2020). A failed write(2) leaves nothing behind: SQLite rolls back, and
  /// the next try writes the same frames of the log anew.
  private static func hasFailedToFlush(_ code: ResultCode) -> Bool {
    switch code {
    case .SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC, .SQLITE_IOERR_CLOSE, .SQLITE_IOERR_DATA,
      .SQLITE_IOERR_CORRUPTFS:
      true
    default: false
    }
  }
}

/// Runs `body` and gives its errors as this module's.
func tracking<Value>(_ path: String, _ body: () throws -> Value) throws(TrackerError) -> Value {
  do { return try body() } catch { throw TrackerError.wrapping(error, path: path) }
}
