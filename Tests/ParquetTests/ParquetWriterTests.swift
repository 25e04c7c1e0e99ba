// SPDX-License-Identifier: Apache-2.0

import Foundation
import PeerKit
import Testing

@testable import Parquet

/// What is written is read again: by our own reader, and by those that people have.
@Suite struct ParquetWriterTests {
  private static let columns = [
    ParquetWriter.Column(name: "sweep", type: .text), ParquetWriter.Column(name: "trial", type: .integer),
    ParquetWriter.Column(name: "value", type: .real), ParquetWriter.Column(name: "nothing", type: .integer),
  ]

  private func row(_ index: Int) -> [ParquetWriter.Value] {
    [
      index % 7 == 3 ? .missing : .text(index % 2 == 0 ? "démo" : "sweep \(index % 300)"),
      .integer(Int64(index) - 5), index % 5 == 0 ? .missing : index % 3 == 0 ? .integer(2) : .real(Double(index) / 3),
      .missing,
    ]
  }

  private func write(_ count: Int, to path: String) throws {
    let writer = try ParquetWriter(path: path, columns: Self.columns, createdBy: "Muster test")
    for index in 0..<count { try writer.append(row(index)) }
    try writer.close()
  }

  /// Sizes about a byte's and a row group's ends.
  @Test(arguments: [0, 1, 7, 8, 9, 1_000, 122_880, 250_001]) func rows_comeBack(count: Int) throws {
    let scratch = try ScratchFolder()
    let path = scratch.path + "/a.parquet"
    try write(count, to: path)
    let file = try ParquetFile(path: path)
    #expect(file.columnNames == Self.columns.map(\.name))
    var read = 0
    for group in 0..<file.rowGroupCount {
      let columns = try Self.columns.map { try #require(try file.read($0.name, group: group)) }
      for place in 0..<file.rowCount(ofGroup: group) {
        let found: [ParquetWriter.Value] = columns.map { column in
          guard !column.isMissing(place) else { return .missing }
          return switch column.values {
          case .integers(let values): .integer(values[place])
          case .decimals(let values, _): .real(values[place])
          case .texts(let texts): .text(texts.distinct[Int(texts.places[place])])
          }
        }
        // An integer in a column of reals is a real there.
        let expected = row(read).enumerated().map { index, value -> ParquetWriter.Value in
          if index == 2, case .integer(let integer) = value { .real(Double(integer)) } else { value }
        }
        if found != expected { Issue.record("row \(read): \(found)") }
        read += 1
      }
    }
    #expect(read == count)
  }

  @Test func valueOfAnotherType_andTakenName_areRefused() throws {
    let scratch = try ScratchFolder()
    let path = scratch.path + "/a.parquet"
    let writer = try ParquetWriter(path: path, columns: [Self.columns[1]], createdBy: "Muster test")
    #expect { try writer.append([.text("x")]) } throws: { ($0 as? ParquetError)?.code == .columnType }
    try writer.close()
    #expect { try ParquetWriter(path: path, columns: [Self.columns[1]], createdBy: "") } throws: {
      ($0 as? ParquetError)?.code == .cannotWrite
    }
  }

  private static let canRead = PeerPython.has("pyarrow, polars, duckdb")

  /// In real life: an analyst opens the files in pandas, Polars and DuckDB.
  @Test(.enabled(if: canRead, "not run: needs a Python with pyarrow, polars and duckdb (MUSTER_PEERS)"))
  func files_openInTheToolsTheyAreFor() throws {
    let scratch = try ScratchFolder()
    let path = scratch.path + "/a.parquet"
    try write(250_001, to: path)
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Peers/read_written.py")
    let (status, text) = try PeerPython.run([script.path, path])
    #expect(status == 0, "\(text.suffix(2_000))")
  }
}
