// SPDX-License-Identifier: Apache-2.0

import Gzip

/// What is wrong with a MIMIC-III directory or one of its tables.
///
/// Names files, lines and columns, never the content of a cell: these messages go to logs and screens.
package struct CohortError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, CaseIterable, Hashable, Sendable {
    case directoryUnreadable = "cannot read the directory"
    case tableMissing = "table missing"
    case tableUnreadable = "cannot read the table"
    /// A gzip file that ends early or fails its checksum.
    case tableDamaged = "damaged file"
    /// No header, or a header and no rows where rows are needed.
    case tableEmpty = "empty table"
    case columnMissing = "column missing"
    /// More or fewer fields than the header has.
    case raggedRow = "ragged row"
    case quoteBroken = "broken quotes"
    case rowTooLong = "row too long"
    case fieldInvalid = "invalid field"
    case fieldMissing = "empty field"
    case keyRepeated = "repeated key"
    case keyUnknown = "unknown key"
  }

  package let code: Code
  /// The file or directory, as it was given.
  package let path: String
  /// From 1, the header included; quoted line breaks count.
  package let line: Int?
  package let column: String?
  package let expected: String
  package let found: String
  package let advice: String

  init(
    _ code: Code, path: String, line: Int? = nil, column: String? = nil, expected: String, found: String,
    advice: String
  ) {
    self.code = code
    self.path = path
    self.line = line
    self.column = column
    self.expected = expected
    self.found = found
    self.advice = advice
  }

  /// The same, for a part of a file whose first line is line `count` + 1 of it.
  func behind(lines count: Int) -> CohortError {
    CohortError(
      code, path: path, line: line.map { $0 + count }, column: column, expected: expected, found: found,
      advice: advice)
  }

  package var description: String {
    var place = path
    if let line { place += ", line \(line)" }
    if let column { place += ", column \(column)" }
    return "\(place): \(code.rawValue): expected \(expected), found \(found); \(advice)"
  }
}

extension CohortError {
  static func unreadable(_ error: GzipError, line: Int?) -> CohortError {
    switch error.code {
    case .truncated, .corrupt:
      CohortError(
        .tableDamaged, path: error.path, line: line, expected: "a whole gzip file", found: error.detail,
        advice: "compare its SHA-256 with the publisher's list")
    default:
      CohortError(
        .tableUnreadable, path: error.path, line: line, expected: "a readable .csv or .csv.gz file",
        found: "\(error.code.rawValue): \(error.detail)", advice: "check the file and its permissions")
    }
  }
}
