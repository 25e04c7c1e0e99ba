// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// What a pass over a small table needs.
struct EventContext {
  let directory: MIMICDirectory
  let records: HospitalRecords
  let report: (String) -> Void

  @inline(__always)
  func admission(_ reader: TableReader, _ column: Int) throws(CohortError) -> Int32 {
    guard let hadmID = try reader.integer(column) else { return EventAdmission.none }
    return records.admissionIndex.index(of: hadmID).map { Int32($0) } ?? EventAdmission.unknown
  }

  /// Reads a table to its end. A required one must have rows; an optional one may be missing or have none, and is then
  /// reported as left out.
  func read(
    _ table: MIMICTable, columns: [String], isRequired: Bool,
    row: (TableReader) throws(CohortError) -> Bool
  ) throws(CohortError) -> TableReport {
    guard isRequired || directory.has(table) else {
      report("\(table.rawValue): not there; its columns stay empty")
      return TableReport(table: table.rawValue, file: nil, rowCount: 0, usedCount: 0)
    }
    let reader = try TableReader(table, in: directory, columns: columns)
    var usedCount = 0
    while try reader.next() {
      if try row(reader) { usedCount += 1 }
    }
    if isRequired { try reader.requireRows() }
    report("\(table.rawValue): \(SmallCells.line(reader.rowCount)) rows, \(SmallCells.line(usedCount)) used")
    return TableReport(
      table: table.rawValue, file: directory.fileName(of: table), rowCount: reader.rowCount, usedCount: usedCount)
  }
}
