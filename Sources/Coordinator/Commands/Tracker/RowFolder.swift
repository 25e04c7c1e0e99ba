// SPDX-License-Identifier: Apache-2.0

import Foundation
import Parquet
import Reporting
import Tracking

/// A folder with a file a view; there whole under its name, or not at all.
struct RowFolder {
  enum Format: String { case csv, jsonl, parquet }

  static let views = [
    "trials", "trial_parameters", "trial_metrics", "fold_results", "fold_metrics", "learning_curves", "score_bins",
    "attempts", "lineage", "tags", "notes",
  ]

  private let path: String
  private let format: Format
  private let console: Console
  private let isQuiet: Bool

  init(_ path: String, _ format: Format, _ console: Console = Console(color: .never), isQuiet: Bool = true) {
    (self.path, self.format, self.console, self.isQuiet) = (path, format, console, isQuiet)
  }

  func write(_ sweep: String, _ reader: TrackerReader) throws {
    let files = FileManager.default
    guard !files.fileExists(atPath: path) else {
      throw CommandFailure(.badInput, "\(path) is there already", help: "name a folder that is not")
    }
    let part = path + ".part"
    try? files.removeItem(atPath: part)
    do {
      try files.createDirectory(atPath: part, withIntermediateDirectories: true)
      try fill(part, sweep, reader)
      try files.moveItem(atPath: part, toPath: path)
    } catch let error as TrackerError {
      try? files.removeItem(atPath: part)
      throw error
    } catch {
      try? files.removeItem(atPath: part)
      let reason = error is ParquetError ? "\(error)" : error.localizedDescription
      throw CommandFailure(.failed, "cannot write \(path): \(reason)", help: "check its disk and folder")
    }
  }

  private func fill(_ folder: String, _ sweep: String, _ reader: TrackerReader) throws {
    var file: (any RowFile)?
    var line: ProgressLine?
    var done = 0
    defer { line?.end() }
    let views = Self.views.filter { $0 != "score_bins" || reader.schemaVersion >= 7 }
    try reader.eachRow(of: views, sweep: sweep, withKinds: format == .parquet) { event in
      switch event {
      case .began(let rowCount): line = ProgressLine(console, unit: "rows", total: rowCount, isQuiet: isQuiet)
      case .view(let view, let columns):
        try file?.close()
        file = try open("\(folder)/\(view).\(format.rawValue)", columns)
      case .row(let row):
        try file?.append(row)
        done += 1
        line?.show(done)
      }
    }
    try file?.close()
  }

  private func open(_ path: String, _ columns: [SQLTable.Column]) throws -> any RowFile {
    switch format {
    case .csv, .jsonl: try TextRows(path, columns.map(\.name), isCSV: format == .csv)
    case .parquet: try ParquetRows(path, columns)
    }
  }
}

private protocol RowFile {
  mutating func append(_ row: [SQLTable.Value]) throws
  mutating func close() throws
}

private struct TextRows: RowFile {
  private let handle: FileHandle
  private let columns: [String]
  private let isCSV: Bool
  private var text = ""

  init(_ path: String, _ columns: [String], isCSV: Bool) throws {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    (self.columns, self.isCSV) = (columns, isCSV)
    if isCSV { text += SQLTable.csvLine(columns) + "\n" }
  }

  mutating func append(_ row: [SQLTable.Value]) throws {
    text +=
      isCSV ? SQLTable.csvLine(row.map(\.text)) : JSONText.object(zip(columns, row).map { ($0, $1.json) }).description
    text += "\n"
    if text.utf8.count > 1_000_000 { try flush() }
  }

  mutating func close() throws {
    try flush()
    try handle.close()
  }

  private mutating func flush() throws {
    try handle.write(contentsOf: Data(text.utf8))
    text = ""
  }
}

/// A column that holds words anywhere is text; one that holds reals is real; else it is integers.
private struct ParquetRows: RowFile {
  private let writer: ParquetWriter
  private let types: [ParquetWriter.ColumnType]

  init(_ path: String, _ columns: [SQLTable.Column]) throws {
    types = columns.map { column in
      switch column.kind {
      case .integer: .integer
      case .real: .real
      case .text: .text
      }
    }
    writer = try ParquetWriter(
      path: path, columns: zip(columns, types).map { ParquetWriter.Column(name: $0.name, type: $1) },
      createdBy: "Muster \(codeVersion)")
  }

  mutating func append(_ row: [SQLTable.Value]) throws {
    try writer.append(
      zip(row, types).map { value, type in
        switch value {
        case .null, .blob: .missing
        case .integer, .real, .text: type == .text ? .text(value.text) : value.number
        }
      })
  }

  mutating func close() throws { try writer.close() }
}

extension SQLTable.Value {
  fileprivate var number: ParquetWriter.Value {
    switch self {
    case .integer(let integer): .integer(integer)
    case .real(let real): .real(real)
    case .null, .text, .blob: .missing
    }
  }
}
