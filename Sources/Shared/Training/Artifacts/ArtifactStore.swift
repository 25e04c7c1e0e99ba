// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
package import Sweeps

/// Files named by the SHA-256 of their bytes: `ab/cdef…`. Written whole or not at all, and equal bytes once.
package struct ArtifactStore: Sendable {
  package let directory: String

  package init(directory: String) throws(TrainingError) {
    self.directory = directory
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw .failed(.resources, "artifact folder \(directory) cannot be made: \(error)")
    }
  }

  package func path(of digest: ContentDigest) -> String {
    "\(directory)/\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))"
  }

  /// On disk, names included, when it returns: temp file, fsync, rename, fsync of the folder. Without the last two a power
  /// cut loses the name (seen in 3 of 3).
  package func write(_ kind: ArtifactReference.Kind, _ bytes: [UInt8]) throws(TrainingError) -> ArtifactReference {
    let digest = ContentDigest(bytes: SHA256.hash(data: bytes))
    let reference = ArtifactReference(kind: kind, digest: digest, byteCount: Int64(bytes.count))
    let path = path(of: digest)
    guard !FileManager.default.fileExists(atPath: path) else { return reference }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    // The process and the content in the name: two workers may write the same bytes at once.
    let temporary = "\(folder)/.\(digest.hex.suffix(16)).\(getpid())"
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try writeDurably(bytes, to: temporary)
    } catch {
      unlink(temporary)
      throw .failed(.resources, "artifact \(path) cannot be written: \(error)")
    }
    guard rename(temporary, path) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(temporary)
      throw .failed(.resources, "artifact \(path) cannot be named: \(reason)")
    }
    syncFolder(folder)
    return reference
  }

  /// The bytes of an artifact, checked against its name.
  package func read(_ digest: ContentDigest) throws(TrainingError) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path(of: digest)) else {
      throw .failed(.other, "artifact \(path(of: digest)) is missing")
    }
    let found = ContentDigest(bytes: SHA256.hash(data: data))
    guard found == digest else {
      throw .failed(.other, "artifact \(path(of: digest)): expected SHA-256 \(digest), found \(found)")
    }
    return Array(data)
  }

  private func writeDurably(_ bytes: [UInt8], to path: String) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil) else {
      throw CocoaError(.fileWriteUnknown)
    }
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.write(contentsOf: bytes)
    try handle.synchronize()
    try handle.close()
  }

  private func syncFolder(_ folder: String) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
