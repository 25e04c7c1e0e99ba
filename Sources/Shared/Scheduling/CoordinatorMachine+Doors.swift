// SPDX-License-Identifier: Apache-2.0

package import Sweeps

extension CoordinatorMachine {
  package enum Event: Hashable, Sendable {
    case message(WorkerMessage)
    /// Time passed. Expected at least every half second; nothing lapses without it.
    case tick
    /// Makes a task of every fold, less what the tracker knew to be done or quarantined. A second time it changes nothing.
    case trialAdded(TrialOrder)
    /// The same, but only the first `openFolds` folds may run; the others are held back until they are released.
    /// `stepRules`: what ends an open fold before its last step, by fold.
    case trialAddedInStages(TrialOrder, openFolds: Int, stepRules: [Int: StepRule] = [:])
    /// The first `openFolds` folds of the trial may run. Those that may already, and unknown trials, are left as they are.
    case foldsReleased(SweepID, trial: Int, openFolds: Int, stepRules: [Int: StepRule] = [:])
    /// No one waits for the trial's open folds any more.
    case cancelTrial(SweepID, trial: Int, reason: String)
    /// Tasks of the trial that were given up are handed out again, as if they had never failed.
    case retryTrial(TrialOrder)
    /// No more leases; workers deliver what they hold and end. When all is done, or the operator stops.
    case drain
    /// A message could not be sent: the worker's connection is gone. It may come back on another before its lease lapses.
    case unreachable(Incarnation)
    /// The worker may not take part any more: its key was withdrawn. Its leases end at once.
    case expelled(Incarnation, reason: String)
  }

  /// What the shell must do, in order. A `send` may depend on any `persist` before it, so a shell that commits in groups
  /// holds all sends back until the commit has returned.
  package enum Directive: Hashable, Sendable {
    case persist(TrackerRecord)
    case send(CoordinatorMessage)
    /// For the sampler. A quarantined task ends a second time, as done, when a late result of it arrives after all.
    case taskEnded(TrialTask, TaskEnd)
    case report(Notice)
  }

  package enum TaskEnd: Hashable, Sendable {
    case done(FoldResult)
    case quarantined(reason: String)
    case cancelled(reason: String)
  }

  /// For logs and the live view; nothing depends on one.
  package enum Notice: Hashable, Sendable {
    case workerJoined(WorkerIdentity)
    case workerLeft(WorkerIdentity, reason: String)
    /// It joined and will be given nothing as it is.
    case workerUnfit(WorkerIdentity, reason: String)
    case leaseGranted(TaskAttempt, to: Incarnation)
    /// A worker that was lost, or known to the coordinator before, still works on it: no rerun.
    case leaseAdopted(TaskAttempt, by: Incarnation)
    case leaseEnded(TaskAttempt, LeaseEnd, reason: String)
    /// The worker never spoke of its lease, so the assignment is sent again.
    case assignmentRepeated(TaskAttempt, to: Incarnation)
    case resultRecorded(TaskAttempt, from: Incarnation)
    /// A result that came second, or too late to be wanted.
    case resultUnneeded(TaskAttempt, CoordinatorMessage.Verdict)
    /// Alarm: two attempts at one task gave different bits.
    case nondeterminism(TaskAttempt, recorded: Attempt)
    case taskQuarantined(TrialTask, reason: String)
    /// A worker unknown to this coordinator spoke; it is asked to introduce itself.
    case workerUnknown(Incarnation)
    /// The worker believes in an epoch before this one; it is asked to introduce itself.
    case epochStale(Incarnation, found: Int64)
    /// Alarm: a later coordinator has been at work, so this one must not be, or its tracker was restored from a backup.
    case epochAhead(Incarnation, found: Int64)
    /// A report on a task that no sweep of this coordinator has.
    case taskUnknown(TaskAttempt, from: Incarnation)
    /// A worker named an attempt that was never given out, or introduced itself with another's incarnation.
    case implausible(Incarnation, reason: String)
    /// The grace period is over: this many leases of the coordinator before found no holder.
    case graceEnded(lostCount: Int)
  }
}
