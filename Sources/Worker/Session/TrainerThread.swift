// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sockets
import Sweeps
import Training

/// Trains one task at a time on its own thread, so that no training and no disk ever holds up a heartbeat.
final class TrainerThread: Sendable {
  /// What the trainer tells the session, through its mailbox.
  enum Note: Sendable {
    case progress(TaskProgress)
    case finished(TaskAttempt, FoldResult)
    case failed(TaskAttempt, FailureReport)
    /// It stopped because it was told to.
    case stopped(TaskAttempt)
  }

  private struct Orders {
    var next: Assignment?
    var cancelled: TaskAttempt?
    var paused: TaskAttempt?
    var isEnding = false
  }

  private let orders = Locked(Orders())
  private let ready = DispatchSemaphore(value: 0)
  private let report: @Sendable (Note) -> Void
  private let porter: Porter

  init(runner: FoldRunner, porter: Porter, report: @escaping @Sendable (Note) -> Void) {
    self.report = report
    self.porter = porter
    let thread = Thread { [self] in
      while let assignment = waitForOrder() { train(assignment, runner) }
    }
    thread.name = "trainer"
    // Training keeps its arrays on the heap; the stack holds kernels' scratch space.
    thread.stackSize = 16 << 20
    thread.start()
  }

  func train(_ assignment: Assignment) {
    orders.withLock { $0.next = assignment }
    ready.signal()
  }

  /// No one waits for it any more.
  func cancel(_ attempt: TaskAttempt) { orders.withLock { $0.cancelled = attempt } }

  /// Stops after the step at hand and leaves a checkpoint, from which another worker goes on.
  func pause(_ attempt: TaskAttempt) { orders.withLock { $0.paused = attempt } }

  func end() {
    orders.withLock { $0.isEnding = true }
    ready.signal()
  }

  private func waitForOrder() -> Assignment? {
    while true {
      ready.wait()
      let (next, isEnding) = orders.withLock { orders in
        defer { orders.next = nil }
        return (orders.next, orders.isEnding)
      }
      if isEnding { return nil }
      if let next { return next }
    }
  }

  private func train(_ assignment: Assignment, _ runner: FoldRunner) {
    let attempt = assignment.taskAttempt
    do throws(TrainingError) {
      let result = try porter.withSoundData(assignment.order.dataset, isWanted: { isWanted(attempt) }) {
        () throws(TrainingError) in try run(assignment, runner)
      }
      var patienceEnd: Int64?
      try porter.deliver(attempt, result.measurement.artifacts) { mayDeliver(attempt, until: &patienceEnd) }
      report(.finished(attempt, result))
    } catch {
      if !isWanted(attempt) { return report(.stopped(attempt)) }
      report(error.failureReport.map { .failed(attempt, $0) } ?? .stopped(attempt))
    }
  }

  private func isWanted(_ attempt: TaskAttempt) -> Bool {
    orders.withLock { $0.cancelled != attempt && $0.paused != attempt && !$0.isEnding }
  }

  /// A trained fold is worth some seconds of a drain.
  private func mayDeliver(_ attempt: TaskAttempt, until patienceEnd: inout Int64?) -> Bool {
    let (isUnwanted, isPaused) = orders.withLock { ($0.cancelled == attempt || $0.isEnding, $0.paused == attempt) }
    if isUnwanted || !isPaused { return !isUnwanted }
    let now = monotonicMilliseconds()
    let end = patienceEnd ?? now + DrainBudget.artifactsMilliseconds
    patienceEnd = end
    return now < end
  }

  private func run(_ assignment: Assignment, _ runner: FoldRunner) throws(TrainingError) -> FoldResult {
    let attempt = assignment.taskAttempt
    var reportedAt: Int64 = 0
    return try runner.run(assignment) { [self] step, stepCount in
      let now = monotonicMilliseconds()
      if now - reportedAt >= 200 {
        reportedAt = now
        report(.progress(TaskProgress(taskAttempt: attempt, step: step, stepCount: stepCount)))
      }
      return orders.withLock { orders in
        if orders.cancelled == attempt || orders.isEnding { return .stop }
        return orders.paused == attempt ? .pause : .goOn
      }
    }
  }
}
