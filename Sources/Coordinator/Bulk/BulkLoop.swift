// SPDX-License-Identifier: Apache-2.0

import Access
import Contents
import Sockets
import Sweeps
import Transfers
import WireProtocol

/// The loop of the bulk thread. A turn: take what has arrived, look at who may stay, serve some chunks.
final class BulkLoop {
  static let messagesPerTurnMax = 64
  static let chunksPerTurnMax = 32
  /// A peer that wants bytes and takes none for so long is cut: it holds its queue's memory.
  static let stuckMilliseconds: Int64 = 30_000
  /// A disk that stays as it is is complained of once in so long.
  static let complaintMilliseconds: Int64 = 60_000

  let router: RouterSocket
  let mailbox: Mailbox<BulkServer.Note>
  let ask: @Sendable (BulkServer.Question) -> Void
  let complain: @Sendable (String) -> Void
  let served: ServedContents
  let uploads: UploadDesk
  var door: Doorkeeper
  var queue: WantQueue<PeerAddress>
  var counts = BulkServer.Counts()
  /// What waits for the session's word.
  var questions: [Int: (message: BulkMessage, peer: PeerAddress)] = [:]
  private var questionNumber = 0
  private var complainedAt: Tick?
  private var isEnding = false

  init(
    _ router: RouterSocket, _ door: Doorkeeper, _ settings: BulkServer.Settings, _ mailbox: Mailbox<BulkServer.Note>,
    ask: @escaping @Sendable (BulkServer.Question) -> Void, complain: @escaping @Sendable (String) -> Void
  ) throws(ContentError) {
    self.router = router
    self.door = door
    self.mailbox = mailbox
    self.ask = ask
    self.complain = complain
    served = ServedContents(settings.dataset, artifacts: settings.artifacts)
    uploads = try UploadDesk(artifacts: settings.artifacts)
    queue = WantQueue(bytesPerSecond: settings.bytesPerSecond)
  }

  var now: Tick { Tick(milliseconds: monotonicMilliseconds()) }

  func run(tell: (BulkServer.Counts) -> Void) throws {
    while !isEnding {
      router.wait(orFor: mailbox.wake, milliseconds: queue.isEmpty ? 100 : 1)
      for _ in 0..<Self.messagesPerTurnMax {
        guard let arrival = try router.receive() else { break }
        try receive(arrival)
      }
      for note in mailbox.drain() { try take(note) }
      watchTheDoor()
      for (peer, message) in uploads.tick(at: now) { try send(message, to: peer) }
      tellOfTrouble()
      try serve()
      tell(counts)
    }
  }

  private func tellOfTrouble() {
    guard let trouble = uploads.takeTrouble() else { return }
    if let complainedAt, now < complainedAt + Self.complaintMilliseconds { return }
    complainedAt = now
    complain("what workers made cannot be taken in, they keep it and offer it again: \(trouble)")
  }

  private func receive(_ arrival: RouterSocket.Arrival) throws {
    guard heeds(door.gate.arrive(arrival, at: now.milliseconds, wall: wallTime), arrival) else { return }
    do {
      guard let payload = arrival.payload else { throw WireError.malformed("expected one frame") }
      let message = try decodeBulkMessage(payload)
      guard heeds(door.gate.claim(message.worker, from: arrival.peer, at: now.milliseconds), arrival) else { return }
      try hear(message, from: arrival)
    } catch is WireError {
      _ = heeds(door.gate.offend(.unreadable, arrival.peer, at: now.milliseconds), arrival)
    }
  }

  private func hear(_ message: BulkMessage, from arrival: RouterSocket.Arrival) throws {
    let peer = arrival.peer
    switch message.body {
    case .want(let range, let isFresh):
      guard served.holds(range) else { return try refuse(range.digest, .unknown, message, peer) }
      // More than it may ask for at a time is not heard; it asks again.
      _ = queue.add(range, isFresh: isFresh, for: peer)
    case .offer(let taskAttempt, let artifact, _):
      if artifact.byteCount > UploadDesk.byteCountMax(artifact.kind) {
        return try refuse(artifact.digest, .tooLarge, message, peer)
      }
      put(taskAttempt, message, arrival)
    case .findCheckpoint(let taskAttempt, _): put(taskAttempt, message, arrival)
    case .chunk(let chunk):
      for answer in uploads.take(chunk, of: message.worker, from: peer, at: now) { try send(answer, to: peer) }
    case .refused(let digest, _): uploads.forget(digest, of: message.worker)
    case .stored, .checkpointFound:
      _ = heeds(door.gate.offend(.unreadable, peer, at: now.milliseconds), arrival)
    }
  }

