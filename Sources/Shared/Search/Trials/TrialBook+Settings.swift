// SPDX-License-Identifier: Apache-2.0

package import Sweeps

extension TrialBook {
  /// What all trials of a sweep share.
  package struct Settings: Sendable {
    package let sweep: SweepID
    package let dataset: ContentDigest
    package let outcome: Outcome
    package let folds: FoldPlan
    package let seed: UInt64
    package let objective: Objective
    package let trialCountMax: Int
    package var stopRules = StopRules()
    /// Proposals and verdicts depend on declared results alone, and not on which came first.
    package var isReproducible = true
    /// Trials at the beginning that were given by hand.
    package var enqueuedCount = 0
    package var protectsEnqueued = true
    /// Learners whose trials are never pruned.
    package var protected: [String] = []
    /// Trials of a round, where the sampler has no rounds of its own.
    package var roundSize = 10
    /// The pruner looks into folds.
    package var judgesSteps = false
    /// And compares what it sees with earlier rounds.
    package var comparesSteps = false

    package init(
      sweep: SweepID, dataset: ContentDigest, outcome: Outcome, folds: FoldPlan, seed: UInt64, objective: Objective,
      trialCountMax: Int
    ) {
      self.sweep = sweep
      self.dataset = dataset
      self.outcome = outcome
      self.folds = folds
      self.seed = seed
      self.objective = objective
      self.trialCountMax = trialCountMax
    }
  }
}
