// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// Proposes trials.
///
/// A proposal is a function of (the sampler's seed, the trial's number, the results of the first `prefixCount` trials,
/// the points of the trials before it) and of nothing else: who asks, when, and in which order plays no part, so one
/// worker and sixty-four give one table. What a sampler keeps between calls only saves work.
package protocol Sampler: Sendable {
  /// The results that proposal `number` waits for: of trials 0 ..< prefixCount(number). 0 where it needs none.
  func prefixCount(trial number: Int) -> Int

  /// Whether trials that were added by hand, wherever they stand, are rows that it learns from; else it never sees them.
  var learnsFromAnyTrial: Bool { get }

  /// The parameters of trial `number` (from the sampler's own 0), or `nil` where the space is exhausted.
  ///
  /// - Parameter history: all trials before this one. Results count up to `history.knownCount`, which is the prefix in
  ///   reproducible sweeps, and all that is known otherwise.
  mutating func suggest(trial number: Int, after history: TrialHistory) -> Parameters?
}

extension Sampler {
  package func prefixCount(trial number: Int) -> Int { 0 }
  package var learnsFromAnyTrial: Bool { false }
}

/// The rounds of a sampler that learns: `startupCount` trials that need no result, then rounds of `size`, each of which
/// knows the results of all trials before it. So `size` workers are never idle within a round, and how many there are
/// changes no proposal.
package struct Rounds: Hashable, Sendable {
  package let startupCount: Int
  package let size: Int

  package init(startupCount: Int, size: Int) {
    precondition(startupCount >= 0 && size > 0, "rounds of \(size) after \(startupCount)")
    self.startupCount = startupCount
    self.size = size
  }

  package func prefixCount(trial number: Int) -> Int {
    number < startupCount ? 0 : startupCount + (number - startupCount) / size * size
  }
}

/// A trial that has ended, as rankings see it.
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
