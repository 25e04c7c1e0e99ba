// SPDX-License-Identifier: Apache-2.0

import Randomness
import Sweeps
import Transfers

/// A fetch from a serving side over a bad line, in virtual time: chunks are lost, doubled, late and out of order, the line is
/// cut and made anew, sockets are full, whole contents turn out damaged, the serving side is busy.
struct TestLine {
  enum Arrival {
    case want(ContentRange, isFresh: Bool)
    case chunk(ContentRange, byteCount: Int64)
    case busy(ContentDigest)
  }

  private struct Flight {
    let at: Int64
    let arrival: Arrival
  }

  var random: CounterGenerator
  let sizes: [ContentDigest: Int64]
  var fetch: ContentFetch
  var queue = WantQueue<Int>()
  /// What the fetching side has on its disk.
  var kept: [Int64]
  var problems: [String] = []
  var keptChunks = 0
  var end: ContentFetch.End?
  private var flights: [Flight] = []
  private(set) var now: Int64 = 0
  private let healsAt: Int64 = 20_000
  private var isCut = false
  private var damageCount = 0

  init(seed: UInt64) {
    var random = CounterGenerator(key: CounterGenerator.mix(seed))
    var sizes: [ContentDigest: Int64] = [:]
    var items: [ContentFetch.Item] = []
    for number in 0..<(1 + random.below(4)) {
      let digest = ContentDigest(bytes: repeatElement(UInt8(number + 1), count: 32))
      let size = Int64(random.below([1, 3, 1 << 18, 3 << 20][random.below(4)]))
      sizes[digest] = size
      let isKnown = random.below(3) > 0
      let there = random.below(2) == 0 ? 0 : Int64(random.below(Int(size) + 1))
      items.append(
        ContentFetch.Item(
          digest: digest, byteCount: isKnown ? size : nil, byteCountMax: isKnown ? size : 4 << 20,
          keptCount: isKnown ? there : 0))
    }
    self.random = random
    self.sizes = sizes
    kept = items.map(\.keptCount)
    fetch = ContentFetch(items)
  }

  /// To the end, or until it has taken far too long after the line was mended.
  mutating func run() {
    hear(.start)
    while end == nil, problems.isEmpty, now < healsAt + 200_000 {
      now += 1
      if now < healsAt { misbehave() }
      serve()
      let due = flights.filter { $0.at <= now }
      flights.removeAll { $0.at <= now }
      for flight in due { land(flight.arrival) }
      if now % 20 == 0 { hear(.tick) }
    }
    if end == nil, problems.isEmpty { problems.append("not at its end: \(fetch)") }
    if problems.isEmpty, end != .done { problems.append("ended as \(String(describing: end))") }
    for (index, item) in fetch.items.enumerated() where problems.isEmpty && kept[index] != sizes[item.digest] {
      problems.append("item \(index): \(kept[index]) bytes of \(sizes[item.digest] ?? -1)")
    }
  }

  private mutating func misbehave() {
    if random.below(3_000) == 0 {
      isCut.toggle()
      flights.removeAll()
      queue.forget(0)
      if !isCut { hear(.reconnected) }
    }
  }

  private mutating func fly(_ arrival: Arrival) {
    let isBad = now < healsAt
    if isBad, isCut || random.below(20) == 0 { return }
    flights.append(Flight(at: now + 1 + (isBad ? Int64(random.below(30)) : 1), arrival: arrival))
    if isBad, random.below(20) == 0 {
      flights.append(Flight(at: now + 1 + Int64(random.below(3_000)), arrival: arrival))
    }
  }

  private mutating func land(_ arrival: Arrival) {
    switch arrival {
    case .want(let range, let isFresh):
      if now < healsAt, random.below(50) == 0 { return fly(.busy(range.digest)) }
      _ = queue.add(range, isFresh: isFresh, for: 0)
    case .chunk(let range, let byteCount):
      hear(.chunk(range.digest, offset: range.offset, count: range.length, byteCount: byteCount), range)
    case .busy(let digest): hear(.refused(digest, .busy))
    }
  }

  private mutating func serve() {
    for _ in 0..<4 {
      guard let (peer, range) = queue.next(at: Tick(milliseconds: now)) else { return }
      if now < healsAt, random.below(10) == 0 {
        queue.putBack(range, for: peer, at: Tick(milliseconds: now))
        continue
      }
      queue.sent(range, to: peer)
      let size = sizes[range.digest] ?? 0
      let length = Int(max(0, min(Int64(range.length), size - range.offset)))
      fly(.chunk(ContentRange(digest: range.digest, offset: range.offset, length: length), byteCount: size))
    }
  }

  private mutating func hear(_ event: ContentFetch.Event, _ chunk: ContentRange? = nil) {
    var directives = fetch.handle(event, at: Tick(milliseconds: now))
    while !directives.isEmpty {
      switch directives.removeFirst() {
      case .want(let range, let isFresh): fly(.want(range, isFresh: isFresh))
      case .keep(let item):
        guard let chunk, chunk.digest == fetch.items[item].digest, chunk.offset == kept[item] else {
          problems.append("kept \(String(describing: chunk)) behind \(kept[item]) bytes of item \(item)")
          return
        }
        kept[item] += Int64(chunk.length)
        keptChunks += 1
      case .check(let item):
        if kept[item] != sizes[fetch.items[item].digest] { problems.append("checked with \(kept[item]) bytes") }
        // Three times in a row it would be given up.
        let isSound = now >= healsAt || damageCount == 2 || random.below(12) > 0
        damageCount = isSound ? 0 : damageCount + 1
        directives += fetch.handle(.checked(isSound: isSound), at: Tick(milliseconds: now))
      case .startOver(let item): kept[item] = 0
      case .end(let end): self.end = end
      }
    }
    // One chunk more than the window, for a window may shrink under what is on its way.
    if fetch.askedByteCount > TransferLimit.windowBytesMax {
      problems.append("\(fetch.askedByteCount) bytes asked for")
    }
  }
}
