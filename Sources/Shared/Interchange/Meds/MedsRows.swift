// SPDX-License-Identifier: Apache-2.0

import Parquet

/// The columns of one row group.
struct MedsRows {
  let count: Int
  private let path: String
  private let subjects: ParquetColumn
  private let times: ParquetColumn
  private let codes: TextColumn
  private let codeColumn: ParquetColumn
  private let numbers: ParquetColumn?
  private let texts: ParquetColumn?
  private let admissions: ParquetColumn?
  private let stays: ParquetColumn?
  private let details: [ParquetColumn?]

  init(_ file: ParquetFile, group: Int) throws(InterchangeError) {
    count = file.rowCount(ofGroup: group)
    path = file.path
    func column(_ name: String) throws(InterchangeError) -> ParquetColumn? {
      do throws(ParquetError) { return try file.read(name, group: group) } catch { throw InterchangeError(error) }
    }
    guard let subjects = try column("subject_id"), let times = try column("time"), let codes = try column("code") else {
      preconditionFailure("the reader has checked that these columns are there")
    }
    guard case .integers = subjects.values else { throw Self.wrong(path, "subject_id", "64-bit integers") }
    guard case .integers = times.values, times.ticksPerSecond != nil || times.isDate else {
      throw Self.wrong(path, "time", "timestamps")
    }
    guard case .texts(let texts) = codes.values else { throw Self.wrong(path, "code", "texts") }
    self.subjects = subjects
    self.times = times
    self.codes = texts
    codeColumn = codes
    numbers = try column(MedsColumns.number)
    if let numbers, case .texts = numbers.values { throw Self.wrong(path, MedsColumns.number, "numbers") }
    self.texts = try column(MedsColumns.text)
    admissions = try column(MedsColumns.admission)
    var stays: ParquetColumn?
    for name in MedsColumns.stay where stays == nil { stays = try column(name) }
    self.stays = stays
    var details: [ParquetColumn?] = []
    for detail in MedsColumns.Detail.allCases {
      var found: ParquetColumn?
      for name in detail.names where found == nil { found = try column(name) }
      details.append(found)
    }
    self.details = details
  }

  private static func wrong(_ path: String, _ column: String, _ expected: String) -> InterchangeError {
    InterchangeError(
      .inputInvalid, path: "\(path), column \(column)", expected: expected, found: "another type",
      advice: "write the column with the type that MEDS gives it")
  }

  func subjectID(_ row: Int) throws(InterchangeError) -> Int64 {
    guard !subjects.isMissing(row), let subject = subjects.integer(row) else {
      throw InterchangeError(
        .inputInvalid, path: "\(path), column subject_id", expected: "a number in every row", found: "none in one",
        advice: "leave rows without a subject out")
    }
    return subject
  }

  func event(_ row: Int, _ meanings: inout [String: MedsCode]) throws(InterchangeError) -> MedsEvent {
    guard !codeColumn.isMissing(row) else {
      throw InterchangeError(
        .inputInvalid, path: "\(path), column code", expected: "a code in every row", found: "none in one",
        advice: "leave rows without a code out")
    }
    let code = codes.distinct[Int(codes.places[row])]
    let meaning = meanings[code] ?? MedsCode(code)
    meanings[code] = meaning
    if case .other = meaning {
      return MedsEvent(
        code: meaning, time: nil, number: nil, text: nil, hadmID: nil, stayID: nil, details: [])
    }
    return MedsEvent(
      code: meaning, time: times.seconds(row), number: numbers?.shown(row), text: texts?.shown(row),
      hadmID: admissions?.integer(row), stayID: stays?.integer(row), details: details.map { $0?.shown(row) })
  }
}

extension ParquetColumn {
  /// nil for a missing value, and for what is no whole number; conversions through pandas write 12.0.
  func integer(_ row: Int) -> Int64? {
    guard !isMissing(row) else { return nil }
    switch values {
    case .integers(let values): return values[row]
    case .decimals(let values, _): return Int64(exactly: values[row])
    case .texts(let texts):
      let text = texts.distinct[Int(texts.places[row])]
      return Int64(text) ?? Double(text).flatMap { Int64(exactly: $0) }
    }
  }

  /// Since 1970, rounded down.
  func seconds(_ row: Int) -> Int64? {
    guard !isMissing(row), case .integers(let values) = values else { return nil }
    if isDate { return values[row] * 86_400 }
    let ticks = ticksPerSecond ?? 1
    return (values[row] / ticks) - (values[row] % ticks < 0 ? 1 : 0)
  }

  /// The shortest text that reads as the same value; nil where it is missing, or not a number.
  func shown(_ row: Int) -> String? {
    guard !isMissing(row) else { return nil }
    switch values {
    case .integers(let values): return "\(values[row])"
    case .decimals(let values, let isSingle):
      guard values[row].isFinite else { return nil }
      return isSingle ? "\(Float(values[row]))" : "\(values[row])"
    case .texts(let texts): return texts.distinct[Int(texts.places[row])]
    }
  }
}
