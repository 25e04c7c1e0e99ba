// SPDX-License-Identifier: Apache-2.0

import Contents
import Foundation
import Sockets
import Sweeps

/// The worker's end of the bulk socket: a thread with a socket and a context of its own, which fetches data sets into the
/// host's cache and hands artifacts and checkpoints to the coordinator. The session orders and is told; the trainer waits.
final class BulkClient: Sendable {
  /// What the session is told.
  enum Note: Sendable {
    /// The data set lies whole in that folder, and nobody removes it while the lock lives.
    case holds(ContentDigest, folder: String, FileLock)
    case said(String)
    /// What went well.
    case told(String)
  }

  enum Delivery: Hashable, Sendable {
    case stored
    case refused(ContentRefusal)
    /// No one waits for it any more.
    case unwanted
    /// This coordinator has no bulk socket: what is on a disk that it sees is all it gets.
    case noSocket
  }

  enum Order: Sendable {
    case route(port: Int, epoch: Int64, Route.Target?)
    case fetch([ContentDigest])
    case mend(ContentDigest, Ticket<Bool>)
    case offer(TaskAttempt, ArtifactReference, key: ContentDigest?, path: String, Ticket<Delivery>)
    case find(TaskAttempt, key: ContentDigest, path: String, Ticket<Bool>)
    case withdraw(ContentDigest)
    case end
  }

  private struct Owned: @unchecked Sendable {
    // `@unchecked`: after `init` only the thread touches it.
    let loop: BulkClientLoop
  }

  private let mailbox: Mailbox<Order>
  private let port = Locked(0)
  private let ended = DispatchSemaphore(value: 0)

  init(
    _ incarnation: Incarnation, cache: ContentCache?, report: @escaping @Sendable (Note) -> Void
  ) throws {
    mailbox = try Mailbox()
    let owned = Owned(loop: BulkClientLoop(incarnation, try MessageContext(), cache, mailbox, report))
    let thread = Thread { [self] in
      owned.loop.run()
      ended.signal()
    }
    thread.name = "bulk"
    thread.start()
  }

  /// - Parameter target: the coordinator that welcomed this worker; the bulk socket is on its host and has its key.
  func use(port: Int, epoch: Int64, at target: Route.Target?) {
    self.port.withLock { $0 = port }
    mailbox.post(.route(port: port, epoch: epoch, target))
  }

  var isRouted: Bool { port.withLock { $0 } != 0 }

  func post(_ order: Order) { mailbox.post(order) }

  func fetch(_ datasets: [ContentDigest]) { mailbox.post(.fetch(datasets)) }

  func end() {
    mailbox.post(.end)
    _ = ended.wait(timeout: .now() + 2)
  }

  /// Waits until the coordinator has it on its disk, or does not want it.
  ///
  /// - Parameter isWanted: asked now and then; false ends the wait.
  func deliver(
    _ taskAttempt: TaskAttempt, _ artifact: ArtifactReference, key: ContentDigest? = nil, path: String,
    isWanted: () -> Bool
  ) -> Delivery {
    guard port.withLock({ $0 }) != 0 else { return .noSocket }
    let ticket = Ticket<Delivery>()
    mailbox.post(.offer(taskAttempt, artifact, key: key, path: path, ticket))
    while isWanted() {
      if let delivery = ticket.wait(milliseconds: 100) { return delivery }
    }
    mailbox.post(.withdraw(artifact.digest))
    return .unwanted
  }

  /// Fetches the checkpoint of that question to `path`. False where there is none, or it does not come in time: training then
  /// begins anew, to the same bits.
  func find(_ taskAttempt: TaskAttempt, key: ContentDigest, path: String) -> Bool {
    guard port.withLock({ $0 }) != 0 else { return false }
    let ticket = Ticket<Bool>()
    mailbox.post(.find(taskAttempt, key: key, path: path, ticket))
    return ticket.wait(milliseconds: 30_000) ?? false
  }

  /// Holds every file of a cached data set against its digest and fetches those that are not as they were made.
  func mend(_ dataset: ContentDigest, isWanted: () -> Bool) -> Bool {
    guard port.withLock({ $0 }) != 0 else { return false }
    let ticket = Ticket<Bool>()
    mailbox.post(.mend(dataset, ticket))
    while isWanted() {
      if let isMended = ticket.wait(milliseconds: 200) { return isMended }
    }
    return false
  }
}

extension BulkClient {
  /// For the last checkpoint of a drain: what is left of the 20 s after SIGTERM is the reports'.
  private static let lastCheckpointMilliseconds = 6_000

  /// Hands a checkpoint to the coordinator, in the background unless training ends here.
  func offerCheckpoint(_ taskAttempt: TaskAttempt, key: ContentDigest, path: String, waits: Bool) {
    guard isRouted, let file = try? SourceFile(path: path), let digest = try? file.digest() else { return }
    let artifact = ArtifactReference(kind: .checkpoint, digest: digest, byteCount: file.byteCount)
    let ticket = Ticket<Delivery>()
    post(.offer(taskAttempt, artifact, key: key, path: path, ticket))
    if waits { _ = ticket.wait(milliseconds: Self.lastCheckpointMilliseconds) }
  }
}
