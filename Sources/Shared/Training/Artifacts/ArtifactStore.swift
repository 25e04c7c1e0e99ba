// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
package import Sweeps

/// Files named by the SHA-256 of their bytes: `ab/cdef…`. Written whole or not at all, and equal bytes once.
package struct ArtifactStore: Sendable {
  package let directory: String
  private let waitForRoom: @Sendable () -> Bool

  /// - Parameter waitForRoom: called when the disk is full; waits a while and says whether to try again. A fold that took
  ///   an hour to train is worth the wait, and its retries are not to be used up by a disk.
  package init(
    directory: String, waitForRoom: @escaping @Sendable () -> Bool = { false }
  ) throws(TrainingError) {
    self.directory = directory
    self.waitForRoom = waitForRoom
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw .failed(.resources, "artifact folder \(directory) cannot be made: \(error)")
    }
  }

  package func path(of digest: ContentDigest) -> String {
    "\(directory)/\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))"
  }

  /// On disk, names included, when it returns: temp file, fsync, rename, fsync of the folders. Without the last two a
  /// power cut loses the name (seen in 3 of 3).
  ///
  /// - Throws: `.failed(.resources, …)`: nothing is left behind then. After a failed fsync the file is written anew, never
  ///   flushed a second time.
  package func write(_ kind: ArtifactReference.Kind, _ bytes: [UInt8]) throws(TrainingError) -> ArtifactReference {
    let digest = ContentDigest(bytes: SHA256.hash(data: bytes))
    while true {
      do {
        try DurableFile.write(bytes, to: path(of: digest), under: directory)
        return ArtifactReference(kind: kind, digest: digest, byteCount: Int64(bytes.count))
      } catch {
        let isFull = error.number == ENOSPC || error.number == EDQUOT
        guard isFull, waitForRoom() else {
          throw .failed(.resources, "artifact \(path(of: digest)) cannot be \(error)")
        }
      }
    }
  }

  package func holds(_ digest: ContentDigest) -> Bool { access(path(of: digest), F_OK) == 0 }

  /// Of one that is kept elsewhere.
  package func remove(_ digest: ContentDigest) { unlink(path(of: digest)) }

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
}
