// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// The scheduler's patience and budgets. All times are in milliseconds on the coordinator's monotonic clock.
package struct SchedulerSettings: Hashable, Sendable {
  /// How often a worker speaks; told to it in the welcome.
  package var heartbeatMilliseconds: Int64 = 1_000
  /// A worker silent for longer than this loses its leases.
  package var leaseMilliseconds: Int64 = 10_000
  /// After a restart, tasks leased by the coordinator before are kept this long for their holders to come back. At least
  /// two heartbeats, so that one lost message costs no running fold.
  package var graceMilliseconds: Int64 = 4_000
  /// Failures a task may have and still be tried again: at most `retryCountMax + 1` failing attempts.
  package var retryCountMax = 2
  /// Confirmed crashes of its worker after which a task is quarantined; they must come from two hosts where there are two.
  package var crashCountMax = 3
  /// Wait before the first retry; it doubles with each further failure or crash.
  package var backoffMilliseconds: Int64 = 1_000
  package var backoffMillisecondsMax: Int64 = 60_000

  /// Where workers fetch data sets and deliver artifacts, told in the welcome; 0: nowhere.
  package var bulkPort = 0
  /// Data sets that are served there, with the bytes of their files.
  package var served: [ContentDigest: Int64] = [:]
  /// What each task asks of its host.
  package var requirements = TaskRequirements()

  package init() {}

  /// The wait before a task that failed or crashed `count` times is tried again.
  func backoff(after count: Int) -> Int64 {
    min(backoffMilliseconds << Int64(min(max(count - 1, 0), 20)), backoffMillisecondsMax)
  }

  func check() {
    precondition(heartbeatMilliseconds > 0 && leaseMilliseconds > heartbeatMilliseconds, "lease shorter than heartbeat")
    precondition(graceMilliseconds >= 0 && backoffMilliseconds >= 0, "negative wait: \(self)")
    precondition(retryCountMax >= 0 && crashCountMax >= 1 && crashCountMax <= 100, "budget out of range: \(self)")
    precondition(retryCountMax <= 250, "retryCountMax is at most 250, got \(retryCountMax)")
  }
}
