// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sweeps
import Testing

@testable import Shards

@Suite struct DatasetCatalogTests {
  /// In real life: a worker is started over a folder of data sets, one of them with a broken manifest.
  @Test func catalog_findsDatasetsByDigest_andOpensEachOnce() throws {
    let scratch = try Scratch()
    try Sample.write(scratch.path + "/set/readmission_30d")
    try Sample.write(scratch.path + "/set/length_of_stay", Sample.description(.lengthOfStay))
    try Sample.write(scratch.path + "/single", rows: 8)
    try FileManager.default.createDirectory(atPath: scratch.path + "/set/broken", withIntermediateDirectories: true)
    try scratch.write(Data("{".utf8), "set/broken/manifest.json")
    let catalog = DatasetCatalog(directories: [scratch.path + "/set", scratch.path + "/single", scratch.path + "/none"])
    #expect(catalog.digests.count == 3 && catalog.digests == catalog.digests.sorted())
    #expect(catalog.problems.map(\.code) == [.manifestInvalid, .system])
    for digest in catalog.digests {
      let dataset = try #require(try catalog.dataset(digest))
      #expect(dataset.digest == digest)
      #expect(try catalog.dataset(digest) === dataset)
    }
    let unknown = try #require(ContentDigest(hex: String(repeating: "0", count: 64)))
    #expect(try catalog.dataset(unknown) == nil)
  }

  /// In real life: a data set arrives after the worker started, or is replaced by another.
  @Test func catalog_looksAgain_whenADigestIsNew() throws {
    let scratch = try Scratch()
    try Sample.write(scratch.path + "/d", rows: 10)
    let catalog = DatasetCatalog(directories: [scratch.path])
    let older = try #require(catalog.digests.first)
    try Sample.write(scratch.path + "/d", rows: 11)
    #expect(try catalog.dataset(older) == nil)
    let newer = try Manifest.read(directory: scratch.path + "/d").1
    #expect(try catalog.dataset(newer)?.rowCount == 11)
    #expect(catalog.digests == [newer])
  }

  /// In real life: a row is damaged; the task fails with both hashes; someone mends it; the next try works.
  @Test func damagedDataset_isTriedAgain_whenItWasMended() throws {
    let scratch = try Scratch()
    try Sample.write(scratch.path + "/d")
    let catalog = DatasetCatalog(directories: [scratch.path])
    let digest = try #require(catalog.digests.first)
    let good = try scratch.bytes("d/shard-0002.h5")
    var bad = good
    let entry = try Manifest.read(directory: scratch.path + "/d").0.files[2]
    bad[try #require(entry.index).offsets[0] + 5] ^= 1
    try scratch.write(bad, "d/shard-0002.h5")
    let damaged = try #require(try catalog.dataset(digest))
    #expect(shardError { try damaged.verify(.tabular, rows: 0..<40) }?.code == .digestMismatch)
    try FileManager.default.removeItem(atPath: scratch.path + "/d/shard-0002.h5")
    try scratch.write(good, "d/shard-0002.h5")
    let mended = try #require(try catalog.dataset(digest))
    try mended.verify(.tabular, rows: 0..<40)
    #expect(try catalog.dataset(digest) === mended)
  }
}
