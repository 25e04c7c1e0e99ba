// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sweeps
import Testing

@testable import Shards

/// Rows that are verified one by one, when they are wanted.
@Suite struct RowVerificationTests {
  /// In real life: one bit of a shard rots on a disk, and a fold reads some of its rows. Goal: a row is read only as it was written,
  /// and a row elsewhere does not stop the fold. Method: bytes all over a shard flipped in turn, all rows compared.
  @Test func flippedByte_stopsTheRowThatHoldsIt_andNoOther() throws {
    let scratch = try Scratch()
    let manifest = try Sample.write(scratch.path + "/d", rows: 12, perShard: 6)
    let good = try scratch.bytes("d/shard-0001.h5")
    let offsets = try #require(manifest.files[1].index).offsets
    let widths = [DatasetPart.tabular: 3 * 4, .sequence: 4 * 2 * 4]
    let rows = offsets[2]..<(offsets[5] + 6 * 64)
    var found = (row: 0, rows: 0, unread: 0)
    let step = 11
    for offset in stride(from: 0, to: good.count, by: step) {
      var bad = good
      bad[offset] ^= 1 << UInt8(offset % 8)
      try replace(scratch, "d/shard-0001.h5", bad)
      if rows.contains(offset), !(offsets[2] + 6 * 4..<offsets[3]).contains(offset) {
        let error = shardError { _ = try Dataset(directory: scratch.path + "/d", scope: .rowsOnDemand) }
        #expect(error?.code == .digestMismatch && error?.path.hasSuffix("shard-0001.h5") == true, "offset \(offset)")
        found.rows += 1
        continue
      }
      let dataset = try Dataset(directory: scratch.path + "/d", scope: .rowsOnDemand)
      var broken: [Int] = []
      for (place, part) in DatasetPart.allCases.enumerated() {
        for row in 0..<12 {
          let isHit = row >= 6 && (offset - offsets[place]) / (widths[part] ?? 1) == row - 6 && offset >= offsets[place]
          let error = shardError { try dataset.verify(part, rows: [row]) }
          #expect((error?.code == .digestMismatch) == isHit, "offset \(offset), row \(row)")
          if let error {
            broken.append(row)
            #expect(error.subject == "\(part.rawValue) values of its row \(row - 6)")
          } else {
            #expect(isAsWritten(dataset, part, row))
          }
        }
      }
      #expect(dataset.isDamaged == !broken.isEmpty)
      if broken.isEmpty { found.unread += 1 } else { found.row += 1 }
    }
    // Both parts of 6 rows; labels, groups, identifiers and digests of 6 rows; headers that no fold reads.
    #expect(found.row >= 6 * (12 + 32) / step && found.rows >= 6 * (4 + 8 + 8 + 64) / step, "\(found)")
    #expect(found.unread > 0, "\(found)")
  }

  private func isAsWritten(_ dataset: Dataset, _ part: DatasetPart, _ row: Int) -> Bool {
    let expected = Sample.row(row, Sample.description())
    let (found, values) =
      part == .tabular
      ? (dataset.tabularRow(row), expected.tabular) : (dataset.sequenceRow(row), expected.sequence)
    return found.map(\.bitPattern) == values.map(\.bitPattern)
  }

  /// A new file, as a copy tool makes it: who has the older one mapped keeps it.
  private func replace(_ scratch: Scratch, _ name: String, _ bytes: Data) throws {
    try FileManager.default.removeItem(atPath: scratch.path + "/" + name)
    try scratch.write(bytes, name)
  }

  /// In real life: many threads of a worker verify overlapping folds.
  @Test func rows_areVerifiedByManyThreadsAtOnce() async throws {
    let scratch = try Scratch()
    try Sample.write(scratch.path + "/d", rows: 200)
    let dataset = try Dataset(directory: scratch.path + "/d", scope: .rowsOnDemand)
    let counts = try await withThrowingTaskGroup(of: Int.self) { group in
      for first in 0..<8 {
        group.addTask {
          let rows = Array(first * 10..<200)
          try dataset.verify(.sequence, rows: rows)
          return rows.reduce(0) { $0 + dataset.sequenceRow($1).count }
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(counts == 8 * (200 + 130) / 2 * 8)
    #expect(!dataset.isDamaged)
  }

  /// In real life: a row is read that nobody asked to verify. That is our mistake and ends the process.
  @Test func row_thatWasNotVerified_isNotHandedOut() async throws {
    await #expect(processExitsWith: .failure) {
      let scratch = try Scratch()
      try Sample.write(scratch.path + "/d")
      let dataset = try Dataset(directory: scratch.path + "/d", scope: .rowsOnDemand)
      try dataset.verify(.tabular, rows: 0..<7)
      _ = dataset.tabularRow(7)
    }
    await #expect(processExitsWith: .success) {
      let scratch = try Scratch()
      try Sample.write(scratch.path + "/d")
      let dataset = try Dataset(directory: scratch.path + "/d", scope: .rowsOnDemand)
      try dataset.verify(.tabular, rows: 0..<7)
      _ = dataset.tabularRow(6)
    }
  }

  /// In real life: a data set was prepared by the version before this one. It is read, and verified whole.
  @Test func datasetOfFormat1_isRead_andVerifiedWhole() throws {
    let scratch = try Scratch()
    let description = Sample.description()
    try FileManager.default.createDirectory(atPath: scratch.path + "/d", withIntermediateDirectories: true)
    var block = ShardFileWriter.Block()
    for row in (0..<12).map({ Sample.row($0, description) }) {
      block.tabular += row.tabular
      block.sequence += row.sequence
      block.labels.append(row.label)
      block.groups.append(row.group)
      block.rowIDs.append(row.rowID)
    }
    let layout = ShardLayout(format: 1, rowCount: 12, columnCount: 3, stepCount: 4, channelCount: 2)
    try ShardFileWriter.write(block, layout, to: scratch.path + "/d/shard-0000.h5")
    let bytes = try scratch.bytes("d/shard-0000.h5")
    let newer = Manifest(
      description: description, rowCount: 12, patientCount: 6, labels: .binary(prevalence: nil),
      files: [
        ShardFile(
          name: "shard-0000.h5", sha256: [UInt8](bytes).withUnsafeBytes { $0.sha256 }, byteCount: Int64(bytes.count),
          rowCount: 12)
      ])
    let text = String(decoding: newer.json, as: UTF8.self).replacing("\"format\": 2", with: "\"format\": 1")
    try scratch.write(Data(text.utf8), "d/manifest.json")
    for scope in [VerificationScope.everything, .rowsOnDemand] {
      let dataset = try Dataset(directory: scratch.path + "/d", scope: scope)
      try dataset.verify(.tabular, rows: 0..<12)
      #expect((0..<12).allSatisfy { isAsWritten(dataset, .tabular, $0) && isAsWritten(dataset, .sequence, $0) })
      #expect(dataset.manifest.json == Array(text.utf8))
    }
    #expect(try DatasetVerification(directory: scratch.path + "/d").isIntact)
    var bad = bytes
    bad[bad.count - 3] ^= 1
    try scratch.write(bad, "d/shard-0000.h5")
    #expect(
      shardError { _ = try Dataset(directory: scratch.path + "/d", scope: .rowsOnDemand) }?.code == .digestMismatch)
  }
}
