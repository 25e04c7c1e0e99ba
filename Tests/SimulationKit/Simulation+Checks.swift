// SPDX-License-Identifier: Apache-2.0

import Scheduling
import Sweeps

/// The invariants of `docs/Reliability.md`, by number.
extension Simulation {
  /// I1 and write-ahead: what a message claims is on disk before it leaves.
  mutating func checkRelease(_ message: CoordinatorMessage) {
    switch message.body {
    case .acknowledged(let taskAttempt, .accepted):
      if tracker.results[taskAttempt.task]?.attempt != taskAttempt.attempt {
        violations.append("I1: \(taskAttempt) acknowledged as accepted, not on disk")
      }
    case .acknowledged(let taskAttempt, .duplicate):
      if tracker.results[taskAttempt.task] == nil {
        violations.append("I1: \(taskAttempt) a duplicate of nothing on disk")
      }
    case .acknowledged(let taskAttempt, .noted):
      if tracker.attempts[taskAttempt.attempt]?.end == nil {
        violations.append("write-ahead: the end of \(taskAttempt) noted, not on disk")
      }
    case .assign(let assignment):
      if tracker.attempts[assignment.attempt]?.holder != message.recipient {
        violations.append("write-ahead: \(assignment.taskAttempt) assigned, its lease is not on disk")
      }
    default: break
    }
  }

  /// I3: a result is turned away only for another that is recorded, or when its trial was given up.
  mutating func checkAcknowledgement(_ message: CoordinatorMessage, _ spot: Int) {
    guard case .acknowledged(let taskAttempt, .superseded) = message.body,
      message.recipient == workers[spot].incarnation,
      workers[spot].resultAttempts.contains(taskAttempt.attempt), !trialsCancelled.contains(taskAttempt.task.trial)
    else { return }
    if tracker.results[taskAttempt.task] == nil {
      violations.append("I3: the result of \(taskAttempt) was turned away and none is recorded")
    }
  }

  /// I4: a lease is worked on by the process it was granted to, and by no other.
  mutating func checkTraining(_ assignment: Assignment, _ spot: Int) {
    if tracker.attempts[assignment.attempt]?.holder != workers[spot].incarnation {
      violations.append("I4: \(assignment.taskAttempt) is trained by a process it was not granted to")
    }
    if workers[spot].training != nil { violations.append("two trainings at once on spot \(spot)") }
  }

  /// I4: only a message of its own holder renews a lease.
  mutating func checkLeases() {
    guard let coordinator else { return }
    for worker in coordinator.workerSnapshots {
      let silence = now - (lastDelivered[worker.identity.incarnation] ?? now)
      if silence > settings.leaseMilliseconds, let held = worker.held.first {
        violations.append("I4: \(held.taskAttempt) is leased still, \(silence) ms after its holder's last word")
      }
    }
  }

  mutating func checkEnd() {
    guard isOver else {
      violations.append("I5: no event is left, and the sweep is not over")
      return
    }
    for task in workload.tasks where !trialsCancelled.contains(task.trial) { checkEnd(of: task) }
    coordinator?.checkInvariants()
    if plan.kind == .calm {
      for probe in ["assignmentRepeated", "workerUnknown", "remakeSocket", "leaseEnded.superseded"]
      where probes.contains(probe) {
        violations.append("\(probe) in calm weather")
      }
    }
  }

  private mutating func checkEnd(of task: TrialTask) {
    let nature = workload.nature(task)
    let crashCount = crashCounts[task, default: 0]
    let startCount = startCounts[task, default: 0]
    let isDone = tracker.results[task] != nil
    switch nature {
    case .sound, .flaky:
      // Bad luck is not a bug: enough confirmed crashes condemn any task (I7).
      if !isDone, crashCount < settings.crashCountMax {
        violations.append("I10: \(task), \(nature), has no result after \(crashCount) crashes of its worker")
      }
      if let result = tracker.results[task], result.result.measurement != workload.measurement(task) {
        violations.append("I10: \(task) has another result than in the undisturbed run")
      }
    case .poison:
      if isDone || !tracker.quarantined.contains(task) { violations.append("I7: poison \(task) was not quarantined") }
      if startCount > 12 { violations.append("I7: poison \(task) ran \(startCount) times") }
      if plan.kind == .calm, startCount != settings.crashCountMax, workers.count > 1 {
        violations.append("I7: poison \(task) ran \(startCount) times in calm weather")
      }
    case .failing, .invalid:
      if isDone || !tracker.quarantined.contains(task) { violations.append("\(task), \(nature), was not quarantined") }
    }
    if plan.kind != .storm { checkWaste(task, nature, startCount) }
  }

  /// I18: without faults that end a running fold, none is run twice.
  private mutating func checkWaste(_ task: TrialTask, _ nature: Workload.Nature, _ startCount: Int) {
    let planned: Int
    switch nature {
    case .sound, .invalid: planned = 1
    case .flaky(let failureCount): planned = 1 + failureCount
    case .failing: planned = 1 + settings.retryCountMax
    case .poison: return
    }
    if startCount != planned {
      violations.append("I18: \(task), \(nature), ran \(startCount) times, planned \(planned)")
    }
  }
}
