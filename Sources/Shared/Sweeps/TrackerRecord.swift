// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// One fact for the tracker. The shell writes all facts of a batch in one transaction before it obeys what follows them.
package enum TrackerRecord: Hashable, Sendable {
  case workerJoined(WorkerIdentity)
  case workerLeft(Incarnation, reason: String)
  case leaseGranted(TaskAttempt, to: Incarnation)
  /// The lease is over and the task goes on without it.
  case leaseEnded(TaskAttempt, LeaseEnd, message: String)
  /// The task's one and only result; its lease, if there is one, ends as completed.
  case resultAccepted(TaskAttempt, from: Incarnation, FoldResult)
  /// A second result of a recorded task: kept beside it. `agrees` is false when its bits differ: an alarm.
  case resultCompared(TaskAttempt, from: Incarnation, agrees: Bool)
  /// The task will not be tried again.
  case taskQuarantined(TrialTask, reason: String)
  case trialAdded(TrialRecord)
  case trialEnded(SweepID, trial: Int, TrialEnd)
  case requestTaken(SweepID, ControlRecord)
  /// `reason`: why it ended, for people.
  case sweepChanged(SweepID, SweepState, reason: String = "")
}

package enum SweepState: String, CaseIterable, Hashable, Sendable {
  case running
  case finished
  /// Interrupted by its user; a new start goes on.
  case stopped
  case failed
}

package enum TrialState: String, CaseIterable, Hashable, Sendable {
  case running
  case completed
  /// At least one fold was quarantined, so there is no score over all folds.
  case failed
  case pruned
}

/// A trial as proposed by the sampler.
package struct TrialRecord: Hashable, Sendable {
  package let sweep: SweepID
  package let number: Int
  package let learner: Learner
  package let parameters: Parameters

  package init(sweep: SweepID, number: Int, learner: Learner, parameters: Parameters) {
    self.sweep = sweep
    self.number = number
    self.learner = learner
    self.parameters = parameters
  }
}

/// How a trial ended. The interval is Nadeau and Bengio's, from the coordinator: SQL has no t quantile.
package struct TrialEnd: Hashable, Sendable {
  package let state: TrialState
  package let objective: Double?
  package let objectiveSD: Double?
  package let interval: ClosedRange<Double>?
  package let foldsDone: Int
  package let reason: String?

  package init(
    state: TrialState, objective: Double?, objectiveSD: Double?, interval: ClosedRange<Double>?, foldsDone: Int,
    reason: String? = nil
  ) {
    self.state = state
    self.objective = objective
    self.objectiveSD = objectiveSD
    self.interval = interval
    self.foldsDone = foldsDone
    self.reason = reason
  }
}
