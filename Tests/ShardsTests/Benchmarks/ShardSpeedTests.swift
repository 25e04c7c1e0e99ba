// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Shards

/// What shards cost: write, open, verify, read. Small in every run so that it cannot rot; `make bench-shards` for the figures of a
/// set of MIMIC-III's size. Times are printed, never checked.
@Suite struct ShardSpeedTests {
  @Test func shards_writeOpenAndRead() throws {
    let isLarge = ProcessInfo.processInfo.environment["MUSTER_LARGE"] != nil
    let rowCount = isLarge ? 59_000 : 300
    let scratch = try Scratch()
    let description = Sample.description(columns: 714, channels: 17, steps: 48)
    let rows = (0..<64).map { Sample.row($0, description) }
    let directory = scratch.path + "/d"
    let writing = try seconds {
      let writer = try DatasetWriter(directory: directory, description: description)
      for i in 0..<rowCount {
        let row = rows[i % rows.count]
        try writer.append(
          ShardRow(
            tabular: row.tabular, sequence: row.sequence, label: row.label, group: Int64(i / 2), rowID: Int64(i)))
      }
      _ = try writer.finish()
    }
    let manifest = try Manifest.read(directory: directory).0
    let megabytes = Double(manifest.files.reduce(0) { $0 + $1.byteCount }) / 1e6
    var whole: Dataset?
    let openingWhole = try seconds { whole = try Dataset(directory: directory) }
    var opened: Dataset?
    let opening = try seconds { opened = try Dataset(directory: directory, scope: .rowsOnDemand) }
    let dataset = try #require(opened)
    // One fold of five: every fifth patient.
    let fold = (0..<rowCount).filter { $0 / 2 % 5 == 0 }
    var sum: UInt32 = 0
    let reading = try seconds {
      try dataset.verify(.tabular, rows: fold)
      for row in fold { sum &+= dataset.tabularRow(row)[4].bitPattern }
    }
    let readingAll = try seconds { try dataset.verify(.tabular, rows: 0..<rowCount) }
    #expect(sum == fold.reduce(UInt32(0)) { $0 &+ rows[$1 % rows.count].tabular[4].bitPattern })
    #expect(whole?.labels == dataset.labels)
    guard isLarge else { return }
    let foldMegabytes = Double(fold.count * 714 * 4) / 1e6
    print(
      """
      \(rowCount) rows × 714 columns, sequences 48 × 17: \(Int(megabytes)) MB in \(manifest.files.count) shards, in the page cache
      write, digests and syncs included   \(text(writing)) s   \(Int(megabytes / writing)) MB/s
      open, every byte verified           \(text(openingWhole)) s   \(Int(megabytes / openingWhole)) MB/s
      open, rows on demand                \(text(opening)) s
      one fold of five, tabular           \(text(reading)) s   \(Int(foldMegabytes)) MB
      the other folds, tabular            \(text(readingAll)) s   \(Int(foldMegabytes * 4)) MB
      """)
  }

  private func seconds(_ body: () throws -> Void) throws -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .seconds(1)
  }

  private func text(_ seconds: Double) -> String { String(format: "%7.3f", seconds) }
}
