// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import Sockets
import SweepPlans
import Sweeps

/// The coordinator's end of the bulk socket: a thread with a socket, a gate and a context of its own, which hands out the
/// sweep's data set and takes in what workers made. The session reaches it through its mailbox, and is asked what only it
/// knows: whether an attempt is its worker's.
final class BulkServer: Sendable {
  /// Asked of the session, and answered with `answer`.
  struct Question: Sendable {
    let number: Int
    let taskAttempt: TaskAttempt
    let worker: Incarnation
    let key: PublicKey?
  }

  enum Note: Sendable {
    case answer(Int, ContentRefusal?)
    /// Its checkpoints are of no more use.
    case ended(TrialTask)
    case end
  }

  struct Counts: Sendable {
    var sentBytes: Int64 = 0
    var takenBytes: Int64 = 0
    var takenCount = 0
    var refusals: [ContentRefusal: Int] = [:]
  }

  struct Settings: Sendable {
    let dataset: DatasetSummary
    let artifacts: String
    /// To all workers together; `nil`: as fast as they take it.
    let bytesPerSecond: Int?
  }

  /// Handed to the thread, which takes them out and lets go of them before it ends: the port is free then.
  ///
  /// `@unchecked`: after `init` only the thread touches it.
  private final class Parts: @unchecked Sendable {
    private var parts: (BulkLoop, MessageContext)?

    init(_ loop: BulkLoop, _ context: MessageContext) { parts = (loop, context) }

    func take() -> (loop: BulkLoop, context: MessageContext)? {
      defer { parts = nil }
      return parts
    }
  }

  let port: Int
  private let mailbox: Mailbox<Note>
  private let ended = DispatchSemaphore(value: 0)
  private let counts = Locked(Counts())

  /// - Parameters:
  ///   - ask: called on the thread.
  ///   - complain: told what went wrong on the thread, for people.
  ///   - fail: told what ended the thread: without it workers would wait for ever with what they made.
  /// - Throws: for an artifact folder that this process cannot write.
  init(
    _ router: RouterSocket, _ context: MessageContext, _ door: Doorkeeper, _ settings: Settings,
    ask: @escaping @Sendable (Question) -> Void, complain: @escaping @Sendable (String) -> Void,
    fail: @escaping @Sendable (any Error) -> Void
  ) throws {
    port = router.endpoint.split(separator: ":").last.flatMap { Int($0) } ?? 0
    mailbox = try Mailbox()
    let parts = Parts(try BulkLoop(router, door, settings, mailbox, ask: ask, complain: complain), context)
    let thread = Thread { [self] in
      serve(parts, fail)
      ended.signal()
    }
    thread.name = "bulk"
    thread.start()
  }

  private func serve(_ parts: Parts, _ fail: @Sendable (any Error) -> Void) {
    guard let (loop, context) = parts.take() else { return }
    do {
      try loop.run { turn in counts.withLock { $0 = turn } }
    } catch {
      fail(error)
    }
    withExtendedLifetime(context) {}
  }

  /// - Parameter refusal: `nil`: it may.
  func answer(_ number: Int, _ refusal: ContentRefusal?) { mailbox.post(.answer(number, refusal)) }

  func taskEnded(_ task: TrialTask) { mailbox.post(.ended(task)) }

  /// Returns when the thread has let go of its socket.
  func end() {
    mailbox.post(.end)
    ended.wait()
  }

  /// What has travelled so far.
  var traffic: Counts { counts.withLock { $0 } }

  var summary: String? {
    let counts = traffic
    guard counts.sentBytes > 0 || counts.takenCount > 0 || !counts.refusals.isEmpty else { return nil }
    let refusals = counts.refusals.sorted { $0.key.rawValue < $1.key.rawValue }
    return "bulk: \(counts.sentBytes) bytes to workers, \(counts.takenCount) artifacts and checkpoints of "
      + "\(counts.takenBytes) bytes from them"
      + (refusals.isEmpty
        ? "" : "; refused: " + refusals.map { "\($0.value) (\($0.key.rawValue))" }.joined(separator: ", "))
  }
}
