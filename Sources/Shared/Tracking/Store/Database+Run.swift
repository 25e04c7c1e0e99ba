// SPDX-License-Identifier: Apache-2.0

import GRDB
import GRDBSQLite
import Hyperparameters

/// A value that is bound to a statement as it is: the recording of a result runs seven statements, and boxing their arguments
/// cost as much as SQLite's own work.
protocol Bindable {
  func bind(to statement: OpaquePointer, at position: Int32) -> Int32
}

extension Int64: Bindable {
  func bind(to statement: OpaquePointer, at position: Int32) -> Int32 { sqlite3_bind_int64(statement, position, self) }
}

extension Int: Bindable {
  func bind(to statement: OpaquePointer, at position: Int32) -> Int32 {
    Int64(self).bind(to: statement, at: position)
  }
}

extension Double: Bindable {
  /// SQLite stores NaN as NULL.
  func bind(to statement: OpaquePointer, at position: Int32) -> Int32 { sqlite3_bind_double(statement, position, self) }
}

extension String: Bindable {
  func bind(to statement: OpaquePointer, at position: Int32) -> Int32 {
    // SQLITE_TRANSIENT, a macro that Swift does not import: SQLite copies the text.
    let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    var text = self
    return text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        sqlite3_bind_text(statement, position, $0.baseAddress, Int32($0.count), copies)
      }
    }
  }
}

extension Optional: Bindable where Wrapped: Bindable {
  func bind(to statement: OpaquePointer, at position: Int32) -> Int32 {
    switch self {
    case .some(let value): value.bind(to: statement, at: position)
    case .none: sqlite3_bind_null(statement, position)
    }
  }
}

extension ParameterValue: Bindable {
  /// SQLite has no truth values: a flag is 0 or 1.
  func bind(to statement: OpaquePointer, at position: Int32) -> Int32 {
    switch self {
    case .integer(let integer): integer.bind(to: statement, at: position)
    case .real(let real): real.bind(to: statement, at: position)
    case .text(let text): text.bind(to: statement, at: position)
    case .flag(let flag): (flag ? 1 : 0).bind(to: statement, at: position)
    }
  }
}

extension Database {
  /// Executes a statement that gives no rows, prepared once.
  ///
  /// - Throws: `DatabaseError` with SQLite's extended code.
  func run<each Value: Bindable>(_ sql: String, _ values: repeat each Value) throws {
    let statement = try cachedStatement(sql: sql).sqliteStatement
    defer { sqlite3_reset(statement) }
    var position: Int32 = 0
    for value in repeat each values {
      position += 1
      guard value.bind(to: statement, at: position) == SQLITE_OK else { throw lastError(sql) }
    }
    guard position == sqlite3_bind_parameter_count(statement) else {
      throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "\(position) values bound", sql: sql)
    }
    guard sqlite3_step(statement) == SQLITE_DONE else { throw lastError(sql) }
  }

  private func lastError(_ sql: String) -> DatabaseError {
    DatabaseError(
      resultCode: ResultCode(rawValue: sqlite3_extended_errcode(sqliteConnection)),
      message: String(cString: sqlite3_errmsg(sqliteConnection)), sql: sql)
  }
}
