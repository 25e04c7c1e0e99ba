// SPDX-License-Identifier: Apache-2.0

import Foundation
import Gzip
import Testing

@Suite struct GzipWriterTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  // In real life: the process stops half-way; nobody may take the part for the whole.
  @Test func writer_droppedBeforeClose_leavesTheOldFileAndNothingElse() throws {
    let path = folder.file("a.csv.gz")
    try writeFile([1, 2, 3], path)
    do {
      let writer = try GzipWriter(path: path)
      try write(sampleBytes(600_000), to: writer)
      #expect(try folder.names().count == 2)
    }
    #expect(try folder.names() == ["a.csv.gz"])
    #expect(try readAll(path) == [1, 2, 3])
  }

  @Test func writer_closedTwice_staysClosedAndTakesNothingMore() throws {
    let path = folder.file("a.csv.gz")
    let writer = try GzipWriter(path: path)
    try write([1], to: writer)
    try writer.close()
    try writer.close()
    #expect(throws: GzipError.self) { try write([2], to: writer) }
    #expect(try readAll(path) == [1])
  }

  // Goal: equal input gives equal files, on any day. Method: the time field of the header is zero.
  @Test func writer_sameBytes_giveTheSameFileInAnyPieces() throws {
    let bytes = sampleBytes(300_000)
    try writeFile(bytes, folder.file("a.gz"))
    let writer = try GzipWriter(path: folder.file("b.gz"))
    for start in stride(from: 0, to: bytes.count, by: 777) {
      try write(Array(bytes[start..<min(bytes.count, start + 777)]), to: writer)
    }
    try writer.close()
    let (a, b) = (try folder.bytes("a.gz"), try folder.bytes("b.gz"))
    #expect(a == b)
    #expect(a[4..<8].allSatisfy { $0 == 0 })
  }

  @Test func writer_noSuchFolder_namesThePath() throws {
    let path = folder.file("none/a.csv.gz")
    let error = #expect(throws: GzipError.self) { try GzipWriter(path: path) }
    #expect(error?.code == .notFound && error?.path == path)
  }

  // In real life: the disk is full. /dev/full says so to every write.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "not run: this system has no /dev/full"))
  func writer_fullDisk_throwsAndKeepsThrowing() throws {
    let path = folder.file("a.csv")
    try FileManager.default.createSymbolicLink(atPath: "\(path).partial-\(getpid())", withDestinationPath: "/dev/full")
    let writer = try GzipWriter(path: path, isCompressed: false)
    try write([1], to: writer)
    for _ in 0..<2 {
      let error = #expect(throws: GzipError.self) { try writer.close() }
      #expect(error?.code == .cannotWrite && error?.path == path)
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}
