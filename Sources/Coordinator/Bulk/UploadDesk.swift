// SPDX-License-Identifier: Apache-2.0

import Contents
import Foundation
import Sockets
import Sweeps
import Transfers

/// What workers bring: each artifact and checkpoint is fetched from the worker that offered it, chunk by chunk as this side
/// has room, held against its digest, and on the disk with its name before the worker hears `stored`.
final class UploadDesk {
  struct Offer {
    let taskAttempt: TaskAttempt
    let artifact: ArtifactReference
    let key: ContentDigest?
    let worker: Incarnation
    let epoch: Int64
  }

  private final class Upload {
    let offer: Offer
    let peer: PeerAddress
    let file: PartialFile
    var fetch: ContentFetch

    init(_ offer: Offer, _ peer: PeerAddress, _ file: PartialFile) {
      self.offer = offer
      self.peer = peer
      self.file = file
      let item = ContentFetch.Item(
        digest: offer.artifact.digest, byteCount: offer.artifact.byteCount, byteCountMax: offer.artifact.byteCount,
        keptCount: min(file.byteCount, offer.artifact.byteCount))
      let window = TransferLimit.windowBytesMin...(2 * TransferLimit.windowBytesMin)
      fetch = ContentFetch([item], window: CreditWindow(bounds: window))
    }
  }

  typealias Answer = (peer: PeerAddress, message: BulkMessage)

  static func byteCountMax(_ kind: ArtifactReference.Kind) -> Int64 {
    kind == .checkpoint ? TransferLimit.checkpointBytesMax : TransferLimit.artifactBytesMax
  }

  private let artifacts: String
  private var incoming: String { artifacts + "/incoming" }
  private var uploads: [ContentDigest: Upload] = [:]
  private var bytesOfTask: [TrialTask: Int64] = [:]
  /// The task that a question was first asked for, and the questions of a task.
  private var taskOfKey: [ContentDigest: TrialTask] = [:]
  private(set) var takenCount = 0
  private(set) var takenBytes: Int64 = 0

  /// What went wrong on the disk since it was last taken, for people. Whoever offered waits meanwhile.
  private(set) var trouble: ContentError?

  /// - Throws: for a folder that is not there and cannot be made, or that this process may not write.
  init(artifacts: String) throws(ContentError) {
    self.artifacts = artifacts
    for folder in [artifacts, artifacts + "/incoming", artifacts + "/checkpoints"] { try makeFolder(folder) }
    // What an earlier run left half taken in is of use for a week, as checkpoints are.
    removeFiles(in: incoming, olderThanSeconds: 7 * 86_400)
    removeFiles(in: artifacts + "/checkpoints", olderThanSeconds: 7 * 86_400)
  }

  /// The session allows it.
  func begin(_ offer: Offer, from peer: PeerAddress, at now: Tick) -> [BulkMessage] {
    let digest = offer.artifact.digest
    if let upload = uploads[digest] {
      // The same worker on a new connection goes on; the same bytes from another have to wait.
      guard upload.offer.worker == offer.worker else { return [message(offer, .refused(digest, .busy))] }
      if upload.peer == peer { return [] }
      uploads[digest] = nil
    }
    if (offer.artifact.kind == .checkpoint) != (offer.key != nil) {
      return [message(offer, .refused(digest, .unknown))]
    }
    if isThere(offer) { return [message(offer, .stored(digest))] }
    if let key = offer.key, taskOfKey[key, default: offer.taskAttempt.task] != offer.taskAttempt.task {
      return [message(offer, .refused(digest, .notHeld))]
    }
    let taken = bytesOfTask[offer.taskAttempt.task, default: 0] + offer.artifact.byteCount
    guard taken <= TransferLimit.bytesPerTaskMax else { return [message(offer, .refused(digest, .tooLarge))] }
    let own = uploads.values.count { $0.offer.worker == offer.worker }
    guard uploads.count < TransferLimit.uploadsMax, own < TransferLimit.uploadsPerWorkerMax else {
      return [message(offer, .refused(digest, .busy))]
    }
    do throws(ContentError) {
      let upload = Upload(offer, peer, try PartialFile(path: "\(incoming)/\(digest.hex)"))
      uploads[digest] = upload
      bytesOfTask[offer.taskAttempt.task] = taken
      if let key = offer.key { taskOfKey[key] = offer.taskAttempt.task }
      return try advance(upload, .start, nil, at: now)
    } catch {
      return [give(up: offer, error)]
    }
  }

