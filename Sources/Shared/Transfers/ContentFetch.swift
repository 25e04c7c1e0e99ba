// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// Fetches contents one behind the other, as one stream: which chunks to ask for, which of those that come to keep, what to
/// do when some do not come.
///
/// Pure. A content's bytes are kept in their order alone, so what is on the disk is always its beginning; a chunk that comes
/// twice, too late or too early is passed over. What was lost is asked for again from the end of what is kept. Whatever
/// arrives, at most `window` bytes are on their way, and what is kept of a content never exceeds its size.
package struct ContentFetch: Sendable {
  package struct Item: Hashable, Sendable {
    package let digest: ContentDigest
    /// `nil`: the first chunk says it.
    package var byteCount: Int64?
    package let byteCountMax: Int64
    /// What an earlier try left, held against its digests.
    package var keptCount: Int64

    package init(digest: ContentDigest, byteCount: Int64?, byteCountMax: Int64, keptCount: Int64 = 0) {
      self.digest = digest
      self.byteCount = byteCount
      self.byteCountMax = byteCountMax
      self.keptCount = keptCount
    }
  }

  package enum Event: Hashable, Sendable {
    case start
    /// Of `count` bytes.
    case chunk(ContentDigest, offset: Int64, count: Int, byteCount: Int64)
    case refused(ContentDigest, ContentRefusal)
    /// Answers `check`.
    case checked(isSound: Bool)
    /// What was on its way is lost.
    case reconnected
    case tick
  }

  package enum Directive: Hashable, Sendable {
    case want(ContentRange, isFresh: Bool)
    /// Append the chunk at hand to the item.
    case keep(item: Int)
    /// The item is whole: hold it against its digest and answer with `checked`, before any other event.
    case check(item: Int)
    /// Its bytes are not what they should be: throw away what is there.
    case startOver(item: Int)
    /// The last directive ever.
    case end(End)
  }

  package enum End: Hashable, Sendable {
    case done
    case refused(item: Int, ContentRefusal)
    /// Another size than was promised, or than is allowed.
    case wrongSize(item: Int)
    /// The bytes were other ones than the digest's, several times over.
    case damaged(item: Int)
  }

  private struct Asked: Sendable {
    let item: Int
    let range: ContentRange
    let at: Tick
  }

  /// Whole contents that may be other than their digest before it is given up.
  static let damageCountMax = 3
  static let patienceMilliseconds: Int64 = 2_000
  static let patienceMillisecondsMax: Int64 = 30_000
  /// A side that is busy is asked again so much later.
  static let busyMilliseconds: Int64 = 500

  package private(set) var items: [Item]
  package private(set) var window: CreditWindow
  /// The one that is being received.
  package private(set) var current = 0
  private var next = (item: 0, offset: Int64(0))
  private var asked: [Asked] = []
  private var isFresh = true
  private var damageCount = 0
  private var patience = patienceMilliseconds
  private var heardAt = Tick(milliseconds: 0)
  private var pausedUntil: Tick?
  private var isChecking = false
  package private(set) var isOver = false
  private var now = Tick(milliseconds: 0)
  private var directives: [Directive] = []

  package init(_ items: [Item], window: CreditWindow = CreditWindow()) {
    self.items = items
    self.window = window
  }

  /// Bytes that were asked for and have not come.
  package var askedByteCount: Int { asked.reduce(0) { $0 + $1.range.length } }

  package mutating func handle(_ event: Event, at time: Tick) -> [Directive] {
    now = max(now, time)
    guard !isOver else { return [] }
    switch event {
    case .start:
      heardAt = now
      goBack()
    case .chunk(let digest, let offset, let count, let byteCount):
      take(digest, offset: offset, count: count, byteCount: byteCount)
    case .refused(let digest, let refusal): hear(refusal, of: digest)
    case .checked(let isSound): settle(isSound: isSound)
    case .reconnected:
      window.lost()
      goBack()
    case .tick: lookAtTheClock()
    }
    proceed()
    defer { directives.removeAll() }
    return directives
  }

  private mutating func take(_ digest: ContentDigest, offset: Int64, count: Int, byteCount: Int64) {
    guard !isChecking, current < items.count, items[current].digest == digest, items[current].keptCount == offset,
      let position = asked.firstIndex(where: { $0.item == current && $0.range.offset == offset })
    else { return }
    let expected = items[current].byteCount ?? byteCount
    guard byteCount == expected, byteCount <= items[current].byteCountMax, byteCount >= offset else {
      return end(.wrongSize(item: current))
    }
    // Of a content whose size was not known more may have been asked for than there is.
    guard Int64(count) == min(Int64(asked[position].range.length), byteCount - offset) else { return }
    items[current].byteCount = byteCount
    if next.item == current { next.offset = max(next.offset, offset + Int64(count)) }
    window.arrived(afterMilliseconds: now.milliseconds - asked[position].at.milliseconds, at: now.milliseconds)
    asked.removeSubrange(...position)
    heardAt = now
    patience = Self.patienceMilliseconds
    items[current].keptCount += Int64(count)
    directives.append(.keep(item: current))
  }

  private mutating func hear(_ refusal: ContentRefusal, of digest: ContentDigest) {
    guard let position = asked.firstIndex(where: { $0.range.digest == digest }) else { return }
    if refusal == .busy {
      asked.removeAll()
      pausedUntil = now + Self.busyMilliseconds
    } else {
      end(.refused(item: asked[position].item, refusal))
    }
  }

  private mutating func settle(isSound: Bool) {
    guard isChecking else { return }
    isChecking = false
    if isSound {
      damageCount = 0
      current += 1
      return
    }
    damageCount += 1
    guard damageCount < Self.damageCountMax else { return end(.damaged(item: current)) }
    items[current].keptCount = 0
    directives.append(.startOver(item: current))
    goBack()
  }

  private mutating func lookAtTheClock() {
    if let until = pausedUntil {
      guard now >= until else { return }
      pausedUntil = nil
      return goBack()
    }
    guard let oldest = asked.first else { return }
    let since = max(oldest.at, heardAt)
    guard now.milliseconds - since.milliseconds > patience else { return }
    patience = min(2 * patience, Self.patienceMillisecondsMax)
    window.lost()
    goBack()
  }

  /// All that was asked for counts as lost.
  private mutating func goBack() {
    asked.removeAll()
    isFresh = true
    next = (current, current < items.count ? items[current].keptCount : 0)
  }

  private mutating func proceed() {
    guard !isOver, !isChecking else { return }
    if current == items.count { return end(.done) }
    if let byteCount = items[current].byteCount, items[current].keptCount >= byteCount {
      isChecking = true
      directives.append(.check(item: current))
      return
    }
    guard pausedUntil == nil else { return }
    ask()
  }

  private mutating func ask() {
    var onTheWay = askedByteCount
    while onTheWay < window.byteCount, next.item < items.count {
      let item = items[next.item]
      guard let byteCount = item.byteCount else {
        // Its size comes with its first chunk, which is asked for alone.
        if next.item == current, asked.isEmpty { want(length: TransferLimit.chunkBytes) }
        return
      }
      guard next.offset < byteCount else {
        let following = next.item + 1
        next = (following, following < items.count ? items[following].keptCount : 0)
        continue
      }
      let length = Int(min(Int64(TransferLimit.chunkBytes), byteCount - next.offset))
      onTheWay += length
      want(length: length)
    }
  }

  private mutating func want(length: Int) {
    let range = ContentRange(digest: items[next.item].digest, offset: next.offset, length: length)
    asked.append(Asked(item: next.item, range: range, at: now))
    directives.append(.want(range, isFresh: isFresh))
    isFresh = false
    next.offset += Int64(length)
  }

  private mutating func end(_ end: End) {
    isOver = true
    directives.append(.end(end))
  }
}
