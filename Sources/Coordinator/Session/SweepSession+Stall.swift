// SPDX-License-Identifier: Apache-2.0

import Scheduling
import Sockets
import Sweeps
import Tracking

/// The tracker cannot be written: its disk is full, fails, or is locked by another program. A state, not an end.
///
/// What the machine has decided stays in the batch, unsaid; the same commit is tried again until it succeeds. Workers go on
/// training and are heard, so the batch grows by at most what they hold. Nothing is acknowledged, no lease lapses.
///
/// Not for a failed flush (`TrackerError.Code.disk`): there the process ends, and the next start reads what the disk holds.
struct Stall {
  static let retryMilliseconds: Int64 = 500

  /// On the monotonic clock.
  let startedAt: Int64
  var retryAt: Int64
  /// Messages of the batch that were looked at before.
  var heldCount = 0
  var held: Set<CoordinatorMessage> = []
}

extension SweepSession {
  /// Whether it is too early to try the commit again.
  func isHeldBack() throws -> Bool {
    guard let stall, monotonicMilliseconds() < stall.retryAt else { return false }
    try releaseBareReplies()
    return true
  }

  /// - Parameter startedAt: where the machine's clock has stood since the commit began to take long.
  func hold(_ error: TrackerError, since startedAt: Int64) throws {
    let at = monotonicMilliseconds()
    if stall == nil {
      // Said once: the next word is that it goes on.
      view.alarm(
        "\(error)\nNo result is acknowledged until then; workers go on, and so does the sweep, by itself. Ctrl-C twice ends it."
      )
    }
    stall = stall ?? Stall(startedAt: startedAt, retryAt: at)
    stall?.retryAt = at + Stall.retryMilliseconds
    try releaseBareReplies()
  }

  func resume(_ ended: Stall) {
    let length = monotonicMilliseconds() - ended.startedAt
    stall = nil
    stalledMilliseconds += length
    view.alarm("the tracker is written again after \(length / 1_000) s; the sweep goes on")
  }

  /// A reply to a heartbeat that cancels nothing rests on no record, so it may leave; without it workers would think this
  /// coordinator dead. All else waits, and is kept once however often it is asked for.
  private func releaseBareReplies() throws {
    guard var stall, batch.sends.count > stall.heldCount else { return }
    let fresh = batch.sends[stall.heldCount...]
    var replies: [CoordinatorMessage] = []
    batch.sends.removeSubrange(stall.heldCount...)
    for message in fresh {
      if message.body == .heartbeatReply(cancel: []) {
        replies.append(message)
      } else if stall.held.insert(message).inserted {
        batch.sends.append(message)
      }
    }
    stall.heldCount = batch.sends.count
    self.stall = stall
    for message in replies { try send(message) }
  }
}
