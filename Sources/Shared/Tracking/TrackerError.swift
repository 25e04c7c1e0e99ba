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
    /// Another coordinator holds it.
    case locked
    /// A later coordinator has taken it over.
    case fenced
    case specChanged = "sweep changed"
    case networkFileSystem = "network file system"
    /// The disk is full or fails; what was not acknowledged is not recorded. Start again from disk.
    case disk
    case busy
    case refused
    case notFound = "not found"
    case failed
  }

  package let code: Code
  package let path: String
  package let detail: String

  package var description: String { "tracker \(path): \(code.rawValue): \(detail)" }

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
    case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN:
      return TrackerError(code: .disk, path: path, detail: "\(text); free space or check the disk, then start again")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return TrackerError(code: .busy, path: path, detail: "\(text); another program holds a lock on it")
    default: return TrackerError(code: .failed, path: path, detail: "\(error.extendedResultCode): \(text)")
    }
  }
}

/// Runs `body` and gives its errors as this module's.
func tracking<Value>(_ path: String, _ body: () throws -> Value) throws(TrackerError) -> Value {
  do { return try body() } catch { throw TrackerError.wrapping(error, path: path) }
}
