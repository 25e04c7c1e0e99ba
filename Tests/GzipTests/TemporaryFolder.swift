// SPDX-License-Identifier: Apache-2.0

import Foundation
import Gzip

/// A fresh folder, removed with its contents when the value goes.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("gzip-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func put(_ bytes: [UInt8], as name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name)))) }

  func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

/// Everything the reader gives, asked for in pieces of `pieceByteCount`.
func readAll(_ path: String, pieceByteCount: Int = 1 << 16) throws(GzipError) -> [UInt8] {
  let reader = try GzipReader(path: path)
  var all: [UInt8] = []
  let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceByteCount, alignment: 1)
  defer { piece.deallocate() }
  while true {
    let count = try reader.read(into: piece)
    if count == 0 { return all }
    all += piece[..<count]
  }
}

func writeFile(_ bytes: [UInt8], _ path: String, level: Int = 1, isCompressed: Bool = true) throws(GzipError) {
  let writer = try GzipWriter(path: path, level: level, isCompressed: isCompressed)
  try write(bytes, to: writer)
  try writer.close()
}

func write(_ bytes: [UInt8], to writer: GzipWriter) throws(GzipError) {
  let result = bytes.withUnsafeBytes { buffer in
    Result { () throws(GzipError) in try writer.write(buffer) }
  }
  try result.get()
}

/// Bytes with both repeats and noise, so that compressed blocks of several kinds arise.
func sampleBytes(_ count: Int) -> [UInt8] {
  var state: UInt32 = 12345
  return (0..<count).map { index in
    state = state &* 1_664_525 &+ 1_013_904_223
    return index % 7 == 0 ? UInt8(state >> 24) : UInt8(48 + index % 10)
  }
}
