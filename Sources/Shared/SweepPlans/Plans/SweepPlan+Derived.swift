// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
import Search
import Sweeps

/// Sweeps that follow from another one. Each has a name and rows of its own in the tracker, so that no view of the search
/// mixes with them, and is resumed like any sweep.
extension SweepPlan {
  /// One trial, fitted to all rows but the test set and scored on that.
  ///
  /// - Parameter look: 1 for the first look at the test set.
  package func refit(of winner: Parameters, look: Int = 1) -> SweepPlan {
    var plan = fixed(to: winner, named: Self.refitName(of: name, look: look), trialCount: 1)
    plan.folds = folds.final
    return plan
  }

  package static func refitName(of name: String, look: Int) -> String {
    look == 1 ? "\(name)-refit" : "\(name)-refit-\(look)"
  }

  /// The same trial `count` times, with other seeds of training and of the inner split, on the same folds.
  package func repeating(_ trial: Parameters, number: Int, count: Int) -> SweepPlan {
    var plan = fixed(to: trial, named: "\(name)-repeat\(number)", trialCount: count)
    // Seeds follow from (sweep's seed, trial, fold): another sweep's seed makes all of them others.
    plan.seed = (seed ^ 0x5EED_0F0F) & UInt64(Int64.max)
    return plan
  }

  /// The same search where part `part` of `count` is the test set: one turn of a nested cross-validation.
  package func outer(_ part: Int, of count: Int) -> SweepPlan {
    var plan = self
    plan.name = "\(name)-outer\(part)"
    plan.folds = folds.holdingOut(FoldPlan.TestSet(partCount: count, first: part, seed: folds.seed))
    plan.refitsBest = false
    return plan
  }

  /// A space of one point, so that the number of trials is no part of the sweep's identity.
  private func fixed(to trial: Parameters, named name: String, trialCount: Int) -> SweepPlan {
    var plan = self
    plan.name = name
    plan.space = SearchSpace(trial.entries.map { .init($0.name, .fixed($0.value)) })
    plan.sampler = SamplerSettings(kind: .random, seed: sampler.seed)
    plan.isReproducible = true
    plan.objective = Objective(
      metric: objective.metric, direction: objective.direction, aggregate: objective.aggregate, also: objective.also)
    plan.pruner = PrunerSettings()
    plan.enqueued = []
    plan.warmStart = nil
    plan.trialCountMax = trialCount
    plan.stopRules = StopRules()
    plan.wallTimeMaxMilliseconds = nil
    plan.computeMaxMilliseconds = nil
    plan.refitsBest = false
    return plan
  }
}
