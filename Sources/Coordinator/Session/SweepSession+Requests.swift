// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Scheduling
import Search
import Sockets
import Sweeps
import Tracking

/// What people hand in while the sweep runs, or before it does. The effect of a request and the record that it was taken go into
/// one commit; only then does its file leave the box. A coordinator that dies in between finds the file again, and the
/// record, and does nothing twice.
extension SweepSession {
  static let requestMilliseconds: Int64 = 500

  func takeRequests() {
    let at = monotonicMilliseconds()
    guard at >= nextRequestsAt, !isStopping, stall == nil else { return }
    nextRequestsAt = at + Self.requestMilliseconds
    let (requests, strange) = box.requests(to: sweepName)
    for name in strange where strangeRequests.insert(name).inserted {
      view.alarm(
        "\(box.folder)/\(name) is no request and is left alone; hand one in with muster sweep enqueue, stop or retry"
      )
    }
    for request in requests where !isStopping && takenTokens.insert(request.token).inserted {
      let record = carryOut(request)
      batch.records.append(.requestTaken(book.settings.sweep, record))
      batch.tokens.append(request.token)
      view.event("by request: \(record.note)")
    }
  }

  private func carryOut(_ request: SweepRequest) -> ControlRecord {
    func taken(_ effect: ControlRecord.Effect, _ trial: Int? = nil, _ note: String) -> ControlRecord {
      ControlRecord(token: request.token, effect: effect, trial: trial, note: note)
    }
    func refused(_ why: String) -> ControlRecord {
      taken(.refused, request.trial, "\(request.kind.rawValue) refused: \(why)")
    }
    switch request.kind {
    case .enqueue:
      guard let text = request.parameters, let readTrial else {
        return refused("it names no parameters")
      }
      do {
        try book.enqueue(try readTrial(text))
        guard let order = try book.propose() else { return refused("the book of trials took none") }
        begin(order)
        return taken(
          .trialAdded, order.trial, "#\(order.trial) \(order.learner.rawValue) was added")
      } catch {
        return refused("\(error)")
      }
    case .stopTrial:
      guard let trial = request.trial, book.order(of: trial) != nil else {
        return refused(noTrial(request))
      }
      let changes = book.stopByHand(trial, reason: "stopped by hand")
      guard !changes.isEmpty else { return refused("trial #\(trial) has ended") }
      obey(changes)
      return taken(.trialStopped, trial, "#\(trial) was stopped")
    case .retryTrial:
      guard let trial = request.trial, let order = book.order(of: trial) else {
        return refused(noTrial(request))
      }
      guard book.end(of: trial)?.state == .failed else {
        return refused("trial #\(trial) has not failed")
      }
      guard book.allowsRetries else {
        return refused(
          "trials of a sweep with a pruner were compared without #\(trial); add it anew: muster sweep enqueue --like \(trial)"
        )
      }
      obey(machine.handle(.retryTrial(order), at: now))
      return taken(.trialRetried, trial, "what #\(trial) lacks is tried again")
    case .stopSweep:
      guard request.at >= startedAtWall else { return refused("it was meant for an earlier start") }
      isStopping = true
      stopReason = "stopped by request"
      obey(machine.handle(.drain, at: now))
      return taken(.sweepStopped, nil, "stopping: running folds are finished and recorded")
    }
  }

  private func noTrial(_ request: SweepRequest) -> String {
    "there is no trial \(request.trial.map { "#\($0)" } ?? "without a number"); the sweep has \(book.trialCount)"
  }
}
