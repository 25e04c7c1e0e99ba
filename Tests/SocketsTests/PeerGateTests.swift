// SPDX-License-Identifier: Apache-2.0

import Access
import Sockets
import Sweeps
import Testing

private let wall = CalendarTime(seconds: 1_800_000_000)

private func key(_ number: UInt8) -> PublicKey {
  guard let key = PublicKey(bytes: [UInt8](repeating: number, count: 32)) else { preconditionFailure("32 bytes") }
  return key
}

private func incarnation(_ number: UInt64) -> Incarnation { Incarnation(high: 7, low: number) }
private func address(_ number: UInt8) -> PeerAddress { PeerAddress(bytes: [number]) }

@Suite struct PeerGateTests {
  private let list = """
    \(key(1)) one worker never
    \(key(2)) two worker never
    \(key(3)) viewer observer never
    \(key(4)) old worker 2027-01-15T08:00:00Z
    """

  private func gate(_ limits: GateLimits = GateLimits()) throws -> PeerGate {
    PeerGate(ring: KeyRing(try AllowList(text: list, path: "allowed")), limits: limits)
  }

  private func arrival(_ peer: UInt8, _ key: PublicKey?, byteCount: Int = 100) -> RouterSocket.Arrival {
    RouterSocket.Arrival(peer: address(peer), payload: [], byteCount: byteCount, key: key, descriptor: nil)
  }

  @Test func worker_isHeard_andComesBackOnAnotherConnection() throws {
    var gate = try gate()
    for peer in [1, 2] as [UInt8] {
      #expect(gate.arrive(arrival(peer, key(1)), at: 0, wall: wall) == .admitted)
      #expect(gate.claim(incarnation(5), from: address(peer), at: 0) == .admitted)
    }
    #expect(gate.keyName(of: incarnation(5), wall: wall) == "one")
  }

  @Test func unlistedKeyAndNoKey_areCut() throws {
    var gate = try gate()
    #expect(gate.arrive(arrival(1, key(9)), at: 0, wall: wall) == .cut(.keyUnknown))
    #expect(gate.arrive(arrival(2, nil), at: 0, wall: wall) == .cut(.noKey))
  }

  @Test func observer_isGivenNoWork() throws {
    var gate = try gate()
    #expect(gate.arrive(arrival(1, key(3)), at: 0, wall: wall) == .dropped(.notAWorker))
    #expect(gate.expel(at: 1_000, wall: wall) == [])
  }

  /// In real life: a worker's host is broken into, and its good key used to send results in another worker's name.
  @Test func anotherAllowedKey_cannotSpeakForAnIncarnation() throws {
    var gate = try gate()
    _ = gate.arrive(arrival(1, key(1)), at: 0, wall: wall)
    _ = gate.claim(incarnation(5), from: address(1), at: 0)
    #expect(gate.arrive(arrival(2, key(2)), at: 0, wall: wall) == .admitted)
    #expect(gate.claim(incarnation(5), from: address(2), at: 0) == .dropped(.foreignIncarnation))
    // Nor once its owner's connection is gone.
    _ = gate.forget(address(1))
    #expect(gate.claim(incarnation(5), from: address(2), at: 0) == .dropped(.foreignIncarnation))
    // Its own it may.
    #expect(gate.claim(incarnation(6), from: address(2), at: 0) == .admitted)
  }

  @Test func connection_speaksForOneIncarnation() throws {
    var gate = PeerGate(ring: nil)
    _ = gate.arrive(arrival(1, nil), at: 0, wall: wall)
    #expect(gate.claim(incarnation(5), from: address(1), at: 0) == .admitted)
    #expect(gate.claim(incarnation(6), from: address(1), at: 0) == .dropped(.foreignIncarnation))
  }

  @Test func offences_endInACut_andAShutDoor() throws {
    var limits = GateLimits()
    limits.offencesMax = 3
    var gate = try gate(limits)
    _ = gate.arrive(arrival(1, key(1)), at: 0, wall: wall)
    #expect(gate.offend(.unreadable, address(1), at: 0) == .dropped(.unreadable))
    #expect(gate.offend(.unreadable, address(1), at: 0) == .dropped(.unreadable))
    #expect(gate.offend(.unreadable, address(1), at: 0) == .cut(.unreadable))
    #expect(gate.counts[.unreadable] == 3)
    _ = gate.forget(address(1))
    // The key is shut out for a while, on any connection; others are not.
    #expect(gate.arrive(arrival(2, key(1)), at: 29_999, wall: wall) == .cut(.keyBarred))
    #expect(gate.arrive(arrival(3, key(2)), at: 29_999, wall: wall) == .admitted)
    #expect(gate.arrive(arrival(4, key(1)), at: 30_000, wall: wall) == .admitted)
  }

