// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import InstallationKit
import Sockets
import Sweeps
import Testing
import Tracking
import WireProtocol

/// A live coordinator under attack by strangers and by holders of good keys, while one honest worker gets on with the sweep.
@Suite(.serialized) struct HostileClientTests {
  private static let canTrace = FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")

  /// I10, I12: whatever strangers and holders of keys say, the table is the undisturbed one, the coordinator executes
  /// nothing, and an honest peer is answered. Method: every attack, in rounds, until the sweep is done.
  @Test func attacks_changeNothing() throws {
    let muster = try Installation.shared.get()
    let plain = try muster.plan("undisturbed-by-clients", trees: 300)
    #expect(try muster.run(plain.runArguments).status == 0)
    let sweep = try GuardedSweep(
      "attacked", keys: ["good", "insider", "probe"], trees: 300, tracing: Self.canTrace)
    var probe = try Probe(sweep)
    // The first round is over before there is a result; the others go on beside the work.
    try round(sweep, halfOpenCount: 1_000, probe: &probe)
    let worker = try sweep.startWorker("good")
    var roundCount = 1
    while sweep.coordinator.isRunning, roundCount < 100 {
      try round(sweep, halfOpenCount: 50, probe: &probe)
      roundCount += 1
    }
    sweep.coordinator.waitUntilExit()
    worker.process.waitUntilExit()
    #expect(sweep.coordinator.terminationStatus == 0, "\(sweep.output.suffix(2_000))")
    #expect(try sweep.plan.results() == plain.results())
    #expect(sweep.output.contains(PeerGate.Reason.unreadable.rawValue))
    #expect(sweep.output.contains(PeerGate.Reason.keyUnknown.rawValue))
    print("hostile clients: \(roundCount) rounds; an honest peer meanwhile: \(probe.summary)")
    #expect(probe.answerCount > 0)
    let workers = sweep.query("SELECT count(*) FROM worker WHERE name <> 'good'")
    #expect(workers == [[.integer(0)]])
    #expect(sweep.query("SELECT DISTINCT key_name FROM worker") == [[.text("good")]])
    expectNothingExecuted(sweep)
  }

  private func expectNothingExecuted(_ sweep: GuardedSweep) {
    let calls = sweep.trace.split(separator: "\n").filter { $0.contains("execve") }
    guard !calls.isEmpty else {
      print("not run: no execve by the coordinator (strace is missing, or may not trace here)")
      return
    }
    #expect(calls.count == 1, "the coordinator executed something: \(calls.suffix(3))")
  }

