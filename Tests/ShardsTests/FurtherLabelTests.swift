// SPDX-License-Identifier: Apache-2.0

import Foundation
import PeerKit
import Sweeps
import Testing

@testable import Shards

/// Format 3: rows with labels of other outcomes.
@Suite struct FurtherLabelTests {
  private static let outcomes: [Outcome] = [.icuMortality, .lengthOfStay]

  private static func description(_ further: [Outcome] = outcomes) -> DatasetDescription {
    let plain = Sample.description()
    return DatasetDescription(
      name: plain.name, outcome: plain.outcome, source: plain.source, indexTime: plain.indexTime,
      columns: plain.columns,
      channels: plain.channels, stepCount: plain.stepCount, flow: plain.flow, createdBy: plain.createdBy,
      further: further)
  }

  private static func labels(_ row: Int) -> [Float] {
    [row % 4 == 0 ? .nan : Float(row % 3 == 1 ? 1 : 0), row % 7 == 0 ? .nan : Float(row) / 3]
  }

  private static func row(_ row: Int, _ further: [Float]) -> ShardRow {
    let plain = Sample.row(row, Sample.description())
    return ShardRow(
      tabular: plain.tabular, sequence: plain.sequence, label: plain.label, group: plain.group, rowID: plain.rowID,
      further: further)
  }

  @discardableResult private func write(
    _ directory: String, rows: Int = 40, further: [Outcome] = outcomes, _ labels: (Int) -> [Float] = labels
  ) throws -> Manifest {
    let writer = try DatasetWriter(
      directory: directory, description: Self.description(further), rowsPerShard: 15)
    for row in 0..<rows { try writer.append(Self.row(row, labels(row))) }
    return try writer.finish()
  }

  @Test func furtherLabels_writtenAndRead_areEqualBits() throws {
    let scratch = try Scratch()
    let manifest = try write(scratch.path + "/d")
    #expect(manifest.format == 3 && manifest.further.map(\.outcome) == Self.outcomes)
    for scope in [VerificationScope.everything, .rowsOnDemand] {
      let dataset = try Dataset(directory: scratch.path + "/d", scope: scope)
      #expect(dataset.manifest == manifest)
      for row in 0..<40 {
        for (place, label) in Self.labels(row).enumerated() {
          #expect(dataset.furtherLabel(place, row: row).bitPattern == label.bitPattern, "row \(row)")
        }
      }
    }
    #expect(try DatasetVerification(directory: scratch.path + "/d").isIntact)
  }

  /// In real life: an older program, and thousands of data sets that are named by their bytes.
  @Test func withoutFurtherLabels_theFormatIsTheOlderOne() throws {
    let scratch = try Scratch()
    let manifest = try write(scratch.path + "/d", further: []) { _ in [] }
    #expect(manifest.format == 2 && manifest.files.allSatisfy { $0.index?.offsets.count == 6 })
    #expect(!String(decoding: manifest.json, as: UTF8.self).contains("further"))
    try Sample.write(scratch.path + "/plain")
    #expect(try scratch.bytes("plain/shard-0001.h5") == scratch.bytes("d/shard-0001.h5"))
  }

  /// In real life: a bit of a label rots. No fold trains on any row of that shard.
  @Test func flippedByteOfAFurtherLabel_isRefusedAtOpening() throws {
    let scratch = try Scratch()
    let manifest = try write(scratch.path + "/d")
    let good = try scratch.bytes("d/shard-0001.h5")
    let start = try #require(manifest.files[1].index).offsets[6]
    for offset in start..<start + 15 * 2 * 4 {
      var bad = good
      bad[offset] ^= 1
      try scratch.write(bad, "d/shard-0001.h5")
      for scope in [VerificationScope.everything, .rowsOnDemand] {
        let error = shardError { _ = try Dataset(directory: scratch.path + "/d", scope: scope) }
        #expect(error?.code == .digestMismatch && error?.path.hasSuffix("shard-0001.h5") == true, "offset \(offset)")
      }
      #expect(try !DatasetVerification(directory: scratch.path + "/d").isIntact)
    }
  }

