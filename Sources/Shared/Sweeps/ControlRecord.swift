// SPDX-License-Identifier: Apache-2.0

/// What became of a request that a person handed in while, or before, a sweep ran. Each is recorded once, in the commit of
/// its effect, so that no request is carried out twice and a restart knows what was done by hand.
package struct ControlRecord: Hashable, Sendable {
  package enum Effect: String, CaseIterable, Hashable, Sendable {
    /// `trial` was added, with the parameters of its row.
    case trialAdded = "trial-added"
    /// `trial` was ended.
    case trialStopped = "trial-stopped"
    /// The given-up tasks of `trial` were handed out again.
    case trialRetried = "trial-retried"
    case sweepStopped = "sweep-stopped"
    /// Nothing was done; the note says why.
    case refused
  }

  /// The request's own name: 32 hexadecimal digits.
  package let token: String
  package let effect: Effect
  package let trial: Int?
  /// For people.
  package let note: String

  package init(token: String, effect: Effect, trial: Int? = nil, note: String) {
    self.token = token
    self.effect = effect
    self.trial = trial
    self.note = note
  }
}
