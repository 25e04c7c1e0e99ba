// SPDX-License-Identifier: Apache-2.0

import Randomness
import Sweeps
import Testing
import Transfers

@Suite struct ContentFetchTests {
  private let digest = ContentDigest(bytes: repeatElement(1, count: 32))
  private let chunk = Int64(TransferLimit.chunkBytes)

  private func at(_ milliseconds: Int64) -> Tick { Tick(milliseconds: milliseconds) }

  private func wants(_ directives: [ContentFetch.Directive]) -> [ContentRange] {
    directives.compactMap { if case .want(let range, _) = $0 { range } else { nil } }
  }

  private func fetch(_ byteCount: Int64?, kept: Int64 = 0, max: Int64 = 1 << 40) -> ContentFetch {
    ContentFetch([ContentFetch.Item(digest: digest, byteCount: byteCount, byteCountMax: max, keptCount: kept)])
  }

  /// Goal: whatever a line does, what is kept is the content, byte by byte in order, and a mended line brings it to its end.
  /// Method: lost, doubled, late, disordered chunks, cuts at any moment, full sockets, damage, busy peers, from seeds.
  @Test func anyLine_bringsTheContentWhole() {
    for seed in 0..<400 as Range<UInt64> {
      var line = TestLine(seed: seed)
      line.run()
      #expect(line.problems.isEmpty, "seed \(seed), at \(line.now) ms: \(line.problems)")
    }
  }

  /// In real life: the link was cut at 40 % of a shard.
  @Test func partialContent_isContinuedWhereItEnds() {
    var fetch = fetch(10 * chunk, kept: 4 * chunk + 17)
    let first = wants(fetch.handle(.start, at: at(0)))
    #expect(first.first == ContentRange(digest: digest, offset: 4 * chunk + 17, length: Int(chunk)))
    #expect(!first.contains { $0.offset < 4 * chunk + 17 })
  }

  @Test func wholeContent_isCheckedAndAsksForNothing() {
    var fetch = fetch(5, kept: 5)
    #expect(fetch.handle(.start, at: at(0)) == [.check(item: 0)])
    #expect(fetch.handle(.checked(isSound: true), at: at(0)) == [.end(.done)])
  }

  @Test func emptyContent_isWholeAtOnce() {
    var fetch = fetch(0)
    #expect(fetch.handle(.start, at: at(0)) == [.check(item: 0)])
  }

  /// In real life: the coordinator's disk flips a bit each time: it is not fetched for ever.
  @Test func damagedContent_isFetchedAnew_andGivenUpInTheEnd() {
    var fetch = fetch(3)
    _ = fetch.handle(.start, at: at(0))
    for round in 1...3 {
      let kept = fetch.handle(.chunk(digest, offset: 0, count: 3, byteCount: 3), at: at(Int64(round)))
      #expect(kept == [.keep(item: 0), .check(item: 0)])
      let after = fetch.handle(.checked(isSound: false), at: at(Int64(round)))
      #expect(round == 3 ? after == [.end(.damaged(item: 0))] : after.first == .startOver(item: 0))
    }
  }

  /// A side that names another size than was promised, or a larger one than is allowed, gets no byte of memory for it.
  @Test func otherSizes_endIt() {
    var promised = fetch(10)
    _ = promised.handle(.start, at: at(0))
    #expect(
      promised.handle(.chunk(digest, offset: 0, count: 10, byteCount: 11), at: at(1)) == [.end(.wrongSize(item: 0))])
    var unknown = fetch(nil, max: 100)
    _ = unknown.handle(.start, at: at(0))
    #expect(
      unknown.handle(.chunk(digest, offset: 0, count: 101, byteCount: 101), at: at(1)) == [.end(.wrongSize(item: 0))])
  }

  @Test func chunksThatWereNotAskedFor_arePassedOver() {
    var fetch = fetch(100 * chunk)
    _ = fetch.handle(.start, at: at(0))
    let other = ContentDigest(bytes: repeatElement(2, count: 32))
    for event in [
      ContentFetch.Event.chunk(other, offset: 0, count: Int(chunk), byteCount: 100 * chunk),
      .chunk(digest, offset: chunk, count: Int(chunk), byteCount: 100 * chunk),
      .chunk(digest, offset: 90 * chunk, count: Int(chunk), byteCount: 100 * chunk),
      .chunk(digest, offset: 0, count: Int(chunk) - 1, byteCount: 100 * chunk), .refused(other, .unknown),
    ] {
      #expect(!fetch.handle(event, at: at(1)).contains(.keep(item: 0)), "\(event)")
    }
    #expect(fetch.items[0].keptCount == 0 && !fetch.isOver)
  }

  @Test func refusal_endsIt_butABusySideIsAskedAgain() {
    var fetch = fetch(10)
    _ = fetch.handle(.start, at: at(0))
    #expect(fetch.handle(.refused(digest, .busy), at: at(1)).isEmpty)
    #expect(fetch.handle(.tick, at: at(400)).isEmpty)
    #expect(wants(fetch.handle(.tick, at: at(600))).count == 1)
    #expect(fetch.handle(.refused(digest, .unknown), at: at(601)) == [.end(.refused(item: 0, .unknown))])
  }
}
