// SPDX-License-Identifier: Apache-2.0

import Contents
import Foundation
import Sockets
import Sweeps
import Transfers
import WireProtocol

typealias Transfer = ContentFetch.Event

/// The loop of the worker's bulk thread.
final class BulkClientLoop {
  private final class Offer {
    let taskAttempt: TaskAttempt
    let artifact: ArtifactReference
    let key: ContentDigest?
    let file: SourceFile
    var tickets: [Ticket<BulkClient.Delivery>]
    var sendAt: Tick
    var wait: Int64 = 1_000

    init(
      _ taskAttempt: TaskAttempt, _ artifact: ArtifactReference, _ key: ContentDigest?, _ file: SourceFile,
      _ ticket: Ticket<BulkClient.Delivery>, at now: Tick
    ) {
      (self.taskAttempt, self.artifact, self.key, self.file) = (taskAttempt, artifact, key, file)
      tickets = [ticket]
      sendAt = now
    }
  }

  private struct Search {
    let taskAttempt: TaskAttempt
    let path: String
    let ticket: Ticket<Bool>
    var sendAt: Tick
    var download: Download?
    let until: Tick
  }

  /// A socket that had much to hear and heard nothing for so long is made anew.
  static let silenceMilliseconds: Int64 = 10_000
  static let retryMilliseconds: Int64 = 15_000

  private let incarnation: Incarnation
  private let context: MessageContext
  private let cache: ContentCache?
  private let mailbox: Mailbox<BulkClient.Order>
  private let report: @Sendable (BulkClient.Note) -> Void
  private var socket: DealerSocket?
  private var port = 0
  private var target: Route.Target?
  private var epoch: Int64 = 0
  private var heardAt = Tick(milliseconds: 0)
  private var offers: [ContentDigest: Offer] = [:]
  private var searches: [ContentDigest: Search] = [:]
  /// The first one is at work.
  private var fetches: [DatasetFetch] = []
  private var mending: [ContentDigest: [Ticket<Bool>]] = [:]
  private var held: Set<ContentDigest> = []
  /// Not tried again before.
  private var retryAt: [ContentDigest: Tick] = [:]
  private var isEnding = false

  init(
    _ incarnation: Incarnation, _ context: MessageContext, _ cache: ContentCache?,
    _ mailbox: Mailbox<BulkClient.Order>, _ report: @escaping @Sendable (BulkClient.Note) -> Void
  ) {
    self.incarnation = incarnation
    self.context = context
    self.cache = cache
    self.mailbox = mailbox
    self.report = report
  }

  private var now: Tick { Tick(milliseconds: monotonicMilliseconds()) }
  private var isBusy: Bool { !fetches.isEmpty || !offers.isEmpty || !searches.isEmpty }

  func run() {
    while !isEnding {
      if let socket {
        socket.wait(orFor: mailbox.wake, milliseconds: isBusy ? 20 : 500)
      } else {
        mailbox.wake.wait(milliseconds: 500)
      }
      do throws(SocketError) {
        for _ in 0..<64 {
          guard let payload = try socket?.receive() else { break }
          heardAt = now
          // What cannot be read is dropped: what was lost with it is asked for again.
          if let message = try? decodeBulkMessage(payload), message.worker == incarnation { hear(message.body) }
        }
      } catch {
        connect()
      }
      for order in mailbox.drain() { take(order) }
      runTimers()
    }
    for fetch in fetches { fetch.pause() }
  }

  private func send(_ body: BulkMessage.Body) {
    // What libzmq does not take is lost, like anything on the line.
    _ = socket?.send(encode(BulkMessage(worker: incarnation, epoch: epoch, body: body)))
  }

  private func connect() {
    socket = nil
    heardAt = now
    guard port != 0, let target else { return }
    do throws(SocketError) {
      socket = try DealerSocket(
        context, connecting: target.endpoint.withPort(port), security: target.security, queuedMax: 64)
    } catch {
      return report(.said("the bulk socket cannot be made: \(error)"))
    }
    for offer in offers.values { offer.sendAt = now }
    for key in searches.keys { searches[key]?.sendAt = now }
    drive(.reconnected)
  }

  private func take(_ order: BulkClient.Order) {
    switch order {
    case .end: isEnding = true
    case .route(let port, let epoch, let target):
      self.epoch = epoch
      let isSame = port == self.port && target?.endpoint == self.target?.endpoint
      self.target = target
      guard !isSame || socket == nil else { return }
      self.port = port
      connect()
    case .fetch(let datasets): for dataset in datasets { fetch(dataset, mends: false) }
    case .mend(let dataset, let ticket):
      mending[dataset, default: []].append(ticket)
      held.remove(dataset)
      fetch(dataset, mends: true)
    case .offer(let taskAttempt, let artifact, let key, let path, let ticket):
      if let offer = offers[artifact.digest] { return offer.tickets.append(ticket) }
      guard let file = try? SourceFile(path: path) else { return ticket.give(.refused(.unknown)) }
      offers[artifact.digest] = Offer(taskAttempt, artifact, key, file, ticket, at: now)
    case .find(let taskAttempt, let key, let path, let ticket):
      searches[key] = Search(
        taskAttempt: taskAttempt, path: path, ticket: ticket, sendAt: now, until: now + 30_000)
    case .withdraw(let digest): settle(digest, .unwanted)
    }
  }

