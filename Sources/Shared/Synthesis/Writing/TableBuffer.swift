// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// Rows of all tables in memory, without ROW_ID: what a few patients make. Rows are lines; no field holds a line break.
final class TableBuffer {
  private(set) var bytes = [[UInt8]](repeating: [], count: MIMICTable.allCases.count)

  static let indexes: [MIMICTable: Int] = Dictionary(
    uniqueKeysWithValues: MIMICTable.allCases.enumerated().map { ($1, $0) })
  private static let columnCounts = MIMICTable.allCases.map(\.columns.count)
  private static let chartIndex = indexes[.chartevents] ?? 0

  /// - Parameter fields: of all columns but ROW_ID, in the table's order.
  func append(_ table: MIMICTable, _ fields: [Field]) {
    guard let index = Self.indexes[table] else { return }
    precondition(
      fields.count == Self.columnCounts[index] - 1, "\(table.rawValue) has \(Self.columnCounts[index]) columns")
    for (place, field) in fields.enumerated() {
      if place > 0 { bytes[index].append(UInt8(ascii: ",")) }
      field.append(to: &bytes[index])
    }
    bytes[index].append(UInt8(ascii: "\n"))
  }

  /// Whole lines of CHARTEVENTS, written without a detour over fields.
  func appendCharts(_ body: (inout [UInt8]) -> Void) { body(&bytes[Self.chartIndex]) }
}
