// SPDX-License-Identifier: Apache-2.0

import Contents
import Foundation
import Sweeps
import Testing

@Suite struct PartialFileTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "contents-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func bytes(_ count: Int, _ first: Int = 0) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: (($0 + first) &* 2_654_435_761) >> 7) }
  }

  private func damage(_ path: String, at offset: Int) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.seek(toOffset: UInt64(offset))
    let byte = try #require(try file.read(upToCount: 1)?.first)
    try file.seek(toOffset: UInt64(offset))
    try file.write(contentsOf: Data([byte ^ 1]))
    try file.close()
  }

  private let step = Int(PartialFile.markByteCount)

  /// Writes two and a half marks' length in pieces, and lets go without a word, as a killed process does.
  private func begin(_ path: String) throws -> [UInt8] {
    let whole = bytes(3 * step)
    let file = try PartialFile(path: path)
    for start in stride(from: 0, to: 5 * step / 2, by: step / 4) {
      try file.append(Array(whole[start..<start + step / 4]))
    }
    return whole
  }

  @Test func afterAKill_itGoesOnFromTheLastMark() throws {
    try withFolder { folder in
      let whole = try begin(folder + "/p")
      let again = try PartialFile(path: folder + "/p")
      #expect(again.byteCount == Int64(2 * step))
      try again.append(Array(whole[(2 * step)...]))
      try damage(folder + "/p.marks", at: 3)
      let digest = try digest(of: whole, in: folder)
      #expect(again.isSound(digest))
      try again.finish(as: folder + "/whole", isDurable: true)
      #expect(FileManager.default.contents(atPath: folder + "/whole") == Data(whole))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["source", "whole"])
    }
  }

  private func digest(of bytes: [UInt8], in folder: String) throws -> ContentDigest {
    try Data(bytes).write(to: URL(fileURLWithPath: folder + "/source"))
    return try SourceFile(path: folder + "/source").digest()
  }

  @Test func pausedOne_goesOnFromItsVeryEnd() throws {
    try withFolder { folder in
      let file = try PartialFile(path: folder + "/p")
      try file.append(bytes(1_000))
      try file.mark()
      #expect(try PartialFile(path: folder + "/p").byteCount == 1_000)
    }
  }

  /// In real life: the disk turned a bit of what had come so far, or lost the end of it in a power cut.
  @Test func damagedBeginning_isCutBackToWhatIsSound() throws {
    try withFolder { folder in
      _ = try begin(folder + "/p")
      try damage(folder + "/p", at: step + 5)
      #expect(try PartialFile(path: folder + "/p").byteCount == Int64(step))
      // The bytes beyond are gone, so a second look finds the same.
      #expect(try PartialFile(path: folder + "/p").byteCount == Int64(step))
      try damage(folder + "/p", at: 0)
      #expect(try PartialFile(path: folder + "/p").byteCount == 0)
    }
    try withFolder { folder in
      _ = try begin(folder + "/p")
      truncate(folder + "/p", off_t(step + step / 2))
      #expect(try PartialFile(path: folder + "/p").byteCount == Int64(step))
    }
  }

  @Test func marksThatAreNone_areNotBelieved() throws {
    try withFolder { folder in
      _ = try begin(folder + "/p")
      try Data("12 abc\n-5 x\n\u{1F4A3}\n99999999999 \(String(repeating: "0", count: 64))\n".utf8).write(
        to: URL(fileURLWithPath: folder + "/p.marks"))
      #expect(try PartialFile(path: folder + "/p").byteCount == 0)
    }
  }

  @Test func sources_areFilesAndNothingElse() throws {
    try withFolder { folder in
      try Data([1, 2, 3]).write(to: URL(fileURLWithPath: folder + "/f"))
      try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: folder + "/f")
      #expect(throws: ContentError.self) { try SourceFile(path: folder + "/link") }
      #expect(throws: ContentError.self) { try SourceFile(path: folder) }
      #expect(try SourceFile(path: folder + "/f").read(at: 1, length: 100) == [2, 3])
      #expect(try SourceFile(path: folder + "/f").read(at: 9, length: 100) == [])
    }
  }
}