  private func fetch(_ dataset: ContentDigest, mends: Bool) {
    guard let cache, port != 0, !held.contains(dataset), !fetches.contains(where: { $0.dataset == dataset }) else {
      return
    }
    if !mends, let retryAt = retryAt[dataset], now < retryAt { return }
    fetches.append(DatasetFetch(dataset, cache, mends: mends))
  }

  private func settle(_ digest: ContentDigest, _ delivery: BulkClient.Delivery) {
    guard let offer = offers.removeValue(forKey: digest) else { return }
    for ticket in offer.tickets { ticket.give(delivery) }
  }

  private func hear(_ body: BulkMessage.Body) {
    switch body {
    case .chunk(let chunk):
      let event = Transfer.chunk(
        chunk.digest, offset: chunk.offset, count: chunk.bytes.count, byteCount: chunk.byteCount)
      drive(event, chunk.bytes)
    case .want(let range, _): give(range)
    case .stored(let digest): settle(digest, .stored)
    case .refused(let digest, let refusal):
      drive(.refused(digest, refusal))
      guard let offer = offers[digest] else { return }
      switch refusal {
      case .busy: offer.sendAt = now + 500
      case .noRoom:
        report(.said("the coordinator's disk for artifacts is full: a trained fold waits for room"))
        offer.sendAt = now + 5_000
      case .unknown, .notHeld, .tooLarge: settle(digest, .refused(refusal))
      }
    case .checkpointFound(let key, let artifact): found(key, artifact)
    case .offer, .findCheckpoint: break
    }
  }

  private func give(_ range: ContentRange) {
    guard let offer = offers[range.digest],
      let bytes = try? offer.file.read(at: range.offset, length: min(range.length, TransferLimit.chunkBytes))
    else { return send(.refused(range.digest, .unknown)) }
    // Heard of: no need to offer it again while it is being fetched.
    offer.sendAt = now + 10_000
    send(
      .chunk(
        ContentChunk(digest: range.digest, offset: range.offset, byteCount: offer.file.byteCount, bytes: bytes)))
  }

  private func found(_ key: ContentDigest, _ artifact: ArtifactReference?) {
    guard let search = searches[key], search.download == nil else { return }
    guard let artifact, artifact.byteCount <= TransferLimit.checkpointBytesMax else { return end(key, false) }
    do throws(ContentError) {
      unlink(search.path + ".part")
      let download = try Download([
        Download.Target(
          digest: artifact.digest, byteCount: artifact.byteCount, byteCountMax: artifact.byteCount, path: search.path,
          partialPath: search.path + ".part")
      ])
      searches[key]?.download = download
      for body in try download.handle(.start, at: now) { send(body) }
    } catch {
      end(key, false)
    }
  }

  private func end(_ key: ContentDigest, _ isFound: Bool) {
    guard let search = searches.removeValue(forKey: key) else { return }
    if isFound { report(.told("the checkpoint of \(search.taskAttempt.task) came from the coordinator")) }
    search.ticket.give(isFound)
  }

  /// Hands an event to everything that is on its way here.
  private func drive(_ event: Transfer, _ bytes: [UInt8] = []) {
    for (key, search) in searches {
      guard let download = search.download else { continue }
      do throws(ContentError) {
        for body in try download.handle(event, bytes, at: now) { send(body) }
        if let end = download.end { self.end(key, end == .done) }
      } catch {
        end(key, false)
      }
    }
    guard let fetch = fetches.first else { return }
    for body in fetch.handle(event, bytes, at: now) { send(body) }
    guard let outcome = fetch.outcome else { return }
    fetches.removeFirst()
    let tickets = mending.removeValue(forKey: fetch.dataset) ?? []
    switch outcome {
    case .holds(let folder, let lock):
      held.insert(fetch.dataset)
      report(.holds(fetch.dataset, folder: folder, lock))
      for ticket in tickets { ticket.give(true) }
    case .failed(let reason):
      retryAt[fetch.dataset] = now + Self.retryMilliseconds
      report(.said("not fetched: \(reason)"))
      for ticket in tickets { ticket.give(false) }
    }
  }

  private func runTimers() {
    drive(.tick)
    for offer in offers.values where offer.sendAt <= now {
      send(.offer(offer.taskAttempt, offer.artifact, key: offer.key))
      offer.sendAt = now + offer.wait
      offer.wait = min(2 * offer.wait, 10_000)
    }
    for (key, search) in searches {
      if now >= search.until {
        end(key, false)
      } else if search.download == nil, search.sendAt <= now {
        send(.findCheckpoint(search.taskAttempt, key: key))
        searches[key]?.sendAt = now + 1_000
      }
    }
    if !isBusy { heardAt = now }
    if now.milliseconds - heardAt.milliseconds > Self.silenceMilliseconds { connect() }
  }
}
