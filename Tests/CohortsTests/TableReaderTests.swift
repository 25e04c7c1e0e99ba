// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Foundation
import Testing

@Suite struct TableReaderTests {
  private let folder: TableFolder

  init() throws { folder = try TableFolder() }

  private func reader(
    _ text: String, columns: [String] = ["SEQ_NUM", "ICD9_CODE"], name: String = "DIAGNOSES_ICD.csv"
  ) throws -> TableReader {
    try folder.write(name, text)
    return try TableReader(.diagnosesIcd, in: MIMICDirectory(path: folder.path), columns: columns)
  }

  private func rows(_ reader: TableReader) throws -> [[String?]] {
    var rows: [[String?]] = []
    while try reader.next() { rows.append([reader.text(0), reader.text(1)]) }
    return rows
  }

  // In real life: the demo has lower-case headers, the full set upper-case ones, and people rename files.
  @Test(arguments: ["DIAGNOSES_ICD.csv", "diagnoses_icd.csv", "Diagnoses_ICD.CSV.gz", "DIAGNOSES_ICD.csv.gz"])
  func names_inAnyCase_areFound(name: String) throws {
    let reader = try reader("Icd9_Code,row_id,SEQ_NUM\n4280,1,7\n", name: name)
    #expect(try rows(reader) == [["7", "4280"]])
  }

  @Test func fields_quotedAndCRLF_readAsWritten() throws {
    let text = "\u{FEFF}SEQ_NUM,ICD9_CODE\r\n1,\"a, \"\"b\"\"\r\nc\"\r\n , \"x \r\n\r\n\"\",\"  y \" \r\n3,5\" tube"
    let reader = try reader(text)
    #expect(try rows(reader) == [["1", "a, \"b\"\r\nc"], [nil, "\"x"], [nil, "y"], ["3", "5\" tube"]])
    #expect(reader.rowCount == 4)
  }

  // Goal: a row means the same wherever the buffer happens to end. Method: rows of growing length over 3 MiB, with quotes
  // and line breaks, and one row longer than the first buffer.
  @Test func rows_acrossBufferEnds_areWhole() throws {
    var text = "SEQ_NUM,ICD9_CODE\n"
    var expected: [[String?]] = []
    for index in 0..<9_000 {
      let filler = String(repeating: "z", count: index % 613)
      text += "\(index),\"q\"\"\(filler)\n,\"\n"
      expected.append(["\(index)", "q\"\(filler)\n,"])
    }
    let long = String(repeating: "w", count: 2_500_000)
    text += "1,\(long)\n2,end"
    expected += [["1", long], ["2", "end"]]
    let found = try rows(reader(text))
    #expect(found.count == expected.count)
    #expect(zip(found, expected).allSatisfy { $0 == $1 })
  }

  @Test func numbersAndTimes_ofEveryForm_parse() throws {
    let text = """
      SEQ_NUM,ICD9_CODE
      -12,2101-02-28 23:59:58
      145834.0,1844-07-18 00:00:00
      +7,2200-12-31
      .5,
      36.666698455810547,
      1e-3,
      123456789012345678,
      """
    let reader = try reader(text)
    var integers: [Int64?] = []
    var times: [Int64?] = []
    var decimals: [Double?] = []
    while try reader.next() {
      if decimals.count < 3 || decimals.count == 6 { integers.append(try reader.integer(0)) }
      decimals.append(try reader.decimal(0))
      times.append(try reader.time(1))
    }
    #expect(integers == [-12, 145834, 7, 123_456_789_012_345_678])
    #expect(decimals == [-12, 145834, 7, 0.5, 36.666698455810547, 1e-3, Double("123456789012345678")])
    // From `date -u -d … +%s`.
    #expect(times == [4_139_078_398, -3_959_020_800, 7_289_568_000, nil, nil, nil, nil])
  }

