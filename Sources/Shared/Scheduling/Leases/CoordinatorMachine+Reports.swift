// SPDX-License-Identifier: Apache-2.0

import Sweeps

/// What becomes of a worker's report on an attempt.
extension CoordinatorMachine {
  /// The first result of a task is recorded, whatever became of its attempt; a further one is compared with it.
  mutating func receiveResult(_ taskAttempt: TaskAttempt, _ result: FoldResult, from slot: Int) {
    guard let index = place(taskAttempt, from: slot) else { return }
    let sender = workers[slot].identity.incarnation
    let task = taskAttempt.task
    switch table.entries[index].state {
    case .done(let recorded, let fingerprint):
      let agrees = result.measurement.fingerprint == fingerprint
      if !agrees { report(.nondeterminism(taskAttempt, recorded: recorded)) }
      if recorded == taskAttempt.attempt { return answer(taskAttempt, .duplicate, to: slot) }
      persist(.resultCompared(taskAttempt, from: sender, agrees: agrees))
      return answer(taskAttempt, .superseded, to: slot)
    case .cancelled:
      return answer(taskAttempt, .superseded, to: slot)
    case .leased(let attempt, let holder) where attempt != taskAttempt.attempt:
      let other = TaskAttempt(task: task, attempt: attempt)
      endLease(other, as: .superseded, reason: "attempt \(taskAttempt.attempt) delivered the task's result first")
      send(.heartbeatReply(cancel: [other]), to: workers[Int(holder)].identity.incarnation)
    case .reserved(let attempt) where attempt != taskAttempt.attempt:
      endLease(
        TaskAttempt(task: task, attempt: attempt), as: .superseded,
        reason: "attempt \(taskAttempt.attempt) delivered the task's result first")
    case .leased, .reserved, .queued, .waiting, .quarantined:
      break
    }
    move(index, to: .done(taskAttempt.attempt, fingerprint: result.measurement.fingerprint))
    persist(.resultAccepted(taskAttempt, from: sender, result))
    report(.resultRecorded(taskAttempt, from: sender))
    answer(taskAttempt, .accepted, to: slot)
    end(index, .done(result))
  }

  /// A failure counts only while its lease is live: a repeated or late report must not use the budget twice.
  mutating func receiveFailure(_ taskAttempt: TaskAttempt, _ failure: FailureReport, from slot: Int) {
    guard let index = place(taskAttempt, from: slot) else { return }
    let worker = workers[slot].identity
    if failure.kind == .crashed {
      confirmCrash(taskAttempt, reportedBy: slot)
      return answer(taskAttempt, .noted, to: slot)
    }
    guard case .leased(taskAttempt.attempt, Int32(slot)) = table.entries[index].state else {
      return answer(taskAttempt, .superseded, to: slot)
    }
    let reason = "\(failure.kind.rawValue): \(failure.message)"
    endLease(taskAttempt, as: .failed, reason: reason)
    let failureCount = table.countFailure(at: index)
    suspicions[index, default: Suspicion()].failedIn.append(worker.incarnation)
    if !failure.isWorthRetrying {
      quarantine(index, reason: reason)
    } else if failureCount > settings.retryCountMax {
      quarantine(index, reason: "failed \(failureCount) times, last: \(reason)")
    } else {
      delay(index)
    }
    answer(taskAttempt, .noted, to: slot)
  }

  mutating func receiveReturn(_ taskAttempt: TaskAttempt, from slot: Int) {
    guard let index = place(taskAttempt, from: slot) else { return }
    guard case .leased(taskAttempt.attempt, Int32(slot)) = table.entries[index].state else {
      return answer(taskAttempt, .superseded, to: slot)
    }
    let reason =
      workers[slot].isDraining
      ? "returned by a draining worker" : "taken back before it began, for a worker without work"
    endLease(taskAttempt, as: .drained, reason: reason)
    requeue(index)
    answer(taskAttempt, .noted, to: slot)
  }

  private mutating func answer(_ taskAttempt: TaskAttempt, _ verdict: CoordinatorMessage.Verdict, to slot: Int) {
    workers[slot].settle(taskAttempt.attempt)
    if verdict == .superseded || verdict == .duplicate { report(.resultUnneeded(taskAttempt, verdict)) }
    send(.acknowledged(taskAttempt, verdict), to: workers[slot].identity.incarnation)
  }

  /// The task's place, or nothing after the report has been dealt with: one on a task that no trial has is not answered
  /// while trials may still be on their way from the tracker (the worker sends it again), and dropped politely later.
  private mutating func place(_ taskAttempt: TaskAttempt, from slot: Int) -> Int? {
    let sender = workers[slot].identity.incarnation
    guard isPlausible(taskAttempt.attempt) else {
      report(.implausible(sender, reason: "attempt \(taskAttempt) was never given out"))
      answer(taskAttempt, .superseded, to: slot)
      return nil
    }
    if let index = table.index(of: taskAttempt.task) { return index }
    report(.taskUnknown(taskAttempt, from: sender))
    if !isInGrace { answer(taskAttempt, .superseded, to: slot) }
    return nil
  }

  func isPlausible(_ attempt: Attempt) -> Bool {
    attempt.epoch < epoch || (attempt.epoch == epoch && attempt.number <= attemptNumber)
  }
}
