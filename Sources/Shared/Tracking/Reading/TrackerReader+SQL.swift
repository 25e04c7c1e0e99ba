// SPDX-License-Identifier: Apache-2.0

import Dispatch
import GRDB
import GRDBSQLite

/// What a statement of somebody else's may cost.
package struct SQLLimits: Sendable {
  package let rowCount: Int
  package let milliseconds: Int

  package init(rowCount: Int, milliseconds: Int) { (self.rowCount, self.milliseconds) = (rowCount, milliseconds) }

  package static let none = SQLLimits(rowCount: .max, milliseconds: .max)
}

extension TrackerReader {
  /// Bytes of one text or row: without this `randomblob(999999999)` is a gigabyte.
  static func limitLengths(_ database: Database) {
    sqlite3_limit(database.sqliteConnection, SQLITE_LIMIT_LENGTH, 16_000_000)
  }

  /// One read-only statement.
  ///
  /// - Throws: `.refused` for anything that is not one SELECT, VALUES, WITH or EXPLAIN; `.overLimit` where it took too long;
  ///   `.failed` with SQLite's words.
  package func sql(_ text: String, limits: SQLLimits = .none) throws(TrackerError) -> SQLTable {
    let first = Self.withoutComments(text).prefix { $0.isLetter }.uppercased()
    guard ["SELECT", "WITH", "VALUES", "EXPLAIN"].contains(first) else {
      throw TrackerError(
        code: .refused, path: self.path,
        detail: "expected one SELECT, WITH, VALUES or EXPLAIN; the tracker is read-only here")
    }
    return try read(limits) { database in
      let statement = try database.makeStatement(sql: text)
      guard statement.isReadonly else {
        throw TrackerError(
          code: .refused, path: self.path, detail: "the statement would write; the tracker is read-only here")
      }
      return try Self.rows(of: statement, limit: limits.rowCount)
    }
  }

  /// A query of this program's own, on the views and tables of schema 3 and later.
  package func query(
    _ sql: String, _ arguments: [String: SQLTable.Value] = [:]
  ) throws(TrackerError) -> SQLTable {
    try demandViews()
    return try read { database in
      // Kept by the connection: pages ask the same again and again.
      let statement = try database.cachedStatement(sql: sql)
      try statement.setArguments(StatementArguments(arguments.mapValues(\.databaseValue)))
      return try Self.rows(of: statement, limit: .max)
    }
  }

  /// Every row of a view that belongs to a sweep, one at a time: a view of a large sweep does not fit in memory. All of them
  /// are of one moment.
  ///
  /// - Parameter views: this program's own words.
  package func eachRow(
    of views: [String], sweep: String,
    _ body: (_ view: String, _ columns: [String], _ row: [SQLTable.Value]?) throws -> Void
  ) throws {
    try demandViews()
    try queue.read { database in
      for view in views {
        let statement = try database.makeStatement(sql: "SELECT * FROM \(view) WHERE sweep = ?")
        let cursor = try Row.fetchCursor(statement, arguments: [sweep])
        // A view without rows still has its columns.
        try body(view, statement.columnNames, nil)
        while let row = try cursor.next() {
          try body(view, statement.columnNames, row.databaseValues.map { SQLTable.Value($0) })
        }
      }
    }
  }

  /// Changes whenever another connection has committed; means nothing by itself.
  package func dataVersion() throws(TrackerError) -> Int {
    try read { try Int.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
  }

  private static func rows(of statement: Statement, limit: Int) throws -> SQLTable {
    let cursor = try Row.fetchCursor(statement)
    var rows: [[SQLTable.Value]] = []
    while let row = try cursor.next() {
      if rows.count == limit { return SQLTable(columns: statement.columnNames, rows: rows, isCut: true) }
      rows.append(row.databaseValues.map { SQLTable.Value($0) })
    }
    return SQLTable(columns: statement.columnNames, rows: rows)
  }

  private func read<Value>(
    _ limits: SQLLimits, _ body: @escaping (Database) throws -> Value
  ) throws(TrackerError) -> Value {
    guard limits.milliseconds < .max else { return try read(body) }
    let queue = queue
    // What begins after the interrupt is not stopped by it, so one that comes too late stops nothing.
    let alarm = DispatchSource.makeTimerSource(queue: .global(qos: .userInitiated))
    alarm.schedule(deadline: .now() + .milliseconds(limits.milliseconds))
    alarm.setEventHandler { queue.interrupt() }
    alarm.activate()
    defer { alarm.cancel() }
    do {
      return try queue.read(body)
    } catch let error as DatabaseError where error.resultCode == .SQLITE_INTERRUPT {
      throw TrackerError(
        code: .overLimit, path: path,
        detail: "stopped after \(limits.milliseconds) ms; ask for less, or give it more time")
    } catch {
      throw TrackerError.wrapping(error, path: path)
    }
  }

  /// From the first word on: what is copied from a page brings its comment along.
  private static func withoutComments(_ text: String) -> Substring {
    var rest = text.drop { $0.isWhitespace }
    while rest.hasPrefix("--") { rest = rest.drop { !$0.isNewline }.drop { $0.isWhitespace } }
    return rest
  }
}