  // Goal: the fast parser rounds as the library does. Method: decimals of many lengths against Double(String).
  @Test func decimals_fastAndSlow_roundAsTheLibrary() throws {
    var text = "SEQ_NUM,ICD9_CODE\n"
    var expected: [Double?] = []
    var state: UInt64 = 9
    for index in 0..<4_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let digits = String(String(state).prefix(1 + index % 18))
      let cut = digits.index(digits.startIndex, offsetBy: Int(state >> 33) % (digits.count + 1))
      let number = (index % 3 == 0 ? "-" : "") + "\(digits[..<cut]).\(digits[cut...])"
      text += "\(number),x\n"
      expected.append(Double(number.hasPrefix("-") ? "-0" + number.dropFirst() : "0" + number))
    }
    let reader = try reader(text)
    var found: [Double?] = []
    while try reader.next() { found.append(try reader.decimal(0)) }
    #expect(found == expected)
  }

  @Test(arguments: [
    "2101-02-29 00:00:00", "2101-13-01", "2101-00-10", "2101-01-01 24:00:00", "2101-01-01 0:00:00", "01/02/2101",
    "1799-01-01", "2301-01-01", "2101-01-01 10:60:00",
  ])
  func time_thatIsNone_isRefusedWithItsLine(time: String) throws {
    let reader = try reader("SEQ_NUM,ICD9_CODE\n1,\n2,\(time)\n")
    _ = try reader.next()
    _ = try reader.next()
    let error = #expect(throws: CohortError.self) { _ = try reader.time(1) }
    #expect(error?.code == .fieldInvalid && error?.line == 3 && error?.column == "ICD9_CODE")
    // Cell content never reaches a message.
    #expect(error.map { !$0.description.contains(time) } == true)
  }

  @Test(arguments: ["abc", "1.2.3", "nan", "inf", "0x10", "1e", "-", ".", "1,5"])
  func number_thatIsNone_isRefused(text: String) throws {
    let reader = try reader("SEQ_NUM,ICD9_CODE\n\"\(text)\",1\n")
    _ = try reader.next()
    #expect(throws: CohortError.self) { _ = try reader.decimal(0) }
    #expect(throws: CohortError.self) { _ = try reader.integer(0) }
  }

  @Test func columnMissing_namesTheNearest() throws {
    let error = #expect(throws: CohortError.self) { try reader("ROW_ID,SEQNUM,ICD9_CODE\n1,2,3\n") }
    #expect(error?.code == .columnMissing && error?.column == "SEQ_NUM")
    #expect(error?.description.contains("the nearest is SEQNUM") == true)
  }

  @Test func tableMissing_namesTheNearestFile() throws {
    try folder.write("DIAGNOSIS_ICD.csv", "a\n")
    let directory = try MIMICDirectory(path: folder.path)
    let error = #expect(throws: CohortError.self) { try TableReader(.diagnosesIcd, in: directory, columns: []) }
    #expect(error?.code == .tableMissing)
    #expect(error?.description.contains("DIAGNOSIS_ICD.csv") == true)
    let missing = #expect(throws: CohortError.self) { try MIMICDirectory(path: folder.path + "/none") }
    #expect(missing?.code == .directoryUnreadable)
  }

  @Test func raggedRow_isNamedByLine() throws {
    let reader = try reader("SEQ_NUM,ICD9_CODE\n1,\"a\nb\"\n2,3,4\n")
    _ = try reader.next()
    let error = #expect(throws: CohortError.self) { try reader.next() }
    // The quoted line break counts: an editor shows the row at line 4.
    #expect(error?.code == .raggedRow && error?.line == 4)
    #expect(error?.expected == "2 fields, as in the header" && error?.found == "3")
  }

  @Test(arguments: ["1,\"open\n2,3\n", "1,\"a\"b\n", "1,\"a\"\"", "1,\""])
  func quotes_broken_areRefused(row: String) throws {
    let reader = try reader("SEQ_NUM,ICD9_CODE\n\(row)")
    let error = #expect(throws: CohortError.self) { try rows(reader) }
    #expect(error?.code == .quoteBroken && error?.line == 2)
  }

  @Test(arguments: ["", "\n", "  \r\n"])
  func headerMissing_isAnEmptyTable(text: String) throws {
    let error = #expect(throws: CohortError.self) { try reader(text) }
    #expect(error?.code == .tableEmpty)
  }

  @Test func headerAlone_isAnEmptyTableWhereRowsAreNeeded() throws {
    let reader = try reader("SEQ_NUM,ICD9_CODE")
    #expect(try reader.next() == false)
    let error = #expect(throws: CohortError.self) { try reader.requireRows() }
    #expect(error?.code == .tableEmpty)
  }

  // In real life: a download was cut; hours later the run ends with numbers from half a table.
  @Test func gzip_truncated_isNamed() throws {
    let rows = (0..<40_000).map { "\($0),\($0 &* 2_654_435_761 % 99_991)" }.joined(separator: "\n")
    try folder.write("DIAGNOSES_ICD.csv.gz", "SEQ_NUM,ICD9_CODE\n" + rows)
    let url = URL(fileURLWithPath: folder.path + "/DIAGNOSES_ICD.csv.gz")
    let whole = try Data(contentsOf: url)
    try whole.prefix(whole.count / 2).write(to: url)
    let error = #expect(throws: CohortError.self) {
      let reader = try TableReader(
        .diagnosesIcd, in: MIMICDirectory(path: folder.path), columns: ["SEQ_NUM", "ICD9_CODE"])
      while try reader.next() {}
    }
    #expect(error?.code == .tableDamaged)
    #expect(error?.path.hasSuffix("DIAGNOSES_ICD.csv.gz") == true)
  }

  @Test func years_addedAcrossLeapDay_keepTheBirthday() {
    let leap = CivilTime.seconds(year: 2104, month: 2, day: 29, hour: 5)
    #expect(
      CivilTime.adding(years: 18, to: leap) == CivilTime.seconds(year: 2122, month: 3, day: 1, hour: 5))
    let early = CivilTime.seconds(year: 1844, month: 7, day: 18)
    #expect(CivilTime.adding(years: 300, to: early) == CivilTime.seconds(year: 2144, month: 7, day: 18))
  }
}
