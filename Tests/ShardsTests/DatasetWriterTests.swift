// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sweeps
import Testing

@testable import Shards

@Suite struct DatasetWriterTests {
  /// In real life: preparing is killed half-way. No manifest may show up, and what was there before stays.
  @Test func writerThatEndsEarly_leavesNoManifest_andTheOlderDataset() throws {
    let scratch = try Scratch()
    let description = Sample.description()
    for hasOlder in [false, true] {
      if hasOlder { try Sample.write(scratch.path + "/d", rows: 20) }
      do {
        let writer = try DatasetWriter(directory: scratch.path + "/d", description: description, rowsPerShard: 5)
        for i in 0..<17 { try writer.append(Sample.row(i, description)) }
        // Here the process would die: one shard is written, and two are perhaps still being written.
        let names = try scratch.names(".d.writing")
        #expect(names.first == "shard-0000.h5" && names.allSatisfy { $0.hasPrefix("shard-") }, "\(names)")
        #expect(FileManager.default.fileExists(atPath: scratch.path + "/d/manifest.json") == hasOlder)
        #expect(DatasetCatalog(directories: [scratch.path]).digests.count == (hasOlder ? 1 : 0))
      }
      #expect(try scratch.names() == (hasOlder ? ["d"] : []))
    }
    #expect(try Dataset(directory: scratch.path + "/d").rowCount == 20)
  }

  /// In real life: a killed writer's folder is found by the next one, which clears it and goes on.
  @Test func leftoversOfAKilledWriter_areCleared() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(atPath: scratch.path + "/.d.writing", withIntermediateDirectories: true)
    try scratch.write(Data("half".utf8), ".d.writing/shard-0007.h5")
    try Sample.write(scratch.path + "/d")
    #expect(try scratch.names() == ["d"])
    #expect(try scratch.names("d").contains("shard-0007.h5") == false)
  }

  /// In real life: the data set is prepared anew while a worker trains on the older one.
  @Test func replacedDataset_isWhole_andItsReaderKeepsTheOlderBytes() throws {
    let scratch = try Scratch()
    try Sample.write(scratch.path + "/d", rows: 60, perShard: 10)
    let older = try Dataset(directory: scratch.path + "/d")
    try Sample.write(scratch.path + "/d", rows: 9, perShard: 10)
    #expect(try scratch.names("d") == ["manifest.json", "shard-0000.h5"])
    #expect(try Dataset(directory: scratch.path + "/d").rowCount == 9)
    let row = Sample.row(59, Sample.description())
    #expect(older.tabularRow(59).map(\.bitPattern) == row.tabular.map(\.bitPattern))
  }

  /// In real life: `--out` names a folder with someone's files in it, or a link. None of them may be removed.
  @Test func directoryWithOtherFiles_isNeverReplaced() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(atPath: scratch.path + "/d", withIntermediateDirectories: true)
    try scratch.write(Data("thesis".utf8), "d/thesis.tex")
    #expect(shardError { try Sample.write(scratch.path + "/d") }?.code == .occupied)
    #expect(try scratch.names() == ["d"] && scratch.names("d") == ["thesis.tex"])
    try FileManager.default.createSymbolicLink(atPath: scratch.path + "/l", withDestinationPath: scratch.path + "/d")
    #expect(shardError { try Sample.write(scratch.path + "/l") }?.code == .occupied)
    #expect(shardError { try Sample.write("/") }?.code == .occupied)
    #expect(shardError { try Sample.write(scratch.path + "/d/thesis.tex/x") }?.code == .system)
  }

  @Test func secondWriter_ofTheSameDataset_isRefused() throws {
    let scratch = try Scratch()
    let description = Sample.description()
    let first = try DatasetWriter(directory: scratch.path + "/d", description: description)
    #expect(shardError { try Sample.write(scratch.path + "/d") }?.code == .busy)
    try first.append(Sample.row(0, description))
    #expect(try first.finish().rowCount == 1)
  }

  @Test func emptyDataset_isRefused_andLeavesNothing() throws {
    let scratch = try Scratch()
    #expect(shardError { try Sample.write(scratch.path + "/d", rows: 0) }?.code == .empty)
    #expect(try scratch.names() == [])
  }

  /// Goal: a row that a data set cannot hold is refused by its place, and no message shows what is in it. Method: every
  /// value that is wrong is one that can be searched for.
  @Test func badRow_isRefused_withoutItsValues() throws {
    let scratch = try Scratch()
    let tabular: [Float] = [271828, 314159, .nan]
    let sequence = [Float](repeating: 161803, count: 8)
    func refusal(_ outcome: Outcome, _ tabular: [Float], _ sequence: [Float], _ label: Float) throws -> ShardError? {
      let writer = try DatasetWriter(directory: scratch.path + "/d", description: Sample.description(outcome))
      try writer.append(ShardRow(tabular: [1, 2, 3], sequence: sequence, label: 1, group: 777_001, rowID: 777_002))
      return shardError {
        try writer.append(
          ShardRow(tabular: tabular, sequence: sequence, label: label, group: 777_003, rowID: 777_004))
      }
    }
    let errors = [
      try refusal(.icuMortality, tabular, sequence, 141421), try refusal(.icuMortality, tabular, sequence, .nan),
      try refusal(.lengthOfStay, tabular, sequence, .infinity),
      try refusal(.icuMortality, [271828, -.infinity, 1], sequence, 0),
      try refusal(.icuMortality, tabular + [1], sequence, 0),
    ]
    let parts = ["row 1, label", "row 1, label", "row 1, label", "row 1, column 1 (c1)", "row 1, tabular"]
    for (error, part) in zip(errors, parts) {
      #expect(error?.code == .rowInvalid && error?.subject == part, "\(error?.description ?? "no error")")
      let text = error?.description ?? ""
      for value in ["271828", "314159", "161803", "141421", "77700"] { #expect(!text.contains(value), "\(text)") }
    }
    let writer = try DatasetWriter(directory: scratch.path + "/d", description: Sample.description())
    let short = ShardRow(tabular: tabular, sequence: [1], label: 0, group: 0, rowID: 0)
    #expect(shardError { try writer.append(short) }?.subject == "row 0, sequence")
  }

  @Test func badDescription_isRefused() throws {
    let scratch = try Scratch()
    for description in [Sample.description(columns: 0), Sample.description(channels: 0), Sample.description(steps: 0)] {
      let error = shardError { _ = try DatasetWriter(directory: scratch.path + "/d", description: description) }
      #expect(error?.code == .descriptionInvalid)
    }
  }
}
