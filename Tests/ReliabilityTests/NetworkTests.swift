// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

extension LiveTests {
  @Suite struct NetworkTests {
    private func start(_ name: String, _ shape: LiveSweep.Shape) throws -> (LiveSweep, Relay) {
      let sweep = try LiveSweep(name, shape)
      let port = try #require(sweep.endpoint.split(separator: ":").last.flatMap { UInt16($0) })
      let relay = try Relay(to: port)
      try sweep.startCoordinator()
      for slot in 0..<2 { try sweep.startWorker(slot, endpoint: relay.endpoint) }
      return (sweep, relay)
    }

    /// I1–I5, in real life: a bad switch. Packets are late, connections stall for longer than a lease and are reset, in the
    /// middle of a frame too. Method: a relay between both workers and the coordinator.
    @Test func badLine_tableIsTheSame() throws {
      let (sweep, relay) = try start("bad-line", LiveSweep.Shape(trials: 14 * Machine.soak, trees: 300))
      defer { relay.end() }
      for round in 0..<Machine.soak {
        relay.set { $0.delayMilliseconds = 60 }
        #expect(wait(60) { sweep.recordedCount >= 5 * (round + 1) || sweep.coordinator?.isRunning == false })
        relay.set { $0.delayMilliseconds = 0 }
        sweep.noteFault("stall 3 s")
        relay.set { $0.isStalled = true }
        Thread.sleep(forTimeInterval: 3)
        relay.set { $0.isStalled = false }
        for cut in [0, 5, 11, 63, 64, 90, 130, 200, 299] {
          sweep.noteFault("cut after \(cut) bytes")
          relay.set { $0.cutAfter = cut }
          relay.resetAll()
          Thread.sleep(forTimeInterval: 0.25)
          relay.set { $0.cutAfter = nil }
        }
        for _ in 0..<5 {
          sweep.noteFault("reset")
          relay.resetAll()
          Thread.sleep(forTimeInterval: 0.15)
        }
      }
      #expect(try sweep.runToEnd() == 0, "\(sweep.coordinatorSaid)")
      #expect(try sweep.violations() == [])
    }

    /// In real life: one bit turns in the greeting of a connection. libzmq's socket may never connect again by itself: the
    /// worker makes a new one when it has heard nothing for a while.
    @Test func flippedBit_workersComeBack() throws {
      let (sweep, relay) = try start("flipped-bit", LiveSweep.Shape(trials: 20, trees: 300))
      defer { relay.end() }
      // Bits of the greeting: its signature, its version, its mechanism's name, and the first command's length.
      for bit in [0, 8 * 10 + 1, 8 * 12 + 3, 8 * 64 + 6].prefix(Machine.soak > 1 ? 4 : 2) {
        let recorded = sweep.recordedCount
        #expect(wait(60) { sweep.recordedCount > recorded })
        sweep.noteFault("bit \(bit) of each connection is turned")
        relay.set { $0.flippedBit = bit }
        relay.resetAll()
        Thread.sleep(forTimeInterval: 1.5)
        relay.set { $0.flippedBit = nil }
      }
      #expect(try sweep.runToEnd() == 0, "\(sweep.coordinatorSaid)")
      #expect(try sweep.violations() == [])
    }

    /// I1–I5, in real life: the cable between two machines is pulled, then each direction by itself is lost. Both sides work on
    /// alone and agree afterwards.
    @Test(.enabled(if: Machine.canMakeNetworks, "not run: network namespaces need root"))
    func cutAndOneWayLinks_tableIsTheSame() throws {
      let hosts = try TwoHosts()
      let sweep = try LiveSweep(
        "cut-links", LiveSweep.Shape(trials: 20 * Machine.soak, trees: 400),
        address: "tcp://\(TwoHosts.firstAddress):5555")
      try sweep.startCoordinator(through: hosts.onFirst)
      try sweep.startWorker(0, through: hosts.onFirst)
      try sweep.startWorker(1, through: hosts.onSecond)
      for round in 0..<Machine.soak {
        #expect(wait(30) { sweep.recordedCount >= 8 * (round + 1) })
        sweep.noteFault("cut 4 s")
        try hosts.cut()
        Thread.sleep(forTimeInterval: 4)
        try hosts.mend()
        for first in [true, false] {
          Thread.sleep(forTimeInterval: 1)
          sweep.noteFault("nothing that host \(first ? 1 : 2) sends arrives, 3 s")
          try hosts.silence(first: first)
          Thread.sleep(forTimeInterval: 3)
          try hosts.unsilence(first: first)
        }
      }
      #expect(try sweep.runToEnd(within: 120) == 0, "\(sweep.coordinatorSaid)")
      #expect(try sweep.count("SELECT count(*) FROM attempt WHERE state IN('lost', 'superseded')") > 0)
      #expect(try sweep.violations() == [])
    }
  }
}
