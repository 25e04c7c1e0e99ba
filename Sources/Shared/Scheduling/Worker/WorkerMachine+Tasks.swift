// SPDX-License-Identifier: Apache-2.0

import Sweeps

extension WorkerMachine {
  /// Attempts remembered after their end.
  private static let settledCountMax = 256

  mutating func take(_ assignment: Assignment) {
    let taskAttempt = assignment.taskAttempt
    // By the attempt alone: it is never given twice, whatever task a peer names beside it.
    let attempt = taskAttempt.attempt
    let isKnown =
      heldAttempts.contains { $0.attempt == attempt } || undeliveredAttempts.contains { $0.attempt == attempt }
      || settled.contains(attempt)
    guard !isKnown else { return }
    if isDraining { return giveBack(taskAttempt) }
    ready.append(assignment)
  }

  mutating func trainNext() {
    guard running == nil, !ready.isEmpty, phase != .ended else { return }
    let assignment = ready.removeFirst()
    running = Running(assignment: assignment)
    direct(.writeBreadcrumb(assignment.taskAttempt))
    direct(.train(assignment))
  }

  /// - Parameter report: `nil` when no one waits for one.
  mutating func endTraining(_ taskAttempt: TaskAttempt, report: WorkerMessage.Body?) {
    guard let ended = running, ended.assignment.taskAttempt == taskAttempt else {
      preconditionFailure("\(taskAttempt) does not run here: \(self)")
    }
    running = nil
    direct(.clearBreadcrumb(taskAttempt))
    if let report { deliver(report, ended.progress) } else { settle(taskAttempt.attempt) }
  }

  mutating func note(_ progress: TaskProgress) {
    // Progress may cross the end of its task on the way from the trainer's thread.
    guard running?.assignment.taskAttempt == progress.taskAttempt else { return }
    running?.step = progress.step
    running?.stepCount = progress.stepCount
  }

  mutating func giveBack(_ taskAttempt: TaskAttempt) {
    hasReturnedWork = true
    deliverReturn(taskAttempt)
  }

  /// Another worker would begin it at once. What runs here by now, or has ended, stays.
  mutating func returnUnbegun(_ taskAttempt: TaskAttempt) {
    guard let position = ready.firstIndex(where: { $0.taskAttempt == taskAttempt }) else { return }
    ready.remove(at: position)
    direct(.report(.recalled(taskAttempt)))
    deliverReturn(taskAttempt)
  }

  private mutating func deliverReturn(_ taskAttempt: TaskAttempt) {
    deliver(.returned(taskAttempt), TaskProgress(taskAttempt: taskAttempt, step: 0, stepCount: 0))
  }

  private mutating func deliver(_ body: WorkerMessage.Body, _ progress: TaskProgress) {
    undelivered.append(
      Undelivered(
        taskAttempt: progress.taskAttempt, body: body, progress: progress, sendAt: now,
        wait: settings.resendMilliseconds))
  }

  /// Sends each report whose time has come, waiting twice as long for the next time.
  mutating func resend() {
    for position in undelivered.indices where undelivered[position].sendAt <= now {
      send(undelivered[position].body)
      undelivered[position].sendAt = now + undelivered[position].wait
      undelivered[position].wait = min(2 * undelivered[position].wait, settings.resendMillisecondsMax)
    }
  }

  mutating func forget(_ taskAttempt: TaskAttempt, _ verdict: CoordinatorMessage.Verdict) {
    guard let position = undelivered.firstIndex(where: { $0.taskAttempt == taskAttempt }) else { return }
    undelivered.remove(at: position)
    settle(taskAttempt.attempt)
    direct(.report(.acknowledged(taskAttempt, verdict)))
  }

  /// The coordinator waits no more for this attempt. A report that is already on its way will be answered.
  mutating func drop(_ taskAttempt: TaskAttempt) {
    if let position = ready.firstIndex(where: { $0.taskAttempt == taskAttempt }) {
      ready.remove(at: position)
      settle(taskAttempt.attempt)
      direct(.report(.cancelled(taskAttempt)))
    } else if running?.assignment.taskAttempt == taskAttempt, running?.isCancelled == false {
      running?.isCancelled = true
      direct(.cancel(taskAttempt))
      direct(.report(.cancelled(taskAttempt)))
    }
  }

  private mutating func settle(_ attempt: Attempt) {
    if settled.count >= Self.settledCountMax { settled.removeFirst() }
    settled.append(attempt)
  }
}
