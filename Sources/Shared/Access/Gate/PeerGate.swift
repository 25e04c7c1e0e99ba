// SPDX-License-Identifier: Apache-2.0

package import Sockets
package import Sweeps

/// Decides, message by message, whether a peer is heard: its key against the list in force, the incarnation it speaks for
/// against the key that spoke for it first, its rate, and how often it has said what nobody can read.
///
/// libzmq asks about a key at the handshake only, so all of this has to be looked at again with each message. Time comes
/// from outside; the gate cuts no connection itself but says which.
package struct PeerGate: Sendable {
  package enum Verdict: Hashable, Sendable {
    case admitted
    /// Not heard; the peer stays.
    case dropped(Reason)
    /// Not heard, and its connection is to be cut.
    case cut(Reason)
  }

  package enum Reason: String, Hashable, Sendable, CaseIterable {
    case keyUnknown = "its key is not in the allow-list"
    case keyExpired = "its key has expired"
    case keyBarred = "its key is shut out for a while"
    case noKey = "its connection has no key"
    case notAWorker = "its key's role gets no work"
    case tooFast = "it says too much"
    case unreadable = "it says what nobody can read"
    case foreignIncarnation = "it speaks for a worker of another key or connection"
    case tooManyStrangers = "too many peers that never introduced themselves"
    case tooManyConnections = "too many connections with its key"
    case tooManyWorkers = "too many new workers with its key"
    case neverReads = "it does not read what it is sent"
  }

  /// Workers that are not heard any more, and the connections to cut.
  package struct Expulsion: Hashable, Sendable {
    package let keyName: String
    package let reason: Reason
    package let incarnations: [Incarnation]
    package let connections: [Connection]
  }

  struct Peer: Sendable {
    let connection: Connection?
    let key: PublicKey?
    var incarnation: Incarnation?
    var messages: TokenBucket
    var bytes: TokenBucket
    var offenceCount = 0
    var heardAt: Int64
  }

  /// What is known of a key, or of all peers of a plain socket.
  struct Holder: Sendable {
    var connectionCount = 0
    /// As the list named it when it was let in: told after the list has forgotten it.
    var name: String?
    /// The worker processes that it spoke for first, oldest first.
    var incarnations: [Incarnation] = []
    var introductions: TokenBucket
  }

  private let ring: KeyRing?
  package let limits: GateLimits
  var peers: [PeerAddress: Peer] = [:]
  private var strangerCount = 0
  private var holders: [PublicKey?: Holder] = [:]
  /// The key that spoke for an incarnation first.
  private var owners: [Incarnation: PublicKey?] = [:]
  /// Messages that were not heard, by reason.
  package private(set) var counts: [Reason: Int] = [:]
  private var sweptAt: Int64 = 0

  /// - Parameter ring: `nil` on a plain socket: then there are no keys, and the rest holds for each connection.
  package init(ring: KeyRing?, limits: GateLimits = GateLimits()) {
    self.ring = ring
    self.limits = limits
  }

  /// Of the key that a connection was let in by; `nil` on a plain socket.
  package func keyName(of address: PeerAddress) -> String? {
    peers[address].flatMap { peer in peer.key.flatMap { holders[$0]?.name } }
  }

  /// Before the message is read.
  package mutating func arrive(_ arrival: RouterSocket.Arrival, at now: Int64, wall: CalendarTime) -> Verdict {
    // The key comes first: of a peer that is not allowed nothing is kept.
    let reason = standingReason(of: arrival.key, at: now, wall: wall)
    if let reason, reason != .notAWorker {
      // Of one that was allowed before, `expel` sees to its workers too.
      return refuse(reason, cuts: peers[arrival.peer] == nil)
    }
    if peers[arrival.peer] == nil, let reason = enter(arrival, at: now, wall: wall) {
      return refuse(reason, cuts: true)
    }
    guard take(arrival, at: now) else {
      bar(arrival.key, at: now)
      return refuse(.tooFast, cuts: true)
    }
    return reason.map { refuse($0, cuts: false) } ?? .admitted
  }

  private mutating func enter(_ arrival: RouterSocket.Arrival, at now: Int64, wall: CalendarTime) -> Reason? {
    guard strangerCount < limits.strangersMax else { return .tooManyStrangers }
    let fresh = Holder(introductions: TokenBucket(burst: limits.introductionsAtOnce, at: now))
    guard holders[arrival.key, default: fresh].connectionCount < limits.connectionsPerKeyMax else {
      return .tooManyConnections
    }
    holders[arrival.key, default: fresh].connectionCount += 1
    if let key = arrival.key {
      holders[key]?.name = ring?.standing(of: key, at: wall, monotonic: now).allowed?.name
    }
    strangerCount += 1
    peers[arrival.peer] = Peer(
      connection: arrival.descriptor.flatMap { Connection(descriptor: $0) }, key: arrival.key,
      messages: TokenBucket(burst: limits.messagesAtOnce, at: now),
      bytes: TokenBucket(burst: limits.bytesAtOnce, at: now), heardAt: now)
    return nil
  }

  private mutating func take(_ arrival: RouterSocket.Arrival, at now: Int64) -> Bool {
    guard var peer = peers[arrival.peer] else { return false }
    peer.heardAt = now
    let mayPass =
      peer.messages.take(1, rate: limits.messagesPerSecond, burst: limits.messagesAtOnce, at: now)
      && peer.bytes.take(arrival.byteCount, rate: limits.bytesPerSecond, burst: limits.bytesAtOnce, at: now)
    peers[arrival.peer] = peer
    return mayPass
  }

  /// After the message was read: may this connection speak for `incarnation`?
  package mutating func claim(_ incarnation: Incarnation, from address: PeerAddress, at now: Int64) -> Verdict {
    guard let peer = peers[address] else { return refuse(.noKey, cuts: true) }
    if let own = peer.incarnation {
      return own == incarnation ? .admitted : offend(.foreignIncarnation, address, at: now)
    }
    if let owner = owners[incarnation] {
      guard owner == peer.key else { return offend(.foreignIncarnation, address, at: now) }
    } else {
      let mayPass = holders[peer.key]?.introductions.take(
        1, rate: limits.introductionsPerSecond, burst: limits.introductionsAtOnce, at: now)
      guard mayPass == true else { return refuse(.tooManyWorkers, cuts: false) }
      own(incarnation, by: peer.key)
    }
    peers[address]?.incarnation = incarnation
    strangerCount -= 1
    return .admitted
  }

  /// The message could not be read, or what it said could not be believed.
  package mutating func offend(_ reason: Reason, _ address: PeerAddress, at now: Int64) -> Verdict {
    let offenceCount = (peers[address]?.offenceCount ?? 0) + 1
    peers[address]?.offenceCount = offenceCount
    guard offenceCount >= limits.offencesMax else { return refuse(reason, cuts: false) }
    bar(peers[address]?.key, at: now)
    return refuse(reason, cuts: true)
  }

  /// The connection of a peer that is to be cut; the peer is forgotten.
  package mutating func forget(_ address: PeerAddress) -> Connection? {
    guard let peer = peers.removeValue(forKey: address) else { return nil }
    if peer.incarnation == nil { strangerCount -= 1 }
    holders[peer.key]?.connectionCount -= 1
    return peer.connection
  }

  package mutating func note(_ reason: Reason) { counts[reason, default: 0] += 1 }

  /// The worker that a connection speaks for.
  package func incarnation(of address: PeerAddress) -> Incarnation? { peers[address]?.incarnation }

  /// Whether it was this key that spoke for the worker first; `nil` for a worker that nobody has spoken for yet.
  package func isOwner(_ key: PublicKey?, of incarnation: Incarnation) -> Bool? {
    owners[incarnation].map { $0 == key }
  }

  /// The name under which the list has the key that speaks for a worker.
  package func keyName(of incarnation: Incarnation, wall: CalendarTime) -> String? {
    guard let ring, let key = owners[incarnation] ?? nil else { return nil }
    return ring.standing(of: key, at: wall, monotonic: .max).allowed?.name
  }

  /// Whom the list no longer allows; at most every `intervalMilliseconds`, for it looks at every peer.
  package mutating func expel(
    at now: Int64, wall: CalendarTime, intervalMilliseconds: Int64 = 250
  ) -> [Expulsion] {
    guard now - sweptAt >= intervalMilliseconds else { return [] }
    sweptAt = now
    for (address, peer) in peers where now - peer.heardAt > limits.silenceMilliseconds { _ = forget(address) }
    guard let ring else { return [] }
    var found: [PublicKey: (reason: Reason, name: String, addresses: [PeerAddress])] = [:]
    for (address, peer) in peers {
      guard let key = peer.key else { continue }
      switch ring.standing(of: key, at: wall, monotonic: now) {
      case .allowed(let entry) where entry.role == .worker: continue
      // Its connections are cut as they offend; what it ran may be finished once the bar is lifted.
      case .barred: continue
      case .allowed where peer.incarnation == nil: continue
      case .allowed(let entry): found[key, default: (.notAWorker, entry.name, [])].addresses.append(address)
      case .expired(let entry): found[key, default: (.keyExpired, entry.name, [])].addresses.append(address)
      case .unknown:
        let name = (holders[key]?.name ?? nil) ?? key.brief
        found[key, default: (.keyUnknown, name, [])].addresses.append(address)
      }
    }
    // Dictionary order is random for each process; the log of one sweep should read like that of the next.
    return found.sorted { $0.key.description < $1.key.description }.map { _, entry in
      let addresses = entry.addresses.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
      let incarnations = addresses.compactMap { peers[$0]?.incarnation }
      return Expulsion(
        keyName: entry.name, reason: entry.reason, incarnations: incarnations,
        connections: addresses.compactMap { forget($0) })
    }
  }

  private func standingReason(of key: PublicKey?, at now: Int64, wall: CalendarTime) -> Reason? {
    guard let ring else { return nil }
    guard let key else { return .noKey }
    switch ring.standing(of: key, at: wall, monotonic: now) {
    case .allowed(let entry): return entry.role == .worker ? nil : .notAWorker
    case .unknown: return .keyUnknown
    case .expired: return .keyExpired
    case .barred: return .keyBarred
    }
  }

  private mutating func own(_ incarnation: Incarnation, by key: PublicKey?) {
    owners[incarnation] = .some(key)
    holders[key]?.incarnations.append(incarnation)
    guard let holder = holders[key], holder.incarnations.count > limits.incarnationsPerKeyMax else { return }
    if let oldest = holders[key]?.incarnations.removeFirst() { owners[oldest] = nil }
  }

  private func bar(_ key: PublicKey?, at now: Int64) {
    if let key { ring?.bar(key, until: now + limits.barMilliseconds) }
  }

  private mutating func refuse(_ reason: Reason, cuts: Bool) -> Verdict {
    note(reason)
    return cuts ? .cut(reason) : .dropped(reason)
  }
}
