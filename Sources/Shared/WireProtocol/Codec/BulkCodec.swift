// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import Sweeps
import SwiftProtobuf

/// One frame of the bulk socket, whichever way it goes.
package func encode(_ message: BulkMessage) -> [UInt8] {
  let body: Muster_V1_Envelope.OneOf_Body
  switch message.body {
  case .want(let range, let isFresh):
    body = .want(
      .with {
        $0.digest = bytes(range.digest)
        $0.offset = range.offset
        $0.length = Int64(range.length)
        $0.isFresh = isFresh
      })
  case .chunk(let chunk):
    body = .chunk(
      .with {
        $0.digest = bytes(chunk.digest)
        $0.offset = chunk.offset
        $0.byteCount = chunk.byteCount
        $0.bytes = Data(chunk.bytes)
      })
  case .refused(let digest, let refusal):
    body = .refusal(
      .with {
        $0.digest = bytes(digest)
        $0.code = Muster_V1_Refusal.Code(refusal)
      })
  case .offer(let taskAttempt, let artifact, let key):
    body = .offer(
      .with {
        $0.taskAttempt = Muster_V1_TaskAttempt(taskAttempt)
        $0.artifact = Muster_V1_Artifact(artifact)
        $0.checkpointKey = key.map(bytes) ?? Data()
      })
  case .findCheckpoint(let taskAttempt, let key):
    body = .findCheckpoint(
      .with {
        $0.taskAttempt = Muster_V1_TaskAttempt(taskAttempt)
        $0.checkpointKey = bytes(key)
      })
  case .stored(let digest): body = .stored(.with { $0.digest = bytes(digest) })
  case .checkpointFound(let key, let artifact):
    body = .checkpointFound(
      .with {
        $0.checkpointKey = bytes(key)
        if let artifact { $0.artifact = Muster_V1_Artifact(artifact) }
      })
  }
  return sealed(message.worker, epoch: message.epoch, body)
}

/// - Throws: `WireError` for bytes that are no message of the bulk socket, whatever they are.
package func decodeBulkMessage(_ payload: [UInt8]) throws(WireError) -> BulkMessage {
  let envelope = try opened(payload)
  return BulkMessage(
    worker: try envelope.readIncarnation(), epoch: try notNegative(envelope.epoch, "epoch"),
    body: try bulkBody(envelope.body))
}

private func bulkBody(_ body: Muster_V1_Envelope.OneOf_Body?) throws(WireError) -> BulkMessage.Body {
  switch body {
  case .want(let want):
    let range = ContentRange(
      digest: try digest(want.digest, "want.digest"), offset: try integer(want.offset, "want.offset", in: byteCounts),
      length: try count(want.length, "want.length", min: 1, max: WireLimit.chunkBytes))
    return .want(range, isFresh: want.isFresh)
  case .chunk(let chunk): return .chunk(try chunk.value())
  case .refusal(let refusal):
    return .refused(try digest(refusal.digest, "refusal.digest"), try refusal.code.value())
  case .offer(let offer):
    return .offer(
      try offer.taskAttempt.value(), try offer.artifact.value(),
      key: offer.checkpointKey.isEmpty ? nil : try digest(offer.checkpointKey, "offer.checkpoint_key"))
  case .findCheckpoint(let find):
    return .findCheckpoint(
      try find.taskAttempt.value(), key: try digest(find.checkpointKey, "find_checkpoint.checkpoint_key"))
  case .stored(let stored): return .stored(try digest(stored.digest, "stored.digest"))
  case .checkpointFound(let found):
    return .checkpointFound(
      key: try digest(found.checkpointKey, "checkpoint_found.checkpoint_key"),
      found.hasArtifact ? try found.artifact.value() : nil)
  case nil: throw .malformed("no body that this version knows")
  default: throw .malformed("a message of the control socket")
  }
}

/// Of contents: far above any file and far below overflow.
private let byteCounts: ClosedRange<Int64> = 0...(1 << 50)

extension Muster_V1_Chunk {
  fileprivate func value() throws(WireError) -> ContentChunk {
    guard bytes.count <= WireLimit.chunkBytes else {
      throw .outOfRange(field: "chunk.bytes", expected: "at most \(WireLimit.chunkBytes) bytes")
    }
    return ContentChunk(
      digest: try WireProtocol.digest(digest, "chunk.digest"),
      offset: try integer(offset, "chunk.offset", in: byteCounts),
      byteCount: try integer(byteCount, "chunk.byte_count", in: byteCounts), bytes: Array(bytes))
  }
}

extension Muster_V1_Refusal.Code {
  fileprivate init(_ refusal: ContentRefusal) {
    self =
      switch refusal {
      case .unknown: .unknown
      case .notHeld: .notHeld
      case .tooLarge: .tooLarge
      case .busy: .busy
      case .noRoom: .noRoom
      }
  }

  fileprivate func value() throws(WireError) -> ContentRefusal {
    switch self {
    case .unknown: return .unknown
    case .notHeld: return .notHeld
    case .tooLarge: return .tooLarge
    case .busy: return .busy
    case .noRoom: return .noRoom
    case .unspecified, .UNRECOGNIZED:
      throw .outOfRange(field: "refusal.code", expected: "a code that this version knows")
    }
  }
}

extension Muster_V1_Room {
  init(_ room: WorkerRoom) {
    coreCount = Int64(room.coreCount)
    memoryBytes = room.memoryBytes
    gpuCount = Int64(room.gpuCount)
    labels = room.labels.map { label in
      .with {
        $0.name = cleanName(label.name)
        $0.value = cleanName(label.value)
      }
    }
    fetchBytesMax = room.fetchBytesMax
  }

  func value() throws(WireError) -> WorkerRoom {
    var room = WorkerRoom()
    room.coreCount = try count(coreCount, "room.core_count")
    room.memoryBytes = try integer(memoryBytes, "room.memory_bytes", in: byteCounts)
    room.gpuCount = try count(gpuCount, "room.gpu_count", max: 1_024)
    room.fetchBytesMax = try integer(fetchBytesMax, "room.fetch_bytes_max", in: byteCounts)
    room.labels = try list(labels, "room.labels", max: WireLimit.labels) { (label) throws(WireError) in
      WorkerRoom.Label(
        name: try name(label.name, "room.labels.name"), value: try name(label.value, "room.labels.value"))
    }
    return room
  }
}
