// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import GRDBSQLite
import Sweeps

/// The tracker's only writer. Lives on the coordinator's loop thread.
///
/// Durable means durable: WAL with `synchronous=FULL`, so a commit that returned survives a power cut. One commit takes all
/// that came together; an fsync each would allow a few hundred results a second.
package final class TrackerStore {
  package let path: String
  /// This start's number: raised and committed before the store is handed out.
  package let epoch: Int64
  let queue: DatabaseQueue
  private let lock: TrackerLock
  var trialRows: [TrialKey: TrialRow] = [:]
  /// Rows of attempts that have not ended, so that a result finds its own without a search.
  var openAttempts: [Attempt: Int64] = [:]
  var workerIDs: [Incarnation: Int64] = [:]
  var metricIDs: [String: Int64] = [:]
  /// Of the commit at hand.
  var totals = SweepTotals()

  struct TrialKey: Hashable {
    let sweep: SweepID
    let number: Int
  }

  struct TrialRow {
    let id: Int64
    var state: TrialState
    /// Counts in no total while it is.
    let isDeleted: Bool
    var hasEnded: Bool { state != .running }
  }

  /// Opens or makes a tracker, and takes it for this process.
  ///
  /// - Throws: `.locked` while another coordinator has it; `.notATracker`, `.damaged`, `.schemaNewer` for files that are
  ///   not to be written; `.networkFileSystem`; `.disk`.
  package init(path: String, codeVersion: String, at wallMilliseconds: Int64) throws(TrackerError) {
    self.path = path
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    try tracking(path) { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
    try FileSystemKind.refuseNetwork(folder: folder.path, tracker: path)
    lock = try TrackerLock(tracker: path)
    let isNew = try makeFile(path)
    queue = try tracking(path) { try DatabaseQueue(path: path, configuration: Self.configuration) }
    try Self.check(queue, path: path, isNew: isNew)
    try Self.demandFullFlushes(queue, path: path)
    let queue = queue
    epoch = try tracking(path) {
      try Schema.bringForward(queue, path: path)
      // After a failed flush the log read here may be whole in the kernel's cache and not on the disk. Folding writes all
      // that this start believes anew, and flushes that; a reader that holds it up only puts it off.
      try queue.writeWithoutTransaction { _ = try $0.checkpoint(.passive) }
      return try queue.write { try Self.raiseEpoch($0, codeVersion: codeVersion, at: wallMilliseconds) }
    }
  }

  /// Folds the write-ahead log into the file. Where that fails nothing is lost: the next start reads the log.
  ///
  /// - Returns: why the log could not be folded, for people.
  @discardableResult
  package func close() throws(TrackerError) -> TrackerError? {
    var unfolded: TrackerError?
    do {
      try tracking(path) { try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) } }
    } catch { unfolded = error }
    try tracking(path) { try queue.close() }
    return unfolded
  }

  /// One transaction, fenced: a coordinator that was taken over writes nothing any more.
  func write<Value>(_ body: (Database) throws -> Value) throws(TrackerError) -> Value {
    do { return try fenced(body) } catch {
      // Row ids that were given out in a transaction that is rolled back name other rows, or none.
      trialRows = [:]
      openAttempts = [:]
      workerIDs = [:]
      metricIDs = [:]
      throw error
    }
  }

  private func fenced<Value>(_ body: (Database) throws -> Value) throws(TrackerError) -> Value {
    try tracking(path) {
      try queue.write { database in
        let found = try Int64.fetchOne(database, sql: "SELECT epoch FROM coordinator")
        guard found == epoch else {
          throw TrackerError(
            code: .fenced, path: path,
            detail: "expected epoch \(epoch), found \(found ?? 0): another coordinator took over; this one must stop")
        }
        return try body(database)
      }
    }
  }

  /// 32 MB at 4 KiB a page: half of what the log may hold.
  private static let logPagesFolded = 8_000
  private static let cacheKibibytes = 64 << 10

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = true
    // Short, for the coordinator's loop stands still meanwhile; it tries again by itself.
    configuration.busyMode = .timeout(2)
    configuration.journalMode = .wal
    configuration.prepareDatabase { database in
      // Pages that many results change are folded into the file once for all of them, and are not read again meanwhile.
      try database.execute(
        sql: """
          PRAGMA journal_size_limit = \(Self.logBytesMax);
          PRAGMA wal_autocheckpoint = \(Self.logPagesFolded);
          PRAGMA cache_size = -\(Self.cacheKibibytes)
          """)
      // Leaves the log behind at the end, without which a read-only reader cannot open the file.
      var isOn: Int32 = 1
      sqlite3_file_control(database.sqliteConnection, "main", SQLITE_FCNTL_PERSIST_WAL, &isOn)
    }
    return configuration
  }

  /// Said again after opening: GRDB's switch to WAL sets `synchronous` to NORMAL, under which a power cut takes commits that
  /// had returned.
  private static func demandFullFlushes(_ queue: DatabaseQueue, path: String) throws(TrackerError) {
    try tracking(path) {
      try queue.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA synchronous = FULL")
        let found = try Int.fetchOne(database, sql: "PRAGMA synchronous") ?? -1
        guard found == 2 else {
          throw TrackerError(code: .failed, path: path, detail: "expected PRAGMA synchronous 2 (FULL), found \(found)")
        }
      }
    }
  }

  private static func check(_ queue: DatabaseQueue, path: String, isNew: Bool) throws(TrackerError) {
    guard !isNew else { return }
    try tracking(path) {
      try queue.read { database in
        // A coordinator that died before the schema was committed leaves an empty file, or the migrator's own table.
        let tables =
          try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> 'grdb_migrations'") ?? 0
        guard tables > 0 else { return }
        try checkSchema(database, path: path)
        let verdict = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? "no answer"
        guard verdict == "ok" else { throw TrackerError(code: .damaged, path: path, detail: verdict) }
      }
    }
  }

  static func checkSchema(_ database: Database, path: String) throws {
    let application = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    guard application == Schema.applicationID else {
      throw TrackerError(
        code: .notATracker, path: path, detail: "it is another program's SQLite file; name another path")
    }
    let version = try Int32.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    guard version <= Schema.version else {
      throw TrackerError(
        code: .schemaNewer, path: path,
        detail: "expected schema \(Schema.version) or older, found \(version); use a newer muster")
    }
  }

  private static func raiseEpoch(_ database: Database, codeVersion: String, at wallMilliseconds: Int64) throws -> Int64
  {
    try database.execute(
      sql: """
        INSERT INTO coordinator(one, epoch, host, pid, started_ms, code_version) VALUES(1, 1, ?, ?, ?, ?)
        ON CONFLICT(one) DO UPDATE SET epoch = epoch + 1, host = excluded.host, pid = excluded.pid,
          started_ms = excluded.started_ms, code_version = excluded.code_version
        """,
      arguments: [ProcessInfo.processInfo.hostName, Int64(getpid()), wallMilliseconds, codeVersion])
    return try Int64.fetchOne(database, sql: "SELECT epoch FROM coordinator") ?? 1
  }
}

/// SQLite gives the log and its index the mode of the file, so it must have it before they are made.
///
/// - Returns: whether the file is new.
private func makeFile(_ path: String) throws(TrackerError) -> Bool {
  let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
  guard descriptor >= 0 else {
    if errno == EEXIST { return false }
    throw TrackerError(
      code: .unwritable, path: path, detail: "cannot be made: \(String(cString: strerror(errno)))")
  }
  close(descriptor)
  return true
}
