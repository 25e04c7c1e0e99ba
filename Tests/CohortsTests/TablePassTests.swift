// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Foundation
import Testing

/// Goal: a table read in blocks on many cores is the table read row by row. Method: the same file through both, with blocks
/// so small that every kind of row is cut somewhere.
@Suite struct TablePassTests {
  private let folder: TableFolder

  init() throws { folder = try TableFolder() }

  private struct Rows: Sendable { var rows: [[String?]] = [] }

  private func directory() throws -> MIMICDirectory { try MIMICDirectory(path: folder.path) }

  private func inBlocks(
    of byteCount: Int, threads: Int = 3, from start: TablePosition = TablePosition()
  ) throws -> (rows: [[String?]], positions: [TablePosition]) {
    let pass = TablePass<Rows>(
      .diagnosesIcd, in: try directory(), columns: ["SEQ_NUM", "ICD9_CODE"], threadCount: threads,
      blockByteCount: byteCount)
    var rows: [[String?]] = []
    var positions: [TablePosition] = []
    _ = try pass.run(
      from: start, make: { Rows() },
      row: { reader, output throws(CohortError) in output.rows.append([reader.text(0), reader.text(1)]) },
      consume: { (output: Rows, progress: TableProgress) throws(CohortError) -> Void in
        rows += output.rows
        positions.append(progress.position)
      },
      wrap: { $0 })
    return (rows, positions)
  }

  private func rowByRow() throws -> [[String?]] {
    let reader = try TableReader(.diagnosesIcd, in: try directory(), columns: ["SEQ_NUM", "ICD9_CODE"])
    var rows: [[String?]] = []
    while try reader.next() { rows.append([reader.text(0), reader.text(1)]) }
    return rows
  }

  private static let plain: String =
    "SEQ_NUM,ICD9_CODE\n"
    + (0..<3_000).map { "\($0),\"a, \"\"\($0)\"\"\nb\(String(repeating: "z", count: $0 % 97))\"\n" }
    .joined()

  @Test(arguments: [512, 1_000, 4_096, 1 << 20], ["DIAGNOSES_ICD.csv", "DIAGNOSES_ICD.csv.gz"])
  func blocks_ofAnySize_giveTheRowsInOrder(byteCount: Int, name: String) throws {
    try folder.write(name, Self.plain)
    #expect(try inBlocks(of: byteCount).rows == rowByRow())
  }

  // In real life: a note with one inch mark turns every count of quotes behind it odd.
  @Test(arguments: [512, 2_048])
  func loneQuoteInsideAField_fallsBackToReadingRowByRow(byteCount: Int) throws {
    let text = Self.plain.replacing("1500,", with: "1500\",")
    try folder.write("DIAGNOSES_ICD.csv", text)
    let rows = try inBlocks(of: byteCount).rows
    #expect(rows == (try rowByRow()))
    #expect(rows.count == 3_000)
  }

  // In real life: the run is killed after some block and goes on behind it.
  @Test(arguments: ["DIAGNOSES_ICD.csv", "DIAGNOSES_ICD.csv.gz"])
  func anyPosition_isWhereTheRestBegins(name: String) throws {
    try folder.write(name, Self.plain)
    let whole = try inBlocks(of: 4_096)
    #expect(whole.positions.count > 10)
    for position in whole.positions {
      let rest = try inBlocks(of: 1_024, from: position).rows
      #expect(rest == Array(whole.rows[position.rowCount...]))
    }
  }

  @Test func brokenRow_isNamedByItsLineInTheFile() throws {
    var lines = (0..<2_000).map { "\($0),4280" }
    lines[1_703] = "1703,4280,7"
    try folder.write("DIAGNOSES_ICD.csv", "SEQ_NUM,ICD9_CODE\n" + lines.joined(separator: "\n"))
    let error = #expect(throws: CohortError.self) { try inBlocks(of: 512) }
    #expect(error?.code == .raggedRow && error?.line == 1_705)
  }

  @Test func cutGzip_isNamedAsDamaged() throws {
    try folder.write("DIAGNOSES_ICD.csv.gz", Self.plain)
    let path = folder.path + "/DIAGNOSES_ICD.csv.gz"
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    try whole.prefix(whole.count * 2 / 3).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: CohortError.self) { try inBlocks(of: 4_096) }
    #expect(error?.code == .tableDamaged)
  }
}