  func take(_ chunk: ContentChunk, of worker: Incarnation, from peer: PeerAddress, at now: Tick) -> [BulkMessage] {
    guard let upload = uploads[chunk.digest], upload.offer.worker == worker, upload.peer == peer else { return [] }
    let event = ContentFetch.Event.chunk(
      chunk.digest, offset: chunk.offset, count: chunk.bytes.count, byteCount: chunk.byteCount)
    do throws(ContentError) {
      return try advance(upload, event, chunk, at: now)
    } catch {
      return [give(up: upload.offer, error)]
    }
  }

  /// Chunks that did not come are asked for again; a worker that is gone for long is not waited for.
  func tick(at now: Tick) -> [Answer] {
    var answers: [Answer] = []
    // In the order of digests: a dictionary's own differs from process to process.
    for upload in uploads.values.sorted(by: { $0.offer.artifact.digest < $1.offer.artifact.digest }) {
      do throws(ContentError) {
        answers += try advance(upload, .tick, nil, at: now).map { (upload.peer, $0) }
      } catch {
        answers.append((upload.peer, give(up: upload.offer, error)))
      }
    }
    return answers
  }

  func forget(_ digest: ContentDigest, of worker: Incarnation) {
    guard let upload = uploads[digest], upload.offer.worker == worker else { return }
    // Its beginning stays: whoever offers the same bytes goes on from there.
    try? upload.file.mark()
    uploads[digest] = nil
  }

  func forgetCheckpoints(of task: TrialTask) {
    bytesOfTask[task] = nil
    for (key, owner) in taskOfKey where owner == task {
      taskOfKey[key] = nil
      unlink("\(artifacts)/checkpoints/\(key.hex)")
    }
  }

  private func advance(
    _ upload: Upload, _ event: ContentFetch.Event, _ chunk: ContentChunk?, at now: Tick
  ) throws(ContentError) -> [BulkMessage] {
    var messages: [BulkMessage] = []
    var directives = upload.fetch.handle(event, at: now)
    while !directives.isEmpty {
      let directive = directives.removeFirst()
      switch directive {
      case .want(let range, let isFresh): messages.append(message(upload.offer, .want(range, isFresh: isFresh)))
      case .keep: try upload.file.append(chunk?.bytes ?? [])
      case .check:
        let isSound = upload.file.isSound(upload.offer.artifact.digest)
        directives += upload.fetch.handle(.checked(isSound: isSound), at: now)
      case .startOver: try upload.file.startOver()
      case .end(let end): messages.append(try finish(upload, end))
      }
    }
    return messages
  }

  private func finish(_ upload: Upload, _ end: ContentFetch.End) throws(ContentError) -> BulkMessage {
    let (offer, digest) = (upload.offer, upload.offer.artifact.digest)
    uploads[digest] = nil
    guard end == .done else {
      upload.file.remove()
      return message(offer, .refused(digest, .unknown))
    }
    let path = path(of: offer)
    let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    guard mkdir(folder, 0o750) == 0 || errno == EEXIST else {
      throw ContentError(path: folder, step: "made", number: errno)
    }
    // Checkpoints are an opinion: one that a power loss takes costs time only.
    try upload.file.finish(as: path, isDurable: offer.key == nil)
    if offer.key == nil { try syncFolder(artifacts) }
    takenCount += 1
    takenBytes += offer.artifact.byteCount
    return message(offer, .stored(digest))
  }

  func takeTrouble() -> ContentError? {
    defer { trouble = nil }
    return trouble
  }

  private func give(up offer: Offer, _ error: ContentError) -> BulkMessage {
    uploads[offer.artifact.digest] = nil
    trouble = error
    return message(offer, .refused(offer.artifact.digest, error.isFullDisk ? .noRoom : .busy))
  }

  private func isThere(_ offer: Offer) -> Bool {
    guard let file = try? SourceFile(path: path(of: offer)), file.byteCount == offer.artifact.byteCount else {
      return false
    }
    // An artifact is named by its content. A checkpoint is there too where the worker sees this folder.
    return offer.key == nil || (try? file.digest()) == offer.artifact.digest
  }

  /// Made of digests alone, never of what a peer calls a thing.
  private func path(of offer: Offer) -> String {
    if let key = offer.key { return "\(artifacts)/checkpoints/\(key.hex)" }
    let digest = offer.artifact.digest.hex
    return "\(artifacts)/\(digest.prefix(2))/\(digest.dropFirst(2))"
  }

  private func message(_ offer: Offer, _ body: BulkMessage.Body) -> BulkMessage {
    BulkMessage(worker: offer.worker, epoch: offer.epoch, body: body)
  }
}

private func removeFiles(in folder: String, olderThanSeconds age: Double) {
  let limit = Date(timeIntervalSinceNow: -age)
  // A folder that cannot be listed keeps its files: they cost room, not results.
  for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
    let path = "\(folder)/\(name)"
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    if let changed = attributes?[.modificationDate] as? Date, changed < limit { unlink(path) }
  }
}
