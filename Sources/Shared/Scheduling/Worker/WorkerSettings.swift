// SPDX-License-Identifier: Apache-2.0

/// The worker's timers, in milliseconds on its own monotonic clock.
package struct WorkerSettings: Hashable, Sendable {
  /// Between two heartbeats, until the welcome says otherwise.
  package var heartbeatMilliseconds: Int64 = 1_000
  /// Between two hellos, until one is answered; a random fifth is added.
  package var helloMilliseconds: Int64 = 1_000
  /// The coordinator's silence after which the socket is made anew; a random half is added, so that a thousand workers do
  /// not come back in one instant. A DEALER may stay broken for ever after one bad frame.
  package var silenceMilliseconds: Int64 = 10_000
  /// The wait before an unacknowledged report is sent again: it doubles from the first to the second.
  package var resendMilliseconds: Int64 = 1_000
  package var resendMillisecondsMax: Int64 = 10_000
  /// How long a draining worker that trains nothing any more tries to deliver what it holds.
  package var deliveryMilliseconds: Int64 = 15_000

  package init() {}
}
