// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// A tracker with a disk: what was not committed is gone after a crash or a power cut. Checks each record as it lands.
package struct SimulatedTracker {
  struct AttemptRow {
    let task: TrialTask
    var holder: Incarnation
    var end: LeaseEnd?
  }

  private(set) var results: [TrialTask: (attempt: Attempt, result: FoldResult)] = [:]
  private(set) var attempts: [Attempt: AttemptRow] = [:]
  private(set) var liveLease: [TrialTask: Attempt] = [:]
  private(set) var failureCounts: [TrialTask: Int] = [:]
  private var crashed: [TrialTask: [Attempt]] = [:]
  private(set) var quarantined: Set<TrialTask> = []
  var epoch: Int64 = 0
  private(set) var uncommitted: [TrackerRecord] = []
  package private(set) var violations: [String] = []

  package init() {}

  package mutating func write(_ record: TrackerRecord) { uncommitted.append(record) }
  mutating func crash() { uncommitted.removeAll() }

  package mutating func commit() {
    for record in uncommitted { apply(record) }
    uncommitted.removeAll()
  }

  private mutating func apply(_ record: TrackerRecord) {
    switch record {
    case .leaseGranted(let taskAttempt, let holder): grant(taskAttempt, holder)
    case .leaseEnded(let taskAttempt, let leaseEnd, _): end(taskAttempt, leaseEnd)
    case .resultAccepted(let taskAttempt, _, let result):
      if let recorded = results[taskAttempt.task] {
        violations.append("I2: \(taskAttempt) recorded though \(recorded.attempt) is the task's result")
      }
      results[taskAttempt.task] = (taskAttempt.attempt, result)
      end(taskAttempt, .completed)
    case .resultCompared(let taskAttempt, _, _):
      if results[taskAttempt.task] == nil { violations.append("I3: \(taskAttempt) compared with no result") }
    case .taskQuarantined(let task, _): quarantined.insert(task)
    case .workerJoined, .workerLeft, .trialAdded, .trialEnded, .requestTaken, .sweepChanged: break
    }
  }

  private mutating func grant(_ taskAttempt: TaskAttempt, _ holder: Incarnation) {
    let (task, attempt) = (taskAttempt.task, taskAttempt.attempt)
    if let live = liveLease[task], live != attempt { violations.append("I4: \(taskAttempt) granted beside \(live)") }
    if let row = attempts[attempt] {
      // Only its own holder may take an attempt up again.
      if row.task != task || row.holder != holder {
        violations.append("I6: attempt \(attempt) given twice: \(taskAttempt)")
      }
      attempts[attempt]?.end = nil
    } else {
      attempts[attempt] = AttemptRow(task: task, holder: holder)
    }
    liveLease[task] = attempt
  }

  private mutating func end(_ taskAttempt: TaskAttempt, _ leaseEnd: LeaseEnd) {
    if leaseEnd == .failed { failureCounts[taskAttempt.task, default: 0] += 1 }
    if leaseEnd == .crashed { crashed[taskAttempt.task, default: []].append(taskAttempt.attempt) }
    attempts[taskAttempt.attempt]?.end = leaseEnd
    if liveLease[taskAttempt.task] == taskAttempt.attempt { liveLease[taskAttempt.task] = nil }
  }

  package func recovered(_ bug: PlantedBug? = nil) -> RecoveredSweep {
    let done = results.map { task, row in
      RecoveredSweep.Done(task: task, attempt: row.attempt, fingerprint: row.result.measurement.fingerprint)
    }
    let openTasks = Set(failureCounts.keys).union(crashed.keys).union(liveLease.keys)
    let open = openTasks.filter { results[$0] == nil }.map { task in
      let attempt = bug == .leasesForgottenAtRestart ? nil : liveLease[task]
      return RecoveredSweep.Open(
        task: task, failureCount: bug == .failuresForgottenAtRestart ? 0 : failureCounts[task] ?? 0,
        crashed: crashed[task] ?? [],
        lease: attempt.flatMap { attempt in
          attempts[attempt].map { RecoveredSweep.Lease(attempt: attempt, holder: $0.holder) }
        })
    }
    return RecoveredSweep(
      done: done.sorted { $0.task < $1.task }, open: open.sorted { $0.task < $1.task },
      quarantined: quarantined.filter { results[$0] == nil }.sorted())
  }
}
