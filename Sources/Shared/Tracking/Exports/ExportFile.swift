// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// A real as JSON that reads back as the same bits: SQLite's own text has 15 digits, and its longer one is not exact.
func exactText(_ value: String) -> String { "muster_exact(\(value))" }

private let exactFunction = DatabaseFunction("muster_exact", argumentCount: 1, pure: true) { values in
  guard let value = Double.fromDatabaseValue(values[0]), value.isFinite else { return "null" }
  return "\(value)"
}

/// Another tool's SQLite file, filled from the tracker: there whole under its name, or not at all.
final class ExportFile {
  private let source: Database
  private let target: Database
  private let progress: (Int) -> Void
  private var rowCount = 0

  private init(source: Database, target: Database, progress: @escaping (Int) -> Void) {
    self.source = source
    self.target = target
    self.progress = progress
  }

  /// All reads are of one moment of the tracker.
  ///
  /// - Parameter progress: told of every row.
  /// - Throws: `.refused` where `path` exists.
  static func write(
    _ path: String, from reader: TrackerReader, progress: @escaping (Int) -> Void, _ body: (ExportFile) throws -> Void
  ) throws(TrackerError) {
    try reader.demandViews()
    try tracking(path) { try refuse(existing: path) }
    let part = path + ".part"
    removeExport(part)
    do {
      try tracking(path) {
        let queue = try DatabaseQueue(path: part)
        try reader.queue.read { source in
          source.add(function: exactFunction)
          try queue.write { target in try body(ExportFile(source: source, target: target, progress: progress)) }
        }
        try queue.close()
        // The tool that opens it is to find no half-written page after a power cut.
        let descriptor = open(part, O_RDONLY | O_CLOEXEC)
        if descriptor >= 0 {
          fsync(descriptor)
          close(descriptor)
        }
        guard link(part, path) == 0 else {
          try refuse(existing: path)
          throw TrackerError(code: .unwritable, path: path, detail: String(cString: strerror(errno)))
        }
      }
      removeExport(part)
    } catch {
      removeExport(part)
      throw error
    }
  }

  /// Statements for the new file.
  func run(_ sql: String, _ arguments: StatementArguments = []) throws {
    try target.execute(sql: sql, arguments: arguments)
  }

  /// Every row of a query on the tracker, into a table of the new file that has as many columns.
  func copy(into table: String, _ query: String, _ arguments: StatementArguments) throws {
    let rows = try Row.fetchCursor(source, sql: query, arguments: arguments)
    var insert: Statement?
    while let row = try rows.next() {
      let marks = Array(repeating: "?", count: row.count).joined(separator: ", ")
      let statement = try insert ?? target.makeStatement(sql: "INSERT INTO \(table) VALUES(\(marks))")
      insert = statement
      try statement.execute(arguments: StatementArguments(Array(row.databaseValues)))
      rowCount += 1
      progress(rowCount)
    }
  }

  func rows(_ query: String, _ arguments: StatementArguments) throws -> [Row] {
    try Row.fetchAll(source, sql: query, arguments: arguments)
  }
}

private func refuse(existing path: String) throws {
  guard !FileManager.default.fileExists(atPath: path) else {
    throw TrackerError(code: .refused, path: path, detail: "there is such a file already; name another")
  }
}

private func removeExport(_ path: String) {
  for end in ["", "-journal", "-wal", "-shm"] { unlink(path + end) }
}
