// SPDX-License-Identifier: Apache-2.0

import Access
import Sockets

/// Who may speak to this coordinator.
struct Doorkeeper {
  /// `nil` on loopback without keys.
  let ring: KeyRing?
  /// Answers for handshakes for as long as it lives.
  let handler: ZapHandler?
  var gate: PeerGate
  var nextLookAt: Int64 = 0
  /// Refusals that were told, each key once, so that a peer that knocks all night fills no log.
  var toldKeys: Set<PublicKey> = []
  var toldReasons: Set<PeerGate.Reason> = []

  static let plain = Doorkeeper(ring: nil, handler: nil, gate: PeerGate(ring: nil))

  private init(ring: KeyRing?, handler: ZapHandler?, gate: PeerGate) {
    self.ring = ring
    self.handler = handler
    self.gate = gate
  }

  /// Starts to answer for handshakes with this context's sockets.
  init(_ context: MessageContext, ring: KeyRing, limits: GateLimits = GateLimits()) throws(SocketError) {
    let handler = try ZapHandler(context) { key, _ in
      let standing = ring.standing(of: key, at: wallTime, monotonic: monotonicMilliseconds())
      return standing.allowed == nil ? .refuse : .allow
    }
    self.init(ring: ring, handler: handler, gate: PeerGate(ring: ring, limits: limits))
  }
}

/// The wall clock, by which keys expire. Leases never look at it.
var wallTime: CalendarTime { CalendarTime(seconds: wallClockMilliseconds() / 1_000) }
