// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// The best trials of another sweep, to be tried first.
package struct WarmStart: Hashable, Sendable {
  package let sweep: String
  package let best: Int
  /// Where the other sweep is recorded; `nil`: in this one's tracker.
  package let tracker: String?
  /// With `model`, complete; `nil` until the other sweep was looked at, which happens once: at this one's first start.
  package internal(set) var trials: [Parameters]?
}

extension SweepPlan {
  /// The plan with what the look at the other sweep has given.
  package func warmed(with trials: [Parameters]) -> SweepPlan {
    var plan = self
    plan.warmStart?.trials = trials
    return plan
  }
}
