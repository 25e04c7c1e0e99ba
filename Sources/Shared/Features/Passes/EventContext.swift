// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// What every pass over a table needs: the patients, the outcomes' accumulators, and the count of rows.
struct EventContext {
  let directory: MIMICDirectory
  let records: HospitalRecords
  let accumulators: [OutcomeAccumulator]
  let report: (String) -> Void

  /// A line of progress after this many rows.
  private static let rowsPerLine = 20_000_000

  /// - Returns: nil for a patient that PATIENTS does not have.
  @inline(__always)
  func patient(_ reader: TableReader, _ column: Int) throws(CohortError) -> Int? {
    records.patientIndex.index(of: try reader.requiredInteger(column))
  }

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
      if reader.rowCount % Self.rowsPerLine == 0 { report("\(table.rawValue): \(reader.rowCount) rows so far") }
    }
    if isRequired { try reader.requireRows() }
    report("\(table.rawValue): \(reader.rowCount) rows, \(usedCount) used")
    return TableReport(
      table: table.rawValue, file: directory.fileName(of: table), rowCount: reader.rowCount, usedCount: usedCount)
  }
}
