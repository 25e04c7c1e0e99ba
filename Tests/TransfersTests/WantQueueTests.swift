// SPDX-License-Identifier: Apache-2.0

import Sweeps
import Testing
import Transfers

@Suite struct WantQueueTests {
  private func range(_ number: Int, digest: UInt8 = 1) -> ContentRange {
    ContentRange(
      digest: ContentDigest(bytes: repeatElement(digest, count: 32)), offset: Int64(number), length: 1 << 18)
  }

  private func at(_ milliseconds: Int64) -> Tick { Tick(milliseconds: milliseconds) }

  /// In real life: one worker fetches a gigabyte, another wants its checkpoint.
  @Test func peers_areServedInTurns() {
    var queue = WantQueue<String>()
    for number in 0..<10 { _ = queue.add(range(number), isFresh: false, for: "cold") }
    _ = queue.add(range(0, digest: 2), isFresh: false, for: "other")
    let served = (0..<4).compactMap { _ in queue.next(at: at(0))?.peer }
    #expect(served == ["cold", "other", "cold", "cold"])
  }

  /// A hostile peer's wants are numbers, and not many of them.
  @Test func wants_beyondTheirNumberAreNotHeard() {
    var queue = WantQueue<Int>()
    let taken = (0..<1_000).count { queue.add(range($0), isFresh: false, for: 7) }
    #expect(taken == TransferLimit.wantsPerPeerMax)
  }

  @Test func freshWant_voidsTheEarlierOnesOfItsContent() {
    var queue = WantQueue<Int>()
    for number in 0..<3 { _ = queue.add(range(number), isFresh: false, for: 7) }
    _ = queue.add(range(0, digest: 2), isFresh: false, for: 7)
    _ = queue.add(range(9), isFresh: true, for: 7)
    let left = (0..<5).compactMap { _ in queue.next(at: at(0))?.range }
    #expect(left == [range(0, digest: 2), range(9)])
  }

  @Test func fullSocket_isTriedLater_andFoundOutWhenItNeverTakesAny() {
    var queue = WantQueue<Int>()
    _ = queue.add(range(0), isFresh: false, for: 7)
    for step in 0..<20 as Range<Int64> {
      guard let (peer, range) = queue.next(at: at(10 * step)) else {
        Issue.record("not tried again")
        return
      }
      queue.putBack(range, for: peer, at: at(10 * step))
      #expect(queue.next(at: at(10 * step)) == nil, "at once")
    }
    #expect(queue.stuck(forMilliseconds: 100, at: at(200)) == [7])
    #expect(queue.stuck(forMilliseconds: 1_000, at: at(200)) == [])
    queue.forget(7)
    #expect(queue.isEmpty && queue.stuck(forMilliseconds: 0, at: at(900)) == [])
  }

  @Test func rate_isKept() {
    var queue = WantQueue<Int>(bytesPerSecond: 1 << 20)
    var sentBytes = 0
    for step in 0..<10_000 as Range<Int64> {
      _ = queue.add(range(Int(step)), isFresh: false, for: 7)
      while let (peer, range) = queue.next(at: at(step)) {
        queue.sent(range, to: peer)
        sentBytes += range.length
      }
    }
    #expect(sentBytes > 9 << 20 && sentBytes < 12 << 20, "\(sentBytes) bytes in 10 s")
  }
}
