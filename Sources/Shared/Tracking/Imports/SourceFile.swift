// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB
import Hyperparameters

/// Another tool's SQLite file, read only.
struct SourceFile {
  let path: String
  let tool: String
  let sha256: String
  private let queue: DatabaseQueue

  /// - Parameter tables: that a file of this tool has.
  /// - Throws: `.missing`; `.refused` for a file of something else.
  init(_ path: String, tool: String, tables: [String]) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      throw TrackerError(code: .missing, path: path, detail: "no such file to import")
    }
    (self.path, self.tool) = (path, tool)
    sha256 = try Self.digest(of: path)
    var configuration = Configuration()
    configuration.readonly = true
    queue = try tracking(path) { try DatabaseQueue(path: path, configuration: configuration) }
    let found = try tracking(path) {
      try queue.read { try Set(String.fetchAll($0, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")) }
    }
    let lacking = tables.filter { !found.contains($0) }
    guard lacking.isEmpty else {
      throw TrackerError(
        code: .refused, path: path,
        detail: "expected a file of \(tool), found none of its tables \(lacking.joined(separator: ", "))")
    }
  }

  func rows(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
    try tracking(path) { try queue.read { try Row.fetchAll($0, sql: sql, arguments: arguments) } }
  }

  /// The one that is wanted of several by name.
  func choose(_ wanted: String?, of names: [String], _ what: String) throws -> String {
    let list = names.isEmpty ? "none" : names.prefix(20).joined(separator: ", ")
    guard let wanted else {
      guard names.count == 1, let only = names.first else {
        throw TrackerError(
          code: names.isEmpty ? .notFound : .refused, path: path,
          detail: "it has \(names.count) \(what): \(list); name one")
      }
      return only
    }
    guard names.contains(wanted) else {
      throw TrackerError(code: .notFound, path: path, detail: "no \(what) \(wanted); it has \(list)")
    }
    return wanted
  }

  private static func digest(of path: String) throws -> String {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw TrackerError(code: .missing, path: path, detail: "it cannot be read")
    }
    defer { try? handle.close() }
    var hash = SHA256()
    while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(data: piece) }
    return hash.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}

/// A value of a tool that keeps its parameters as text.
func parameter(text: String) -> ParameterValue {
  if let integer = Int64(text) { return .integer(integer) }
  if let real = Double(text), real.isFinite { return .real(real) }
  switch text.lowercased() {
  case "true": return .flag(true)
  case "false": return .flag(false)
  default: return .text(text)
  }
}
