// SPDX-License-Identifier: Apache-2.0

/// A stretch of a content, which its SHA-256 names.
package struct ContentRange: Hashable, Sendable {
  package let digest: ContentDigest
  package let offset: Int64
  package let length: Int

  package init(digest: ContentDigest, offset: Int64, length: Int) {
    self.digest = digest
    self.offset = offset
    self.length = length
  }
}

/// Bytes of a content, as they travel.
package struct ContentChunk: Hashable, Sendable {
  package let digest: ContentDigest
  package let offset: Int64
  /// Of the whole content.
  package let byteCount: Int64
  package let bytes: [UInt8]

  package init(digest: ContentDigest, offset: Int64, byteCount: Int64, bytes: [UInt8]) {
    self.digest = digest
    self.offset = offset
    self.byteCount = byteCount
    self.bytes = bytes
  }
}

/// Why a content is not given or not taken.
package enum ContentRefusal: String, CaseIterable, Hashable, Sendable {
  /// Not among what this side serves.
  case unknown
  /// The attempt is not this worker's, or no one waits for its result.
  case notHeld = "not held"
  case tooLarge = "too large"
  /// Later, perhaps.
  case busy
  /// The disk is full.
  case noRoom = "no room"
}

/// One message on the bulk socket. Nothing on it is needed for a sweep's facts: what is lost is asked for again.
package struct BulkMessage: Hashable, Sendable {
  /// The worker that speaks or is spoken to.
  package let worker: Incarnation
  package let epoch: Int64
  package let body: Body

  package init(worker: Incarnation, epoch: Int64, body: Body) {
    self.worker = worker
    self.epoch = epoch
    self.body = body
  }

  package enum Body: Hashable, Sendable {
    /// Asks for one chunk. `isFresh`: earlier wants of this content are void.
    case want(ContentRange, isFresh: Bool)
    case chunk(ContentChunk)
    case refused(ContentDigest, ContentRefusal)
    /// A worker's: made under the attempt, for the coordinator to fetch. `key`: of a checkpoint, the question it half answers.
    case offer(TaskAttempt, ArtifactReference, key: ContentDigest?)
    /// A worker's: is there a checkpoint of this question?
    case findCheckpoint(TaskAttempt, key: ContentDigest)
    /// The coordinator's: it is on its disk.
    case stored(ContentDigest)
    /// The coordinator's.
    case checkpointFound(key: ContentDigest, ArtifactReference?)
  }
}
