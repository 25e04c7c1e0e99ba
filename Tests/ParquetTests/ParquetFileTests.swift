// SPDX-License-Identifier: Apache-2.0

import Foundation
import Parquet
import PeerKit
import Testing

@Suite struct ParquetFileTests {
  private static let names = [
    "subject_id", "time", "code", "numeric_value", "precise", "small", "isTrue", "text_value", "hadm_id",
  ]

  /// A damaged name.
  private struct NoColumn: Error {}

  /// All of a file as lines of text, NULL as nothing.
  private func lines(_ path: String, _ names: [String] = names) throws -> [String] {
    let file = try ParquetFile(path: path)
    var lines: [String] = []
    for group in 0..<file.rowGroupCount {
      let columns = try names.map { name throws in
        guard let column = try file.read(name, group: group) else { throw NoColumn() }
        return column
      }
      for row in 0..<file.rowCount(ofGroup: group) {
        lines.append(columns.map { shown($0, row) }.joined(separator: "\t"))
      }
    }
    return lines
  }

  private func shown(_ column: ParquetColumn, _ row: Int) -> String {
    if column.isMissing(row) { return "" }
    switch column.values {
    case .integers(let values): return "\(values[row] / (column.ticksPerSecond ?? 1))"
    case .decimals(let values, _): return values[row].isNaN ? "" : "\(values[row])"
    case .texts(let texts): return texts.distinct[Int(texts.places[row])]
    }
  }

  // Goal: what pandas, pyarrow, Polars and DuckDB write is read as they hold it. Method: one table written in some fifteen
  // ways (codecs, page versions, encodings, units of time, small row groups), and its values as text from Python.
  @Test(
    .enabled(
      if: PeerPython.has("pandas, pyarrow"), "not run: there is no Python with pandas and pyarrow (MUSTER_PEERS)"))
  func files_writtenByThePeers_areReadAsTheyAre() throws {
    let folder = try ScratchFolder()
    let script = PeerPython.repository.path + "/Tests/ParquetTests/Peers/write_variants.py"
    let made = try PeerPython.run([script, folder.path])
    try #require(made.status == 0, "\(made.output)")
    let expected = try String(contentsOfFile: folder.path + "/expected.txt", encoding: .utf8).split(separator: "\n")
    var count = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    where name.hasSuffix(".parquet") && !name.hasPrefix("refused") {
      let found = try lines("\(folder.path)/\(name)")
      #expect(found.count == expected.count, "\(name)")
      let wrong = zip(found, expected).filter { fields($0) != fields(String($1)) }
      #expect(wrong.isEmpty, "\(name): \(wrong.count) lines, first \(wrong.first.map { "\($0)" } ?? "")")
      count += 1
    }
    #expect(count >= 11)
    #expect {
      try lines(folder.path + "/refused_brotli.parquet")
    } throws: { error in
      "\(error)".contains("brotli") && "\(error)".contains("snappy")
    }
  }

  /// Decimals by their value: Python and Swift print exponents differently.
  private func fields(_ line: String) -> [String] {
    line.split(separator: "\t", omittingEmptySubsequences: false).enumerated().map { place, field in
      place == 3 || place == 4 ? Double(field).map { "\($0)" } ?? "" : String(field)
    }
  }

  // As pandas wrote it; here for those who have no Python.
  @Test func fixture_read_hasItsValues() throws {
    let folder = try ScratchFolder()
    let path = try Fixture.write(to: folder)
    #expect(
      try lines(path, ["subject_id", "time", "code", "numeric_value", "hadm_id"]) == [
        "7\t\tGENDER//F\t\t", "7\t4144521600\tMEDS_BIRTH\t\t",
        "7\t4144536306\tLAB//220045//bpm\t\(Double(Float(98.6)))\t100", "9\t\tGENDER//M\t\t",
        "9\t-2208988801\tMEDS_BIRTH\t\t", "9\t5680281600\tLAB//220045//bpm\t71.0\t200",
      ])
    #expect(try ParquetFile(path: path).read("no such", group: 0) == nil)
  }

  // In real life: a copy that was cut, a disk that forgot a bit. Method: each byte of the file turned, and the file cut at
  // each length; it is read or refused, and never more than that happens.
  @Test func damagedFile_isReadOrRefused_neverTraps() throws {
    let folder = try ScratchFolder()
    let path = folder.path + "/damaged.parquet"
    let whole = try #require(Fixture.bytes)
    var refusedCount = 0
    func attempt(_ bytes: Data) throws {
      try bytes.write(to: URL(fileURLWithPath: path))
      do {
        _ = try lines(path, ["subject_id", "time", "code", "numeric_value", "hadm_id"])
      } catch is ParquetError {
        refusedCount += 1
      } catch is NoColumn {}
    }
    for place in whole.indices {
      for mask in [UInt8(0xFF), 0x01, 0x40] {
        var bytes = whole
        bytes[place] ^= mask
        try attempt(bytes)
      }
    }
    #expect(refusedCount > whole.count / 4)
    refusedCount = 0
    for count in 0..<whole.count { try attempt(whole.prefix(count)) }
    #expect(refusedCount == whole.count)
  }
}

