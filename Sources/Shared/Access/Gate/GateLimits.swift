// SPDX-License-Identifier: Apache-2.0

/// What one peer may ask of a coordinator.
package struct GateLimits: Hashable, Sendable {
  /// Lasting rate, and what may come at once after a quiet time. A worker that trains says one or two a second; one whose
  /// tasks are empty says thousands.
  package var messagesPerSecond = 20_000
  package var messagesAtOnce = 40_000
  package var bytesPerSecond = 32 << 20
  package var bytesAtOnce = 64 << 20
  /// Unreadable or unbelievable messages of one peer before it is cut.
  package var offencesMax = 16
  /// How long a key is shut out once one of its connections was cut for an offence.
  package var barMilliseconds: Int64 = 30_000
  /// Connections that have said something but were never believed to be a worker.
  package var strangersMax = 1_024
  /// Connections of one key at a time; on a plain socket, of all peers together.
  package var connectionsPerKeyMax = 4_096
  /// Worker processes that one key is remembered to speak for; the oldest is forgotten first.
  package var incarnationsPerKeyMax = 4_096
  /// New worker processes of one key a second, lasting and at once: each costs a row of the tracker.
  package var introductionsPerSecond = 10
  package var introductionsAtOnce = 4_096
  /// A connection that was silent for this long is forgotten.
  package var silenceMilliseconds: Int64 = 120_000

  package init() {}

  /// Of the bulk socket: uploads are asked for bit by bit, so this is met by those that send unasked.
  package static var bulk: GateLimits {
    var limits = GateLimits()
    limits.bytesPerSecond = 256 << 20
    limits.bytesAtOnce = 512 << 20
    return limits
  }
}

/// Lets through `rate` a second over time and `burst` at once.
struct TokenBucket: Sendable {
  private var tokens: Double
  private var filledAt: Int64

  init(burst: Int, at now: Int64) {
    tokens = Double(burst)
    filledAt = now
  }

  /// Whether `count` may pass; what may not pass takes nothing.
  mutating func take(_ count: Int, rate: Int, burst: Int, at now: Int64) -> Bool {
    if now > filledAt {
      tokens = min(Double(burst), tokens + Double(now - filledAt) / 1_000 * Double(rate))
      filledAt = now
    }
    guard tokens >= Double(count) else { return false }
    tokens -= Double(count)
    return true
  }
}
