// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import InstallationKit
import Sockets
import Sweeps
import Testing
import WireProtocol

/// How long until many CURVE workers, each with a socket of its own, are welcomed by a live coordinator; and again after it
/// was killed with -9 and started anew. Tiny in every test run; `make bench-connections` runs it with 1,000.
///
/// The clients share one process, one IO thread and the machine with the coordinator, so both sides' handshakes are timed.
/// Goals: 10 s, 15 s. Reference: 1,000 pyzmq clients to a bare ROUTER with CURVE took 6.0 s on a 2-core machine of this class.
@Suite(.serialized) struct ConnectionBenchmark {
  @Test func curveWorkers_connect_andComeBack() throws {
    let isLarge = ProcessInfo.processInfo.environment["MUSTER_BENCH"] == "1"
    let count = isLarge ? 1_000 : 20
    var fleet = try Fleet(count: count)
    for turn in 0..<(isLarge ? 3 : 1) {
      try fleet.measure(name: "connections-\(turn)")
    }
    print(fleet.report)
    #expect(fleet.isComplete)
  }
}

private struct Fleet {
  let count: Int
  private var lines: [String] = []
  private(set) var isComplete = true

  init(count: Int) throws {
    self.count = count
    raiseDescriptorLimit()
  }

  mutating func measure(name: String) throws {
    var sweep: GuardedSweep? = try GuardedSweep(name, keys: ["fleet"], trees: 30)
    guard let first = sweep else { return }
    let (port, keys) = (first.port, first.folder)
    let members = try connect(first)
    let beforeJoining = first.cpuMilliseconds
    let joined = welcome(members, epoch: 1)
    let joining = first.cpuMilliseconds - beforeJoining
    let beating = heartbeats(members, to: first)
    kill(first.coordinator.processIdentifier, SIGKILL)
    first.coordinator.waitUntilExit()
    sweep = nil
    let killedAt = monotonicMilliseconds()
    let second = try GuardedSweep(again: name, keys: keys, port: port)
    let startMilliseconds = monotonicMilliseconds() - killedAt
    let back = welcome(members, epoch: 2)
    isComplete = isComplete && joined.count == count && back.count == count
    let memory = second.residentKilobytes
    lines.append(
      "\(joined.count)/\(count) joined in \(joined.milliseconds) ms; after kill -9: listening again after"
        + " \(startMilliseconds) ms, \(back.count)/\(count) back \(startMilliseconds + back.milliseconds) ms after the kill;"
        + " coordinator \(memory / 1_024) MiB; its CPU time: \(joining * 1_000 / count) µs a connection, \(beating)")
  }

  private typealias Member = (incarnation: Incarnation, dealer: DealerSocket)

  private func connect(_ sweep: GuardedSweep) throws -> [Member] {
    let context = try MessageContext(socketCountMax: Int32(count) + 16)
    let keys = try KeyFile(path: sweep.folder.keyPath("fleet")).keys
    let coordinator = try readPublicKey(sweep.folder.coordinatorPublicPath)
    return try (0..<count).map { number in
      let dealer = try DealerSocket(
        context, connecting: Endpoint(sweep.endpoint), security: .curve(keys, coordinator: coordinator), queuedMax: 4)
      return (Incarnation(high: 77, low: UInt64(number)), dealer)
    }
  }

  /// Says hello once a second, as a worker does, until each has had a welcome of `epoch`. At most 60 s.
  private func welcome(_ members: [Member], epoch: Int64) -> (count: Int, milliseconds: Int64) {
    let startedAt = monotonicMilliseconds()
    var waiting = Set(members.indices)
    var nextHelloAt: Int64 = 0
    while !waiting.isEmpty, monotonicMilliseconds() - startedAt < 60_000 {
      if monotonicMilliseconds() >= nextHelloAt {
        nextHelloAt = monotonicMilliseconds() + 1_000
        for index in waiting { _ = members[index].dealer.send(hello(members[index].incarnation, "w\(index)")) }
      }
      for index in Array(waiting) {
        while let payload = try? members[index].dealer.receive() {
          guard let message = try? decodeCoordinatorMessage(payload), message.epoch == epoch,
            case .welcome = message.body
          else { continue }
          waiting.remove(index)
        }
      }
      Thread.sleep(forTimeInterval: 0.005)
    }
    return (members.count - waiting.count, monotonicMilliseconds() - startedAt)
  }

  /// What a heartbeat and its reply cost the coordinator: all members twice a second for five seconds, less as long in silence.
  private func heartbeats(_ members: [Member], to sweep: GuardedSweep) -> String {
    let seconds = count < 100 ? 1 : 5
    let start = sweep.cpuMilliseconds
    Thread.sleep(forTimeInterval: Double(seconds))
    let idle = sweep.cpuMilliseconds - start
    for _ in 0..<2 * seconds {
      let next = monotonicMilliseconds() + 500
      for member in members {
        let message = WorkerMessage(incarnation: member.incarnation, epoch: 1, body: .heartbeat([]))
        _ = member.dealer.send(encode(message))
        while (try? member.dealer.receive()) ?? nil != nil {}
      }
      Thread.sleep(forTimeInterval: Double(max(0, next - monotonicMilliseconds())) / 1_000)
    }
    let spent = sweep.cpuMilliseconds - start - 2 * idle
    return "\(spent * 1_000 / (2 * seconds * count)) µs a heartbeat"
  }

  var report: String {
    (["CURVE workers, one socket each, clients and coordinator on one machine:"] + lines).joined(separator: "\n  ")
  }
}