private enum Fixture {
  static let bytes = Data(base64Encoded: text.filter { $0 != "\n" })

  static func write(to folder: ScratchFolder) throws -> String {
    let path = folder.path + "/fixture.parquet"
    try #require(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  private static let text = """
    UEFSMRUEFSAVJEwVBBUAEgAAEDwHAAAAAAAAAAkAAAAAAAAAFQAVEhUWLBUMFRAVBhUGHAAAAAkgAgAAAAwBAQM4FQQVQBVETBUI
    FQASAAAgfABgu6FruQ4AgCBHDm+5DgDAHTS37yb4/wAA/p4vLhQAFQAVFBUYLBUMFRAVBhUGHAAAAAokAgAAAAM2AgPkABUEFXgV
    fEwVCBUAEgAAPOwJAAAAR0VOREVSLy9GCgAAAE1FRFNfQklSVEgQAAAATEFCLy8yMjAwNDUvL2JwbQkAAABHRU5ERVIvL00VABUU
    FRgsFQwVEBUGFQYcAAAACiQCAAAADAECA+QJFQQVEBUUTBUEFQASAAAIHDMzxUIAAI5CFQAVEhUWLBUMFRAVBhUGHAAAAAkgAgAA
    AAMkAQMCFQQVIBUkTBUEFQASAAAQPGQAAAAAAAAAyAAAAAAAAAAVABUSFRYsFQwVEBUGFQYcAAAACSACAAAAAyQBAwIVBBlsNQAY
    BnNjaGVtYRUKABUEJQIYCnN1YmplY3RfaWQAFQQlAhgEdGltZSUUTIwSHCwAAAAAABUMJQIYBGNvZGUlAEwcAAAAFQglAhgNbnVt
    ZXJpY192YWx1ZQAVBCUCGAdoYWRtX2lkABYMGRwZXCYAHBUEGTUABhAZGApzdWJqZWN0X2lkFQIWDBZ0FnwmSCYIKSwVBBUAFQIA
    FQAVEBUCADwpBhkmAAwAAAAmABwVBBk1AAYQGRgEdGltZRUCFgwWlgEWngEm5AEmhAEpLBUEFQAVAgAVABUQFQIAPCkGGSYECAAA
    ACYAHBUMGTUABhAZGARjb2RlFQIWDBbOARbWASa6AyaiAiksFQQVABUCABUAFRAVAgA8FowBGQYZJgAMAAAAJgAcFQgZNQAGEBkY
    DW51bWVyaWNfdmFsdWUVAhYMFmQWbCaoBCb4AyksFQQVABUCABUAFRAVAgA8KQYZJggEAAAAJgAcFQQZNQAGEBkYB2hhZG1faWQV
    AhYMFnQWfCakBSbkBCksFQQVABUCABUAFRAVAgA8KQYZJggEAAAAFrAFFgwmCBbYBQAoIHBhcnF1ZXQtY3BwLWFycm93IHZlcnNp
    b24gMjUuMC4xGVwcAAAcAAAcAAAcAAAcAAAA5AEAAFBBUjE=
    """
}
