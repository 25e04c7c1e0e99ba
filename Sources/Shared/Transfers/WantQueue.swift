// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// What the peers of a serving side wait for: served in turns, one chunk each, so that none starves another. A peer's wants
/// are a few numbers, never bytes; what a peer that does not read can hold is bounded by its socket's queue.
package struct WantQueue<Peer: Hashable & Sendable>: Sendable {
  private struct Line: Sendable {
    var wants: [ContentRange] = []
    /// Its socket was full: not tried before.
    var blockedUntil = Tick(milliseconds: 0)
    /// Since when nothing could be sent to it.
    var stuckSince: Tick?
  }

  static var blockMilliseconds: Int64 { 2 }

  private var lines: [Peer: Line] = [:]
  /// Peers with wants, the next one first.
  private var turns: [Peer] = []
  private let bytesPerSecond: Int?
  /// Bytes that may go at once, under a rate.
  private var allowance: Double
  private var filledAt = Tick(milliseconds: 0)

  /// - Parameter bytesPerSecond: to all peers together; `nil`: as fast as they read.
  package init(bytesPerSecond: Int? = nil) {
    self.bytesPerSecond = bytesPerSecond
    allowance = Double(TransferLimit.windowBytesMin)
  }

  package var isEmpty: Bool { turns.isEmpty }
  package var peerCount: Int { lines.count }

  /// False when the peer has asked for more than it may at a time.
  package mutating func add(_ range: ContentRange, isFresh: Bool, for peer: Peer) -> Bool {
    if isFresh { lines[peer]?.wants.removeAll { $0.digest == range.digest } }
    guard lines[peer, default: Line()].wants.count < TransferLimit.wantsPerPeerMax else { return false }
    lines[peer, default: Line()].wants.append(range)
    if !turns.contains(peer) { turns.append(peer) }
    return true
  }

  /// The next want whose peer can be sent to, if any; out of the queue.
  package mutating func next(at now: Tick) -> (peer: Peer, range: ContentRange)? {
    fill(at: now)
    if bytesPerSecond != nil, allowance <= 0 { return nil }
    for _ in 0..<turns.count {
      let peer = turns.removeFirst()
      guard var line = lines[peer], !line.wants.isEmpty else { continue }
      guard line.blockedUntil <= now else {
        turns.append(peer)
        continue
      }
      let range = line.wants.removeFirst()
      lines[peer] = line
      if !line.wants.isEmpty { turns.append(peer) }
      return (peer, range)
    }
    return nil
  }

  package mutating func sent(_ range: ContentRange, to peer: Peer) {
    allowance -= Double(range.length)
    lines[peer]?.stuckSince = nil
  }

  /// The peer's socket took no more: the want is the next again, a little later.
  package mutating func putBack(_ range: ContentRange, for peer: Peer, at now: Tick) {
    lines[peer, default: Line()].wants.insert(range, at: 0)
    lines[peer]?.blockedUntil = now + Self.blockMilliseconds
    if lines[peer]?.stuckSince == nil { lines[peer]?.stuckSince = now }
    if !turns.contains(peer) { turns.append(peer) }
  }

  /// Peers that want something and have taken nothing for so long.
  package func stuck(forMilliseconds patience: Int64, at now: Tick) -> [Peer] {
    turns.filter { peer in
      guard let since = lines[peer]?.stuckSince else { return false }
      return now.milliseconds - since.milliseconds > patience
    }
  }

  package mutating func forget(_ peer: Peer) {
    lines[peer] = nil
    turns.removeAll { $0 == peer }
  }

  private mutating func fill(at now: Tick) {
    guard let bytesPerSecond else { return }
    let gained = Double(max(0, now.milliseconds - filledAt.milliseconds)) / 1_000 * Double(bytesPerSecond)
    allowance = min(allowance + gained, Double(max(TransferLimit.chunkBytes, bytesPerSecond / 20)))
    filledAt = max(filledAt, now)
  }
}
