// SPDX-License-Identifier: Apache-2.0

import Reporting
import Tracking

extension SQLTable.Value {
  var json: JSONText {
    switch self {
    case .null: .null
    case .integer(let integer): .integer(integer)
    case .real(let real): .real(real)
    case .text(let text): .text(text)
    case .blob(let count): .text("<\(count) bytes>")
    }
  }

  /// For tables: reals to four places.
  var short: String {
    if case .real(let real) = self { decimal(real, places: 4) } else { text }
  }
}

extension SQLTable {
  /// RFC 4180 but for the line's end, which is a bare line feed: quotes where a cell has a comma, a quote or a line end.
  var csvLines: [String] {
    ([columns] + rows.map { row in row.map(\.text) }).map(Self.csvLine)
  }

  static func csvLine(_ cells: [String]) -> String { cells.map(quoted).joined(separator: ",") }

  /// A list of objects, their keys in the order of the columns.
  var json: JSONText { .list(rows.map { row in .object(zip(columns, row).map { ($0, $1.json) }) }) }

  /// Without the columns that only join tables, and without those named.
  func shown(without hidden: Set<String> = []) -> TextTable {
    let kept = columns.indices.filter { !hidden.contains(columns[$0]) && !columns[$0].hasSuffix("_id") }
    var table = TextTable(
      kept.map { column in
        let isNumber = rows.allSatisfy { row in
          switch row[column] {
          case .integer, .real, .null: true
          case .text, .blob: false
          }
        }
        return (columns[column].uppercased(), isNumber ? .right : .left)
      })
    for row in rows { table.append(kept.map { row[$0].short }) }
    return table
  }

  private static func quoted(_ cell: String) -> String {
    guard cell.unicodeScalars.contains(where: { ",\"\n\r".unicodeScalars.contains($0) }) else { return cell }
    return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}

extension Console {
  func print(csv table: SQLTable) {
    for line in table.csvLines { print(line) }
  }
}
