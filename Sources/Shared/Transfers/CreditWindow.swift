// SPDX-License-Identifier: Apache-2.0

/// How many bytes a fetching side may have on their way to it: as many as keep the line busy, and not so many that they queue
/// before it and hold up others that share it, heartbeats among them.
///
/// It grows while a chunk takes little longer than the fastest did, and shrinks when it takes more: the queue on the way is
/// what is kept short, whatever the line's speed.
///
/// - Source: the idea is LEDBAT's, RFC 6817; the target here is a tenth of its 100 ms.
package struct CreditWindow: Sendable {
  /// Time that a chunk may spend in queues.
  package static let queueMillisecondsMax: Int64 = 10
  /// The fastest chunk of the last one or two periods is what "no queue" is taken to be: routes change.
  static let periodMilliseconds: Int64 = 20_000
  /// The fastest of so many chunks is believed: one that was held up by a busy machine says nothing of the line.
  static let sampleCount = 8

  package private(set) var byteCount: Int
  private let bounds: ClosedRange<Int>
  private var isStarting = true
  private var fastest: (now: Int64, before: Int64) = (.max, .max)
  private var periodEnd: Int64 = .min
  private var samples: [Int64] = []

  package init(bounds: ClosedRange<Int> = TransferLimit.windowBytesMin...TransferLimit.windowBytesMax) {
    self.bounds = bounds
    byteCount = min(bounds.upperBound, max(bounds.lowerBound, 4 * TransferLimit.chunkBytes))
  }

  /// A chunk came this long after it was asked for.
  package mutating func arrived(afterMilliseconds delay: Int64, at now: Int64) {
    if now >= periodEnd {
      fastest = (.max, fastest.now)
      periodEnd = now + Self.periodMilliseconds
    }
    fastest.now = min(fastest.now, delay)
    samples.append(delay)
    guard samples.count >= Self.sampleCount else { return }
    let queue = (samples.min() ?? 0) - min(fastest.now, fastest.before)
    samples.removeAll(keepingCapacity: true)
    if queue > Self.queueMillisecondsMax {
      isStarting = false
      set(byteCount - byteCount / 8)
    } else {
      set(isStarting ? 2 * byteCount : byteCount + TransferLimit.chunkBytes)
    }
  }

  /// Chunks were lost, or the connection was made anew.
  package mutating func lost() {
    isStarting = false
    samples.removeAll(keepingCapacity: true)
    set(byteCount / 2)
  }

  private mutating func set(_ count: Int) { byteCount = min(max(count, bounds.lowerBound), bounds.upperBound) }
}
