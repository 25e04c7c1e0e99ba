// SPDX-License-Identifier: Apache-2.0

/// What the tracker knows of a sweep when a coordinator starts: enough to go on, and nothing that was acknowledged is
/// asked for again.
package struct RecoveredSweep: Hashable, Sendable {
  /// A task with a recorded result, and the fingerprint a late one must have.
  package struct Done: Hashable, Sendable {
    package let task: TrialTask
    package let attempt: Attempt
    package let fingerprint: UInt64

    package init(task: TrialTask, attempt: Attempt, fingerprint: UInt64) {
      self.task = task
      self.attempt = attempt
      self.fingerprint = fingerprint
    }
  }

  /// What an open task has cost so far, and the lease that was out when the coordinator ended, if any.
  package struct Open: Hashable, Sendable {
    package let task: TrialTask
    package let failureCount: Int
    /// Attempts whose worker process is known to have died in them.
    package let crashed: [Attempt]
    package let lease: Lease?

    package var crashCount: Int { crashed.count }

    package init(task: TrialTask, failureCount: Int, crashed: [Attempt], lease: Lease?) {
      self.task = task
      self.failureCount = failureCount
      self.crashed = crashed
      self.lease = lease
    }
  }

  package struct Lease: Hashable, Sendable {
    package let attempt: Attempt
    package let holder: Incarnation

    package init(attempt: Attempt, holder: Incarnation) {
      self.attempt = attempt
      self.holder = holder
    }
  }

  /// All ascending by task.
  package let done: [Done]
  /// Only tasks with a count above zero or a lease.
  package let open: [Open]
  package let quarantined: [TrialTask]

  package init(done: [Done] = [], open: [Open] = [], quarantined: [TrialTask] = []) {
    self.done = done
    self.open = open
    self.quarantined = quarantined
  }
}
