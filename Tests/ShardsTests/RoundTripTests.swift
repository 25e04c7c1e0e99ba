// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sweeps
import Testing

@testable import Shards

@Suite struct RoundTripTests {
  /// Goal: what was written is read back to the bit, over several shards. Method: every kind of float, sizes that leave a
  /// last shard of 1 row, of all rows and of an odd number of bytes.
  @Test(arguments: [(1, 1), (40, 15), (31, 15), (30, 15), (7, 100)])
  func rows_writtenAndRead_areEqualBits(rows: Int, perShard: Int) throws {
    let scratch = try Scratch()
    let description = Sample.description()
    let manifest = try Sample.write(scratch.path + "/d", rows: rows, perShard: perShard)
    let dataset = try Dataset(directory: scratch.path + "/d")
    #expect(dataset.manifest == manifest)
    #expect(manifest.files.map(\.rowCount).reduce(0, +) == rows)
    #expect(dataset.rowCount == rows && dataset.columnCount == 3 && dataset.stepCount == 4 && dataset.channelCount == 2)
    for i in 0..<rows {
      let row = Sample.row(i, description)
      #expect(dataset.tabularRow(i).map(\.bitPattern) == row.tabular.map(\.bitPattern), "row \(i)")
      #expect(dataset.sequenceRow(i).map(\.bitPattern) == row.sequence.map(\.bitPattern), "row \(i)")
      #expect(dataset.labels[i] == row.label && dataset.groups[i] == row.group && dataset.rowIDs[i] == row.rowID)
    }
  }

  /// Goal: the digest names the content alone. Method: the same rows twice, at another time and place: equal bytes.
  @Test func sameRows_writtenTwice_giveTheSameBytes() throws {
    let scratch = try Scratch()
    try Sample.write(scratch.path + "/a/x")
    // HDF5 keeps object times in whole seconds: a slower second file would show them.
    Thread.sleep(forTimeInterval: 1.1)
    try Sample.write(scratch.path + "/b/y")
    let names = try scratch.names("a/x")
    #expect(names == ["manifest.json", "shard-0000.h5", "shard-0001.h5", "shard-0002.h5"])
    #expect(try scratch.names("b/y") == names)
    for name in names {
      let equal = try scratch.bytes("a/x/" + name) == scratch.bytes("b/y/" + name)
      #expect(equal, "\(name)")
    }
    #expect(try scratch.names("a") == ["x"], "nothing is left beside the data set")
  }

  /// Goal: one patient's value more, and the digest is another.
  @Test func oneBitOfOneValue_changesTheDigest() throws {
    let scratch = try Scratch()
    let description = Sample.description()
    var digests: Set<ContentDigest> = []
    for change in [false, true] {
      let directory = scratch.path + "/\(change)"
      let writer = try DatasetWriter(directory: directory, description: description, rowsPerShard: 8)
      for i in 0..<20 {
        let row = Sample.row(i, description)
        var tabular = row.tabular
        if change && i == 13 { tabular[2] = tabular[2].nextUp }
        try writer.append(
          ShardRow(tabular: tabular, sequence: row.sequence, label: row.label, group: row.group, rowID: row.rowID))
      }
      _ = try writer.finish()
      digests.insert(try Dataset(directory: directory).digest)
    }
    #expect(digests.count == 2)
  }

  /// Goal: the summary of labels never describes 1 to 10 rows.
  @Test(arguments: [(0, 30, true), (1, 30, false), (10, 30, false), (11, 30, true), (25, 30, false), (30, 30, true)])
  func prevalence_ofASmallCell_isLeftOut(positives: Int, rows: Int, isShown: Bool) {
    var accumulator = LabelSummary.Accumulator(isBinary: true)
    for i in 0..<rows { accumulator.add(i < positives ? 1 : 0) }
    #expect(
      accumulator.summary == .binary(prevalence: isShown ? Double(positives) / Double(rows) : nil))
  }

  @Test func regressionLabels_giveMeanAndSampleSD() throws {
    let scratch = try Scratch()
    let manifest = try Sample.write(scratch.path + "/d", rows: 12, Sample.description(.lengthOfStay))
    guard case .regression(let mean?, let sd?) = manifest.labels else {
      Issue.record("no summary")
      return
    }
    // 0, ¼, … 2¾: mean 1.375; variance of 0…11 is 13, a sixteenth of it.
    #expect(abs(mean - 1.375) < 1e-12 && abs(sd - (13.0 / 16).squareRoot()) < 1e-12)
    #expect(try Dataset(directory: scratch.path + "/d").manifest == manifest)
    let few = try Sample.write(scratch.path + "/few", rows: 10, Sample.description(.lengthOfStay))
    #expect(few.labels == .regression(mean: nil, sd: nil))
  }

  /// Goal: the manifest is JSON that any reader takes, hostile texts included.
  @Test func manifest_isJSON_withEveryPromisedKey() throws {
    let scratch = try Scratch()
    try Sample.write(scratch.path + "/d")
    let json = try JSONSerialization.jsonObject(with: scratch.bytes("d/manifest.json")) as? [String: Any]
    let keys = [
      "channels", "columns", "created_by", "files", "flow", "format", "index_time", "labels", "name", "outcome",
      "patients", "rows", "source", "steps",
    ]
    #expect(json?.keys.sorted() == keys)
    let column = (json?["columns"] as? [[String: Any]])?.first
    let texts = column?.compactMapValues { $0 as? String }
    #expect(
      texts == [
        "name": "c0", "item": "item \"0\"\n", "unit": "mmol/L", "window": "last 6 h", "statistic": "mean",
        "label": "c0, mean, last 6 h (mmol/L)",
      ])
    #expect(column?["items"] as? [Int] == [])
    #expect(json?["patients"] as? Int == 20)
  }

  // In real life: a data set was prepared before columns had labels and item numbers.
  @Test func manifest_withoutLabelsAndItems_isRead() throws {
    let scratch = try Scratch()
    try Sample.write(scratch.path + "/d")
    let path = scratch.path + "/d/manifest.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let older = text.replacing(/, "items": \[[^\]]*\], "label": "[^"]*"/, with: "")
    #expect(older != text && !older.contains("label\":\""))
    try Data(older.utf8).write(to: URL(fileURLWithPath: path))
    let manifest = try Dataset(directory: scratch.path + "/d").manifest
    #expect(manifest.columns.first?.label == "c0, mean, last 6 h (mmol/L)")
    #expect(manifest.columns.first?.items == [])
  }
}
