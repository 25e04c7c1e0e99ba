// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
import Sweeps

/// What people do to a sweep while it runs, or between its starts.
///
/// A trial by hand has a number and results like any other, and is outside the order of the sampler's own: it takes none of their
/// numbers, budget or places in a round, is never pruned, and no pruner compares others with it. TPE and the Gaussian process
/// learn from it from the next round on; samplers that work in generations do not see it.
extension TrialBook {
  /// The next trial will be this one, whatever the budget says.
  ///
  /// - Throws: for parameters that no learner takes.
  package mutating func enqueue(_ proposal: Parameters) throws(ParameterError) {
    _ = try makeOrder(entries.count, proposal)
    waiting.append(proposal)
  }

  /// Ends a trial: the sampler learns it as failed, for how far it was by then is chance. Folds that it has stay.
  ///
  /// - Returns: nothing for a trial that has ended, or is not there.
  package mutating func stopByHand(_ trial: Int, reason: String) -> [Change] {
    guard entries.indices.contains(trial), entries[trial].end == nil else { return [] }
    return markStopped(trial, reason) + advance()
  }

  /// Enters a trial that an earlier start ended by hand, with all folds that it had: verdicts on others look at them.
  package mutating func restoreStopped(
    _ trial: Int, folds: [(fold: Int, end: FoldEnd)], reason: String
  ) {
    for (fold, end) in folds { entries[trial].folds[fold] = end }
    _ = markStopped(trial, reason)
  }

  /// Whether tasks of a failed trial may be tried again: with a pruner its rivals went on without it.
  package var allowsRetries: Bool { pruner == nil }

  /// Trials before the sampler's own trial `number`, those by hand among them included.
  func bookCount(ofOwn number: Int) -> Int {
    guard number > 0 else { return 0 }
    // Few trials are by hand, so this is near.
    var count = number
    while count < entries.count,
      entries.prefix(count).count(where: { $0.ownNumber != nil }) < number
    { count += 1 }
    return count
  }

  private mutating func markStopped(_ trial: Int, _ reason: String) -> [Change] {
    let end = TrialEnd(
      state: .pruned, objective: nil, objectiveSD: nil, interval: nil,
      foldsDone: measuredCount(entries[trial]),
      reason: reason)
    entries[trial].end = end
    entries[trial].isStopped = true
    learn(trial, objective: nil)
    return [.ended(trial: trial, end)]
  }
}
