// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// Given trials first, in their order; then another sampler's, numbered from its own 0.
package struct EnqueuedSampler: Sampler {
  package let enqueued: [Parameters]
  private var next: any Sampler

  package init(_ enqueued: [Parameters], then next: any Sampler) {
    self.enqueued = enqueued
    self.next = next
  }

  package func prefixCount(trial number: Int) -> Int {
    guard number >= enqueued.count else { return 0 }
    let needed = next.prefixCount(trial: number - enqueued.count)
    return needed == 0 ? 0 : needed + enqueued.count
  }

  package var learnsFromAnyTrial: Bool { next.learnsFromAnyTrial }

  package mutating func suggest(trial number: Int, after history: TrialHistory) -> Parameters? {
    guard number >= enqueued.count else { return number < 0 ? nil : enqueued[number] }
    var history = history
    history.ownStart = enqueued.count
    return next.suggest(trial: number - enqueued.count, after: history)
  }
}