  /// Puts a question to the session. Those of a peer that asks much more than its worker could are dropped.
  private func put(_ taskAttempt: TaskAttempt, _ message: BulkMessage, _ arrival: RouterSocket.Arrival) {
    guard questions.count < 4_096 else { return }
    questionNumber += 1
    questions[questionNumber] = (message, arrival.peer)
    ask(
      BulkServer.Question(
        number: questionNumber, taskAttempt: taskAttempt, worker: message.worker, key: arrival.key))
  }

  private func take(_ note: BulkServer.Note) throws {
    switch note {
    case .end: isEnding = true
    case .ended(let task): uploads.forgetCheckpoints(of: task)
    case .answer(let number, let refusal):
      guard let (message, peer) = questions.removeValue(forKey: number) else { return }
      try answer(message, peer, refusal)
    }
  }

  private func answer(_ message: BulkMessage, _ peer: PeerAddress, _ refusal: ContentRefusal?) throws {
    switch message.body {
    case .offer(let taskAttempt, let artifact, let key):
      if let refusal { return try refuse(artifact.digest, refusal, message, peer) }
      let offer = UploadDesk.Offer(
        taskAttempt: taskAttempt, artifact: artifact, key: key, worker: message.worker, epoch: message.epoch)
      for answer in uploads.begin(offer, from: peer, at: now) { try send(answer, to: peer) }
    case .findCheckpoint(_, let key):
      let found = refusal == nil ? served.checkpoint(key) : nil
      try send(
        BulkMessage(worker: message.worker, epoch: message.epoch, body: .checkpointFound(key: key, found)), to: peer)
    default: break
    }
  }

  private func refuse(
    _ digest: ContentDigest, _ refusal: ContentRefusal, _ message: BulkMessage, _ peer: PeerAddress
  ) throws {
    try send(BulkMessage(worker: message.worker, epoch: message.epoch, body: .refused(digest, refusal)), to: peer)
  }

  /// What libzmq does not take is lost, like anything on the line: whoever waits for it asks again.
  func send(_ message: BulkMessage, to peer: PeerAddress) throws {
    if case .refused(_, let refusal) = message.body { counts.refusals[refusal, default: 0] += 1 }
    if case .stored = message.body {
      counts.takenCount = uploads.takenCount
      counts.takenBytes = uploads.takenBytes
    }
    if try router.send(encode(message), to: peer) == .unreachable { forget(peer) }
  }

  private func serve() throws {
    for _ in 0..<Self.chunksPerTurnMax {
      guard let (peer, range) = queue.next(at: now) else { break }
      guard let chunk = served.read(range) else { continue }
      let worker = door.gate.incarnation(of: peer) ?? Incarnation(high: 0, low: 0)
      switch try router.send(encode(BulkMessage(worker: worker, epoch: 0, body: .chunk(chunk))), to: peer) {
      case .queued:
        queue.sent(range, to: peer)
        counts.sentBytes += Int64(chunk.bytes.count)
      case .full: queue.putBack(range, for: peer, at: now)
      case .unreachable: forget(peer)
      }
    }
  }

  private func forget(_ peer: PeerAddress) {
    queue.forget(peer)
    _ = door.gate.forget(peer)
  }

  private func heeds(_ verdict: PeerGate.Verdict, _ arrival: RouterSocket.Arrival) -> Bool {
    switch verdict {
    case .admitted: return true
    case .dropped: return false
    case .cut:
      queue.forget(arrival.peer)
      (door.gate.forget(arrival.peer) ?? arrival.descriptor.flatMap { Connection(descriptor: $0) })?.cut()
      return false
    }
  }

  /// The allow-list is the session's to read again; whom it no longer names is cut here too.
  private func watchTheDoor() {
    guard now.milliseconds >= door.nextLookAt else { return }
    door.nextLookAt = now.milliseconds + 250
    _ = door.handler?.takeRefusals()
    for expulsion in door.gate.expel(at: now.milliseconds, wall: wallTime, intervalMilliseconds: 0) {
      for connection in expulsion.connections { connection.cut() }
    }
    for peer in queue.stuck(forMilliseconds: Self.stuckMilliseconds, at: now) {
      queue.forget(peer)
      door.gate.note(.neverReads)
      door.gate.forget(peer)?.cut()
    }
  }
}
