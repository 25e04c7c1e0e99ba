// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// Proposes trials.
///
/// A proposal is a function of (the sampler's seed, the trial's number, the results of the first `prefixCount` trials)
/// and of nothing else: who asks, when, and in which order plays no part, so one worker and sixty-four give one table.
package protocol Sampler: Sendable {
  /// The results that proposal `number` waits for: of trials 0 ..< prefixCount(number). 0 where it needs none.
  func prefixCount(trial number: Int) -> Int

  /// The parameters of trial `number` (from 0), or `nil` where the space is exhausted.
  ///
  /// - Parameter completed: at least the trials of the prefix, ascending by number; what lies beyond it is not looked at.
  func suggest(trial number: Int, completed: [CompletedTrial]) -> Parameters?
}

extension Sampler {
  package func prefixCount(trial number: Int) -> Int { 0 }
}

/// A trial that has ended, as samplers and rankings see it.
package struct CompletedTrial: Hashable, Sendable {
  package let number: Int
  package let parameters: Parameters
  /// `nil` where the trial failed or its metric is undefined in a fold.
  package let objective: Double?

  package init(number: Int, parameters: Parameters, objective: Double?) {
    self.number = number
    self.parameters = parameters
    self.objective = objective
  }
}

package enum SamplerKind: String, CaseIterable, Hashable, Sendable {
  case grid
  case random

  /// The sampler of `space`, after the enqueued trials, which keep their order.
  ///
  /// - Throws: for a grid over a continuous range.
  package func makeSampler(
    space: SearchSpace, seed: UInt64, enqueued: [Parameters] = []
  ) throws(SearchError) -> any Sampler {
    switch self {
    case .grid: EnqueuedSampler(enqueued, then: try GridSampler(space: space, leavingOut: enqueued))
    case .random: EnqueuedSampler(enqueued, then: RandomSampler(space: space, seed: seed))
    }
  }
}
