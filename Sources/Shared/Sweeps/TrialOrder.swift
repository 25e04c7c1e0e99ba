// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// Everything a worker needs to know of a trial: a registered learner, typed parameters, a data set by content, a seed.
/// Nothing in it is ever run, opened as a path or evaluated.
package struct TrialOrder: Hashable, Sendable {
  package let sweep: SweepID
  package let trial: Int
  package let learner: Learner
  package let parameters: Parameters
  /// SHA-256 of the data set's manifest.
  package let dataset: ContentDigest
  package let outcome: Outcome
  package let folds: FoldPlan
  /// The sweep's seed; streams are derived from it by (trial, fold, purpose).
  package let seed: UInt64

  package init(
    sweep: SweepID, trial: Int, learner: Learner, parameters: Parameters, dataset: ContentDigest, outcome: Outcome,
    folds: FoldPlan, seed: UInt64
  ) {
    self.sweep = sweep
    self.trial = trial
    self.learner = learner
    self.parameters = parameters
    self.dataset = dataset
    self.outcome = outcome
    self.folds = folds
    self.seed = seed
  }
}

/// One leased task, as it is handed to a worker.
package struct Assignment: Hashable, Sendable {
  package let order: TrialOrder
  package let fold: Int
  package let rung: Int
  package let attempt: Attempt
  /// What ends the fold before its last step; `nil` where nothing does but its learner.
  package let stepRule: StepRule?

  package init(order: TrialOrder, fold: Int, rung: Int, attempt: Attempt, stepRule: StepRule? = nil) {
    self.order = order
    self.fold = fold
    self.rung = rung
    self.attempt = attempt
    self.stepRule = stepRule
  }

  package var task: TrialTask { TrialTask(sweep: order.sweep, trial: order.trial, fold: fold, rung: rung) }
  package var taskAttempt: TaskAttempt { TaskAttempt(task: task, attempt: attempt) }
}
