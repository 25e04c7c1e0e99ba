// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

extension Schema {
  /// Takes a tracker to this version's schema; one that holds anything is copied first, to `<tracker>.schema<N>.backup`.
  /// Only for the holder of the tracker's lock.
  static func bringForward(_ queue: DatabaseQueue, path: String) throws {
    let found = try queue.read { try Int32.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
    if found > 0 && found < version {
      // One that is there already was made by a start that ended before the migration was committed: the same content.
      let backup = backupPath(of: path, schema: found)
      try? FileManager.default.removeItem(atPath: backup)
      try TrackerCopy.make(of: queue, at: backup)
    }
    try migrator.migrate(queue)
  }

  static func backupPath(of path: String, schema: Int32) -> String { "\(path).schema\(schema).backup" }
}

/// A whole copy of a tracker at one moment, as one file without a log.
enum TrackerCopy {
  /// On disk when it returns, or not there at all under its name.
  ///
  /// - Throws: `.refused` where something of that name exists.
  static func make(of queue: DatabaseQueue, at path: String) throws {
    let part = path + ".part"
    removeWithLogs(part)
    do {
      // SQLite's backup and not VACUUM INTO, which fails on a read-only connection where a table has a generated column
      // (seen with 3.40.1). All pages in one step: a writer is not held up, and cannot make it begin anew.
      let target = try DatabaseQueue(path: part)
      try queue.backup(to: target)
      // The copy would need its log's index beside it, or a folder that can be written, to be read at all.
      try target.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
      try target.close()
      try flush(part)
      // link(2) takes no name that is in use, which rename(2) would.
      guard link(part, path) == 0 else {
        let isThere = errno == EEXIST
        throw TrackerError(
          code: isThere ? .refused : .unwritable, path: path,
          detail: isThere ? "there is such a file already; name another" : String(cString: strerror(errno)))
      }
      unlink(part)
      try flush(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    } catch {
      removeWithLogs(part)
      throw error
    }
  }

  private static func removeWithLogs(_ path: String) {
    for end in ["", "-journal", "-wal", "-shm"] { unlink(path + end) }
  }

  private static func flush(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure(path) }
  }

  private static func failure(_ path: String) -> TrackerError {
    TrackerError(
      code: .unwritable, path: path, detail: "the copy could not be flushed: \(String(cString: strerror(errno)))")
  }
}