  @Test func flood_isCut_andAQuietPeerMayHurry() throws {
    var limits = GateLimits()
    (limits.messagesPerSecond, limits.messagesAtOnce) = (10, 5)
    var gate = try gate(limits)
    for _ in 0..<5 { #expect(gate.arrive(arrival(1, key(1)), at: 0, wall: wall) == .admitted) }
    // A tenth of a second is one message.
    #expect(gate.arrive(arrival(1, key(1)), at: 100, wall: wall) == .admitted)
    #expect(gate.arrive(arrival(1, key(1)), at: 100, wall: wall) == .cut(.tooFast))
    // Bytes have a bucket of their own.
    limits = GateLimits()
    (limits.bytesPerSecond, limits.bytesAtOnce) = (100, 1_000)
    gate = try self.gate(limits)
    #expect(gate.arrive(arrival(1, key(1), byteCount: 1_000), at: 0, wall: wall) == .admitted)
    #expect(gate.arrive(arrival(1, key(1), byteCount: 100), at: 999, wall: wall) == .cut(.tooFast))
  }

  @Test func strangersAndConnections_areFew() throws {
    var limits = GateLimits()
    limits.strangersMax = 2
    var gate = PeerGate(ring: nil, limits: limits)
    for peer in [1, 2] as [UInt8] { #expect(gate.arrive(arrival(peer, nil), at: 0, wall: wall) == .admitted) }
    #expect(gate.arrive(arrival(3, nil), at: 0, wall: wall) == .cut(.tooManyStrangers))
    // One that introduces itself, or leaves, makes room.
    _ = gate.claim(incarnation(1), from: address(1), at: 0)
    #expect(gate.arrive(arrival(3, nil), at: 0, wall: wall) == .admitted)
    _ = gate.forget(address(3))
    #expect(gate.arrive(arrival(4, nil), at: 0, wall: wall) == .admitted)
    limits = GateLimits()
    limits.connectionsPerKeyMax = 1
    gate = try self.gate(limits)
    #expect(gate.arrive(arrival(1, key(1)), at: 0, wall: wall) == .admitted)
    #expect(gate.arrive(arrival(2, key(1)), at: 0, wall: wall) == .cut(.tooManyConnections))
    #expect(gate.arrive(arrival(3, key(2)), at: 0, wall: wall) == .admitted)
    // A connection that is silent for long is forgotten.
    #expect(gate.expel(at: 120_001, wall: wall) == [])
    #expect(gate.arrive(arrival(2, key(1)), at: 120_001, wall: wall) == .admitted)
  }

  /// In real life: a key is used to invent workers, each of which would be a row of the tracker.
  @Test func newWorkersOfAKey_areFew() throws {
    var limits = GateLimits()
    (limits.introductionsPerSecond, limits.introductionsAtOnce) = (1, 2)
    var gate = try gate(limits)
    for peer in [1, 2, 3] as [UInt8] {
      _ = gate.arrive(arrival(peer, key(1)), at: 0, wall: wall)
      let verdict = gate.claim(incarnation(UInt64(peer)), from: address(peer), at: 0)
      #expect(verdict == (peer < 3 ? .admitted : .dropped(.tooManyWorkers)))
    }
    #expect(gate.claim(incarnation(3), from: address(3), at: 1_000) == .admitted)
  }

  @Test func expiredKey_isExpelled_withAllTheirWorkers() throws {
    let ring = KeyRing(try AllowList(text: list, path: "allowed"))
    var gate = PeerGate(ring: ring)
    let before = try #require(CalendarTime("2027-01-15T08:00:00Z"))
    for (peer, number) in [(1, 1), (2, 4), (3, 4)] as [(UInt8, UInt8)] {
      #expect(gate.arrive(arrival(peer, key(number)), at: 0, wall: before) == .admitted)
      _ = gate.claim(incarnation(UInt64(peer)), from: address(peer), at: 0)
    }
    #expect(gate.expel(at: 1_000, wall: before) == [])
    let after = CalendarTime(seconds: before.seconds + 1)
    // The next message is not heard, even before the sweep.
    #expect(gate.arrive(arrival(2, key(4)), at: 1_001, wall: after) == .dropped(.keyExpired))
    #expect(gate.expel(at: 1_100, wall: after) == [])
    let expelled = gate.expel(at: 1_250, wall: after)
    #expect(expelled.map(\.keyName) == ["old"] && expelled.map(\.reason) == [.keyExpired])
    #expect(expelled.first?.incarnations == [incarnation(2), incarnation(3)])
    #expect(gate.expel(at: 2_000, wall: after) == [])
    // The worker of the other key is still heard.
    #expect(gate.arrive(arrival(1, key(1)), at: 2_000, wall: after) == .admitted)
  }
}
