// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Rows of a data set by number, as a person names them: "0-99,205", or a file whose first column is `row`, such as a fold's
/// predictions. Ascending where they are ranges; in a file's own order.
package enum RowSelection {
  /// - Throws: `.badRows` for anything else, rows that are not there or come twice, and none at all.
  package static func rows(_ text: String, of rowCount: Int) throws(ModelError) -> [Int] {
    let isRanges = text.allSatisfy { $0.isASCII && ($0.isNumber || $0 == "," || $0 == "-") }
    let rows = isRanges ? try ranges(text, of: rowCount) : try file(text, of: rowCount)
    guard !rows.isEmpty else { throw bad(text, "at least one row", "none") }
    guard Set(rows).count == rows.count else { throw bad(text, "each row once", "one of them twice") }
    return rows
  }

  private static func ranges(_ text: String, of rowCount: Int) throws(ModelError) -> [Int] {
    var rows: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last else {
        throw bad(text, "numbers and ranges such as 0-99,205", String(part.prefix(40)).debugDescription)
      }
      guard last < rowCount else { throw bad(text, "rows 0 to \(rowCount - 1)", "\(last)") }
      rows += first...last
    }
    return rows.sorted()
  }

  private static func file(_ path: String, of rowCount: Int) throws(ModelError) -> [Int] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw bad(path, "numbers and ranges such as 0-99,205, or a file with a column `row`", "neither")
    }
    let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
    guard lines.first?.split(separator: ",").first == "row" else {
      throw bad(path, "a first column `row`", "another")
    }
    var rows: [Int] = []
    for (index, line) in lines.enumerated().dropFirst() {
      let field = line.prefix { $0 != "," }
      guard let row = Int(field), (0..<rowCount).contains(row) else {
        throw bad("\(path), line \(index + 1)", "a row, 0 to \(rowCount - 1)", "another text")
      }
      rows.append(row)
    }
    return rows
  }

  private static func bad(_ subject: String, _ expected: String, _ found: String) -> ModelError {
    ModelError(
      .badRows, path: "--rows", subject: subject.count > 200 ? String(subject.prefix(200)) + "…" : subject,
      expected: expected, found: found, advice: "`muster data inspect DIR` tells how many there are")
  }
}