  private func round(_ sweep: GuardedSweep, halfOpenCount: Int, probe: inout Probe) throws {
    let silent = (0..<halfOpenCount).compactMap { _ in RawClient(port: sweep.port) }
    let raw = HostileBytes.all.compactMap { attack in
      RawClient(port: sweep.port).map { client in
        client.send(attack.bytes)
        return (attack.name, client)
      }
    }
    let dealers = try strangers(sweep) + [insider(sweep)]
    for dealer in dealers { _ = dealer.send([0]) }
    probe.ask()
    // Each is hung up on: what breaks the grammar at once, what says nothing after the handshake's time.
    for (name, client) in raw {
      let answer = client.readToEnd(milliseconds: 15_000)
      #expect(answer != nil || !sweep.coordinator.isRunning, "\(name) was not hung up on")
      probe.ask()
    }
    if let last = silent.last { #expect(last.readToEnd(milliseconds: 15_000) != nil || !sweep.coordinator.isRunning) }
    probe.ask()
  }

  /// Plain, unlisted, and with another server's key.
  private func strangers(_ sweep: GuardedSweep) throws -> [DealerSocket] {
    let endpoint = try Endpoint(sweep.endpoint)
    let coordinator = try readPublicKey(sweep.folder.coordinatorPublicPath)
    return [
      try DealerSocket(MessageContext(), connecting: endpoint),
      try DealerSocket(
        MessageContext(), connecting: endpoint, security: .curve(KeyPair.random(), coordinator: coordinator)),
      try DealerSocket(
        MessageContext(), connecting: endpoint,
        security: .curve(KeyFile(path: sweep.folder.keyPath("good")).keys, coordinator: KeyPair.random().publicKey)),
    ]
  }

  /// A good key in bad hands: pickles, empty and oversized messages, a coordinator's words. Never a hello, so no worker.
  private func insider(_ sweep: GuardedSweep) throws -> DealerSocket {
    let dealer = try sweep.dealer("insider")
    for payload in HostileBytes.pickles + [[], [UInt8](repeating: 1, count: 1_000_000)] { _ = dealer.send(payload) }
    for attack in HostileBytes.all { _ = dealer.send(attack.bytes) }
    _ = dealer.send([UInt8](repeating: 0, count: 2 << 20))
    return dealer
  }

  /// In real life: a host is decommissioned, or its key was copied. Its open session ends; its task moves on.
  @Test func revokedKey_losesItsOpenSession_andItsTask() throws {
    let muster = try Installation.shared.get()
    let plain = try muster.plan("unrevoked", trees: 300)
    #expect(try muster.run(plain.runArguments).status == 0)
    let sweep = try GuardedSweep("revoked", keys: ["good", "gone"], trees: 300)
    let gone = try sweep.startWorker("gone")
    #expect(wait { sweep.resultCount >= 1 || !sweep.coordinator.isRunning }, "\(sweep.output)")
    #expect(try sweep.muster.run(["keys", "revoke", "gone", "--keys", sweep.folder.path]).status == 0)
    let startedAt = Date()
    let left = "SELECT left_reason FROM worker WHERE name = 'gone' AND left_ms IS NOT NULL"
    #expect(wait { !sweep.query(left).isEmpty || !sweep.coordinator.isRunning }, "\(sweep.output)")
    print("revoked key: its session was over \(Int(Date().timeIntervalSince(startedAt) * 1_000)) ms after the command")
    #expect(sweep.query(left) == [[.text(PeerGate.Reason.keyUnknown.rawValue)]])
    let before = sweep.resultCount
    // It goes on trying; nothing of it is heard.
    Thread.sleep(forTimeInterval: 1)
    #expect(sweep.resultCount == before)
    #expect(sweep.output.contains("key gone: \(PeerGate.Reason.keyUnknown.rawValue); 1 workers are cut off"))
    _ = try sweep.startWorker("good")
    sweep.coordinator.waitUntilExit()
    #expect(sweep.coordinator.terminationStatus == 0, "\(sweep.output.suffix(2_000))")
    #expect(try sweep.plan.results() == plain.results())
    kill(gone.process.processIdentifier, SIGKILL)
  }

  /// In real life: one host is broken into, and its good key used to end or to forge another host's work.
  @Test func anotherAllowedKey_cannotSpeakForAWorker() throws {
    let sweep = try GuardedSweep("stolen", keys: ["good", "thief"], trees: 300)
    let good = try sweep.startWorker("good")
    let incarnation = "SELECT incarnation FROM worker WHERE name = 'good'"
    #expect(wait { !sweep.query(incarnation).isEmpty })
    guard case .text(let text)? = sweep.query(incarnation).first?.first, let victim = Self.incarnation(text)
    else {
      Issue.record("the worker's incarnation is not in the tracker: \(sweep.query(incarnation))")
      return
    }
    let thief = try sweep.dealer("thief")
    for body in [WorkerMessage.Body.goodbye, .draining, .heartbeat([])] {
      _ = thief.send(encode(WorkerMessage(incarnation: victim, epoch: 1, body: body)))
    }
    _ = thief.send(hello(victim, "thief"))
    let wasSeen = wait {
      sweep.output.contains(PeerGate.Reason.foreignIncarnation.rawValue) || !sweep.coordinator.isRunning
    }
    #expect(wasSeen && sweep.output.contains(PeerGate.Reason.foreignIncarnation.rawValue), "\(sweep.output)")
    sweep.coordinator.waitUntilExit()
    good.process.waitUntilExit()
    #expect(sweep.coordinator.terminationStatus == 0)
    // One worker, which was never taken for gone and did every fold itself.
    #expect(
      sweep.query("SELECT name, completed, ended_badly FROM v_worker") == [
        [.text("good"), .integer(18), .integer(0)]
      ])
  }