  // Goal: docs/Shards.md is true in Python of this format too. Method: as `PandasTests`.
  @Test(.enabled(if: PeerPython.has("h5py, pandas"), "not run: no Python with h5py and pandas"))
  func furtherLabels_areReadByH5py() throws {
    let scratch = try Scratch()
    try write(scratch.path + "/d")
    let script = PeerPython.repository.path + "/Tests/ShardsTests/Peers/read_shards.py"
    let read = try PeerPython.run([script, scratch.path + "/d"])
    #expect(read.status == 0 && read.output.contains("further labels: icu_mortality, length_of_stay"), "\(read.output)")
  }

  @Test func manifestThatContradictsItself_isRefused() throws {
    let scratch = try Scratch()
    try write(scratch.path + "/d")
    let good = String(decoding: try scratch.bytes("d/manifest.json"), as: UTF8.self)
    func refusal(_ old: String, _ new: String) throws -> ShardError? {
      #expect(good.contains(old), "\(old)")
      try scratch.write(Data(good.replacingOccurrences(of: old, with: new).utf8), "d/manifest.json")
      return shardError { _ = try Dataset(directory: scratch.path + "/d", scope: .rowsOnDemand) }
    }
    #expect(try refusal("\"format\": 3", "\"format\": 2")?.subject == "further")
    #expect(try refusal("\"further\"", "\"other\"")?.subject == "further")
    #expect(try refusal("\"outcome\": \"icu_mortality\"", "\"outcome\": \"sepsis\"")?.subject == "further[0].outcome")
    #expect(try refusal("\"icu_mortality\"", "\"readmission_30d\"")?.found == "a second readmission_30d")
    #expect(try refusal("\"icu_mortality\"", "\"remaining_length_of_stay\"")?.found == "the other kind")
    #expect(try refusal("\"kind\": \"regression\"", "\"kind\": \"binary\"")?.subject == "further")
  }

  @Test func labelThatCannotBe_isRefused() throws {
    let scratch = try Scratch()
    func refusal(_ labels: [Float]) -> ShardError? { shardError { try write(scratch.path + "/d") { _ in labels } } }
    #expect(refusal([1])?.expected == "2")
    #expect(refusal([2, 1])?.subject == "row 0, further label icu_mortality")
    #expect(refusal([1, .infinity])?.subject == "row 0, further label length_of_stay")
    #expect(refusal([.nan, .nan]) == nil)
    #expect(
      shardError { try write(scratch.path + "/e", further: [.readmission30d]) { _ in [1] } }?.code
        == .descriptionInvalid)
  }

  /// Goal: two shares that overlap never tell how few lie between them. Method: 2,000 rows, one label known in three rows fewer.
  @Test func shares_areCoarse() throws {
    func summary(_ rows: Int, known: Int, positive: Int) -> FurtherLabel {
      var sums = FurtherLabel.Accumulator(.icuMortality)
      for row in 0..<rows { sums.add(row < positive ? 1 : row < known ? 0 : .nan) }
      return sums.summary
    }
    #expect(summary(2_000, known: 2_000, positive: 250) == summary(2_000, known: 1_997, positive: 253))
    #expect(summary(2_000, known: 1_500, positive: 250).knownShare == 0.75)
    #expect(summary(2_000, known: 1_500, positive: 250).labels == .binary(prevalence: 0.17))
    #expect(summary(500, known: 240, positive: 60).knownShare == 0.5)
    #expect(summary(500, known: 240, positive: 60).labels == .binary(prevalence: 0.3))
    #expect(summary(500, known: 240, positive: 10).labels == .binary(prevalence: nil))
    #expect(summary(109, known: 100, positive: 50).knownShare == nil)
  }
}
