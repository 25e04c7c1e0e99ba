// SPDX-License-Identifier: Apache-2.0

import Access
import Scheduling
import Sockets
import Sweeps
import Tracking
import WireProtocol

/// Keys, and peers that misbehave.
extension SweepSession {
  /// Whether the peer is heard. One that must be cut is.
  func heeds(_ verdict: PeerGate.Verdict, _ arrival: RouterSocket.Arrival) -> Bool {
    switch verdict {
    case .admitted: return true
    case .dropped(let reason):
      tell(reason)
      if reason == .notAWorker { turnAway(arrival) }
    case .cut(let reason):
      tell(reason)
      let connection = door.gate.forget(arrival.peer) ?? arrival.descriptor.flatMap { Connection(descriptor: $0) }
      connection?.cut()
    }
    return false
  }

  func cut(_ peer: PeerAddress, for reason: PeerGate.Reason) {
    door.gate.note(reason)
    tell(reason)
    door.gate.forget(peer)?.cut()
  }

  /// A key without the right to work that says hello gets an answer, so that its process ends and says why.
  private func turnAway(_ arrival: RouterSocket.Arrival) {
    guard let payload = arrival.payload, let message = try? decodeWorkerMessage(payload),
      case .hello = message.body
    else { return }
    let reject = CoordinatorMessage(
      epoch: store.epoch, recipient: message.incarnation,
      body: .reject(code: "role", message: "this key's role gets no work; list it as a worker: muster keys"))
    // Lost like any message that libzmq does not take: the peer says hello again.
    _ = try? router.send(encode(reject), to: arrival.peer)
  }

  /// What was not heard, for the end of the run.
  var doorSummary: String? {
    let counts = door.gate.counts.sorted { $0.key.rawValue < $1.key.rawValue }
    guard !counts.isEmpty else { return nil }
    return "messages not heard: " + counts.map { "\($0.value) (\($0.key.rawValue))" }.joined(separator: ", ")
  }

  /// Each reason once: the counts are in the summary, and a hostile peer must not fill our log.
  private func tell(_ reason: PeerGate.Reason) {
    if door.toldReasons.insert(reason).inserted { view.event("a peer was not heard: \(reason.rawValue)") }
  }

  /// Four times a second: follows the allow-list, ends the sessions of keys that are gone from it, tells of refused ones.
  func watchTheDoor() {
    let now = monotonicMilliseconds()
    guard now >= door.nextLookAt else { return }
    door.nextLookAt = now + 250
    readKeys(isForced: false)
    for expulsion in door.gate.expel(at: now, wall: wallTime, intervalMilliseconds: 0) {
      view.event(
        "key \(expulsion.keyName): \(expulsion.reason.rawValue); \(expulsion.incarnations.count) workers are cut off")
      for incarnation in expulsion.incarnations {
        addresses[incarnation] = nil
        obey(machine.handle(.expelled(incarnation, reason: expulsion.reason.rawValue), at: self.now))
      }
      for connection in expulsion.connections { connection.cut() }
    }
    tellRefusals()
  }

  /// Every ten seconds: addresses of workers that have left. Preempted fleets bring thousands of them in a sweep of days.
  func forgetAddresses() {
    // What waits to be sent may be a last word to one that has just left.
    guard writing == nil, batch.isEmpty else { return }
    nextForgettingAt = now.milliseconds + 10_000
    addresses = addresses.filter { machine.worker($0.key) != nil }
  }

  /// A list that cannot be read leaves the one in force: half a list would lock every worker out.
  func readKeys(isForced: Bool) {
    guard let ring = door.ring else { return }
    do {
      guard try ring.reload(isForced: isForced) else { return }
      view.event("the allow-list was read again: \(ring.count) keys")
    } catch {
      view.alarm("ALARM: the allow-list was not read, the last good one stays in force: \(error)")
    }
  }

  private func tellRefusals() {
    guard let (refusals, _) = door.handler?.takeRefusals() else { return }
    for refusal in refusals where door.toldKeys.count < 256 && door.toldKeys.insert(refusal.key).inserted {
      let standing = door.ring?.standing(of: refusal.key, at: wallTime, monotonic: monotonicMilliseconds()) ?? .unknown
      let reason: PeerGate.Reason =
        switch standing {
        case .expired: .keyExpired
        case .barred: .keyBarred
        case .unknown, .allowed: .keyUnknown
        }
      view.event("refused a connection from \(refusal.address), key \(refusal.key.brief)…: \(reason.rawValue)")
    }
  }
}
