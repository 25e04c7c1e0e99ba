// SPDX-License-Identifier: Apache-2.0

/// Mistakes that schedulers have been seen to make, each made here by the simulated shells around the machines as shipped.
/// The simulation must find every one: tests of the tests.
package enum PlantedBug: String, CaseIterable, Sendable {
  /// Messages leave before the transaction they depend on is on disk.
  case sendBeforeCommit
  /// Every result is written as the task's result.
  case resultsNotCompared
  /// As before, but a repeat of the same attempt is recognised.
  case resultsComparedByAttempt
  /// The epoch is not raised at a restart, so attempts count from 1 again.
  case attemptsCountAnew
  /// A worker takes messages meant for the process before it.
  case incarnationIgnored
  /// A heartbeat renews the leases of every process that ever spoke.
  case heartbeatRenewsAll
  case leaseNeverLapses
  /// A result whose lease has lapsed is refused though none is recorded.
  case lateResultDropped
  case workerDoesNotResend
  /// A restarted coordinator hands out again what was leased.
  case leasesForgottenAtRestart
  /// Breadcrumbs are not reported.
  case crashesNotReported
  /// Failures recorded before a restart are not counted after it.
  case failuresForgottenAtRestart
}

extension PlantedBug {
  /// The faults that bring it out.
  package var faults: FaultPlan.Kind {
    switch self {
    case .workerDoesNotResend: .lightLoss
    case .leasesForgottenAtRestart, .failuresForgottenAtRestart, .attemptsCountAnew: .coordinatorRestarts
    default: .storm
    }
  }
}