  /// As the tracker writes it: 32 hexadecimal digits.
  private static func incarnation(_ text: String) -> Incarnation? {
    guard text.count == 32, let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
    else { return nil }
    return Incarnation(high: high, low: low)
  }

  /// I11: a worker that says a lot and reads nothing is cut, and the sweep goes on.
  @Test func peerThatNeverReads_isCut() throws {
    let sweep = try GuardedSweep("deaf", keys: ["good", "deaf"], trees: 100)
    let deaf = try sweep.dealer("deaf", queuedMax: 1, receiveBufferBytes: 4_096)
    let me = Incarnation(high: 1, low: 2)
    _ = deaf.send(hello(me, "deaf"))
    // Each reply is 20 KB: a few hundred fill what may be queued.
    let greedy = heartbeat(me, claimCount: 1_000)
    let wasCut = wait {
      for _ in 0..<100 { _ = deaf.send(greedy) }
      return sweep.output.contains(PeerGate.Reason.neverReads.rawValue) || !sweep.coordinator.isRunning
    }
    #expect(wasCut && sweep.output.contains(PeerGate.Reason.neverReads.rawValue), "\(sweep.output)")
    _ = try sweep.startWorker("good")
    sweep.coordinator.waitUntilExit()
    #expect(sweep.coordinator.terminationStatus == 0, "\(sweep.output.suffix(2_000))")
  }

  /// A recorded session of an honest worker is played again, byte for byte: CURVE's keys are new in each connection.
  @Test func replayedBytes_areNotHeard() throws {
    let sweep = try GuardedSweep("replayed", keys: ["good", "victim"], trees: 100)
    let recorder = try Recorder(forwardingTo: sweep.port)
    let victim = try DealerSocket(
      MessageContext(), connecting: Endpoint("tcp://127.0.0.1:\(recorder.port)"),
      security: .curve(
        KeyFile(path: sweep.folder.keyPath("victim")).keys,
        coordinator: readPublicKey(sweep.folder.coordinatorPublicPath)))
    let me = Incarnation(high: 3, low: 4)
    _ = victim.send(hello(me, "victim"))
    let joined = "SELECT count(*) FROM worker WHERE name = 'victim'"
    #expect(wait { sweep.query(joined) == [[.integer(1)]] }, "\(sweep.output)")
    let bytes = recorder.said
    #expect(bytes.count > 300)
    _ = victim.send(encode(WorkerMessage(incarnation: me, epoch: 1, body: .goodbye)))
    let left = "SELECT count(*) FROM worker WHERE name = 'victim' AND left_ms IS NOT NULL"
    #expect(wait { sweep.query(left) == [[.integer(1)]] })
    for _ in 0..<3 {
      let replay = try #require(RawClient(port: sweep.port))
      replay.send(bytes)
      #expect(replay.readToEnd(milliseconds: 15_000) != nil)
    }
    // The hello in it would have brought the worker back.
    #expect(sweep.query(left) == [[.integer(1)]])
    #expect(sweep.query(joined) == [[.integer(1)]])
    kill(sweep.coordinator.processIdentifier, SIGKILL)
  }
}

/// An honest peer that asks again and again and notes how long it waits.
struct Probe {
  private let dealer: DealerSocket
  private let wake: WakeSignal
  private let me = Incarnation(high: 9, low: 9)
  private var waits: [Int64] = []

  init(_ sweep: GuardedSweep) throws {
    dealer = try sweep.dealer("probe")
    wake = try WakeSignal()
  }

  var answerCount: Int { waits.count }

  /// A heartbeat of nobody known: the answer is "say hello".
  mutating func ask() {
    let startedAt = monotonicMilliseconds()
    _ = dealer.send(heartbeat(me))
    for _ in 0..<40 {
      if let answer = try? dealer.receive(), !answer.isEmpty {
        waits.append(monotonicMilliseconds() - startedAt)
        return
      }
      dealer.wait(orFor: wake, milliseconds: 50)
    }
  }

  var summary: String {
    let sorted = waits.sorted()
    guard let last = sorted.last else { return "no answer" }
    return "\(sorted.count) answers, median \(sorted[sorted.count / 2]) ms, p99 \(sorted[sorted.count * 99 / 100]) ms, "
      + "slowest \(last) ms"
  }
}
