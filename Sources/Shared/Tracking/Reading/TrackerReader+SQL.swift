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

  package enum RowEvent {
    /// How many rows there are in all views.
    case began(rowCount: Int)
    /// Rows of this view follow, or none.
    case view(String, [SQLTable.Column])
    case row([SQLTable.Value])
  }

  /// Every row of views that belongs to a sweep, one at a time: a view of a large sweep does not fit in memory. All of them
  /// are of one moment.
  ///
  /// - Parameters:
  ///   - views: this program's own words.
  ///   - withKinds: looks at every value first; else all columns are said to be text.
  package func eachRow(
    of views: [String], sweep: String, withKinds: Bool = false, _ body: (RowEvent) throws -> Void
  ) throws {
    try demandViews()
    try queue.read { database in
      let counts = try views.map { view in
        try Int.fetchOne(database, sql: "SELECT count(*) FROM \(view) WHERE sweep = ?", arguments: [sweep]) ?? 0
      }
      try body(.began(rowCount: counts.reduce(0, +)))
      for view in views {
        let statement = try database.makeStatement(sql: "SELECT * FROM \(view) WHERE sweep = ?")
        let kinds = withKinds ? try Self.kinds(of: statement.columnNames, view, sweep, database) : [:]
        // A view without rows still has its columns.
        try body(.view(view, statement.columnNames.map { SQLTable.Column(name: $0, kind: kinds[$0] ?? .text) }))
        let cursor = try Row.fetchCursor(statement, arguments: [sweep])
        while let row = try cursor.next() { try body(.row(row.databaseValues.map { SQLTable.Value($0) })) }
      }
    }
  }

  private static func kinds(
    of columns: [String], _ view: String, _ sweep: String, _ database: Database
  ) throws -> [String: SQLTable.Column.Kind] {
    let looks = columns.flatMap { column in
      ["text", "real", "integer"].map { "max(typeof(\"\(column)\") = '\($0)')" }
    }
    let row = try Row.fetchOne(
      database, sql: "SELECT \(looks.joined(separator: ", ")) FROM \(view) WHERE sweep = ?", arguments: [sweep])
    var kinds: [String: SQLTable.Column.Kind] = [:]
    for (index, column) in columns.enumerated() {
      func has(_ place: Int) -> Bool { (row?[index * 3 + place] as Bool?) ?? false }
      kinds[column] = has(0) ? .text : has(1) ? .real : has(2) ? .integer : .text
    }
    return kinds
  }

  /// Points of learning curves of a sweep: nearly all that an export copies.
  package func curvePointCount(of sweep: SweepSummary) throws(TrackerError) -> Int {
    try read { database in
      try Int.fetchOne(
        database,
        sql: "SELECT count(*) FROM trial t CROSS JOIN curve_point c ON c.trial_id = t.trial_id WHERE t.sweep_id = ?",
        arguments: [sweep.id]) ?? 0
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
    let alarm = DispatchSource.makeTimerSource(queue: .global())
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
