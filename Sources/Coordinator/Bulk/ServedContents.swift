// SPDX-License-Identifier: Apache-2.0

import Contents
import SweepPlans
import Sweeps
import Transfers

/// What is handed out: the files of the sweep's data set, and checkpoints that a worker with a right to them has asked for.
/// By digest alone: no peer names a path, and nothing is opened that is not in this table.
final class ServedContents {
  /// Checkpoints kept open at a time: the one asked for longest ago goes first.
  static let checkpointCountMax = 64

  private enum Place {
    case path(String, byteCount: Int64)
    case open(SourceFile)
  }

  private let artifacts: String
  private var places: [ContentDigest: Place] = [:]
  private var checkpoints: [ContentDigest] = []

  init(_ dataset: DatasetSummary, artifacts: String) {
    self.artifacts = artifacts
    for file in dataset.files {
      places[file.digest] = .path("\(dataset.path)/\(file.name)", byteCount: file.byteCount)
    }
  }

  /// Whether this is a stretch of something that is served.
  func holds(_ range: ContentRange) -> Bool {
    switch places[range.digest] {
    case .path(_, let byteCount)?: range.offset < byteCount
    case .open(let file)?: range.offset < max(1, file.byteCount)
    case nil: false
    }
  }

  /// `nil` when the file cannot be read, or is another one by now: the data set was prepared anew beside the sweep.
  func read(_ range: ContentRange) -> ContentChunk? {
    guard let file = file(range.digest),
      let bytes = try? file.read(at: range.offset, length: min(range.length, TransferLimit.chunkBytes))
    else { return nil }
    return ContentChunk(digest: range.digest, offset: range.offset, byteCount: file.byteCount, bytes: bytes)
  }

  private func file(_ digest: ContentDigest) -> SourceFile? {
    switch places[digest] {
    case .open(let file)?: return file
    case .path(let path, let byteCount)?:
      guard let file = try? SourceFile(path: path), file.byteCount == byteCount else { return nil }
      places[digest] = .open(file)
      return file
    case nil: return nil
    }
  }

  /// The checkpoint of that question, from now on served by its content, if there is one.
  func checkpoint(_ key: ContentDigest) -> ArtifactReference? {
    guard let file = try? SourceFile(path: "\(artifacts)/checkpoints/\(key.hex)"), file.byteCount > 0,
      file.byteCount <= TransferLimit.checkpointBytesMax, let digest = try? file.digest()
    else { return nil }
    let isNew = places[digest] == nil
    if isNew {
      places[digest] = .open(file)
      checkpoints.append(digest)
    }
    if checkpoints.count > Self.checkpointCountMax { places[checkpoints.removeFirst()] = nil }
    return ArtifactReference(kind: .checkpoint, digest: digest, byteCount: file.byteCount)
  }
}
