// SPDX-License-Identifier: Apache-2.0

import Foundation
import Gzip
import Testing

@Suite struct GzipTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  // Goal: what was written is read back, whatever the sizes of the pieces. Method: sizes around the buffers' 256 KiB.
  @Test(arguments: [0, 1, 2, 100, 262_143, 262_144, 262_145, 700_001], [true, false])
  func roundTrip_sizesAroundTheBuffer_giveTheSameBytes(count: Int, isCompressed: Bool) throws {
    let bytes = sampleBytes(count)
    let path = folder.file("a.csv")
    try writeFile(bytes, path, level: 1, isCompressed: isCompressed)
    #expect(try readAll(path) == bytes)
    #expect(try readAll(path, pieceByteCount: 1_000_003) == bytes)
    if count < 1000 { #expect(try readAll(path, pieceByteCount: 1) == bytes) }
  }

  // In real life: a table exported by gzip itself, with the original name in the header.
  @Test func reader_fileMadeByGzip_isRead() throws {
    // printf 'hello, ward\n' > t && gzip t
    let base64 = "H4sICAAAAAAC/3QAy0jNycnXUShPLErhAgBew6d9DAAAAA=="
    let bytes = [UInt8](try #require(Data(base64Encoded: base64)))
    let path = try folder.put(bytes, as: "t.gz")
    #expect(try readAll(path) == Array("hello, ward\n".utf8))
  }

  // In real life: `cat part1.gz part2.gz > all.gz`, and bgzip, which makes a member of every block.
  @Test func reader_manyMembersWithEmptyOnes_givesAllOfThem() throws {
    var compressed: [UInt8] = []
    var plain: [UInt8] = []
    for count in [10, 0, 300_000, 0, 1] {
      let bytes = sampleBytes(count)
      try writeFile(bytes, folder.file("m.gz"))
      compressed += try folder.bytes("m.gz")
      plain += bytes
    }
    let path = try folder.put(compressed, as: "all.gz")
    #expect(try readAll(path) == plain)
    #expect(try readAll(try folder.put(compressed + [0, 0, 0], as: "padded.gz")) == plain)
  }

  // In real life: the disk was full or the download stopped, at any byte.
  @Test func reader_fileCutAtAnyByte_throwsTruncated() throws {
    try writeFile(sampleBytes(900), folder.file("whole.gz"))
    let whole = try folder.bytes("whole.gz")
    for end in 0..<whole.count {
      let path = try folder.put(Array(whole[..<end]), as: "cut.csv.gz")
      let error = #expect(throws: GzipError.self, "cut at \(end)") { try readAll(path) }
      #expect(error?.code == .truncated && error?.path == path, "cut at \(end)")
    }
  }

  @Test func reader_secondMemberCutAtAnyByte_throwsTruncated() throws {
    try writeFile(sampleBytes(300), folder.file("whole.gz"))
    let whole = try folder.bytes("whole.gz")
    for end in 1..<whole.count {
      let path = try folder.put(whole + whole[..<end], as: "cut.csv.gz")
      let error = #expect(throws: GzipError.self, "second member cut at \(end)") { try readAll(path) }
      #expect(error?.code == .truncated, "second member cut at \(end)")
    }
  }

  // In real life: one bit of the disk or of the network turned. Some bits carry nothing and are covered by no checksum (the
  // time in the header, the padding behind the last block): then the content is still the right one.
  @Test func reader_oneByteFlipped_neverGivesOtherBytes() throws {
    let bytes = sampleBytes(700)
    try writeFile(bytes, folder.file("whole.gz"))
    let whole = try folder.bytes("whole.gz")
    for index in whole.indices {
      for first in [[], whole] {
        var flipped = whole
        flipped[index] ^= 0x10
        let path = try folder.put(first + flipped, as: "flipped.gz")
        let read = Result { () throws(GzipError) in try readAll(path) }
        switch read {
        case .failure(let error): #expect(error.path == path)
        case .success(let found):
          // Without its magic a first member is a plain file, byte for byte as it is.
          let isPlain = first.isEmpty && index < 2
          let expected = isPlain ? flipped : first.isEmpty ? bytes : bytes + bytes
          #expect(found == expected, "byte \(index), after \(first.count) bytes")
        }
      }
    }
  }

  @Test func reader_afterAnError_throwsItAgain() throws {
    try writeFile(sampleBytes(900), folder.file("whole.gz"))
    let path = try folder.put(Array(try folder.bytes("whole.gz").dropLast(3)), as: "cut.gz")
    let reader = try GzipReader(path: path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
    defer { buffer.deallocate() }
    for _ in 0..<3 { #expect(throws: GzipError.self) { try reader.read(into: buffer) } }
  }

  // In real life: a browser unpacked the file on its way and kept the name.
  @Test func reader_plainBytesNamedGz_areGivenAsTheyAre() throws {
    let path = try folder.put(Array("ROW_ID\n1\n".utf8), as: "T.csv.gz")
    #expect(try readAll(path) == Array("ROW_ID\n1\n".utf8))
  }

  @Test func reader_directoryOrMissingFile_namesThePath() throws {
    let error = #expect(throws: GzipError.self) { try GzipReader(path: folder.path) }
    #expect(error?.code == .notAFile)
    let missing = folder.file("none.csv.gz")
    let other = #expect(throws: GzipError.self) { try GzipReader(path: missing) }
    #expect(other?.code == .notFound)
    #expect(other?.description.hasPrefix("\(missing): no such file") == true)
  }
}
