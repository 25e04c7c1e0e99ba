// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sockets
import Sweeps
import Testing

/// I11: what a live coordinator's memory comes to when many CURVE peers talk and never read. Tiny in every test run;
/// `make bench-connections` runs it with 1,000. Goal: 150 MB and 100 kB for each peer.
@Suite(.serialized) struct DeafPeersBenchmark {
  @Test func peersThatNeverRead_holdLittleMemory() throws {
    let isLarge = ProcessInfo.processInfo.environment["MUSTER_BENCH"] == "1"
    let (count, seconds) = isLarge ? (1_000, 90) : (5, 5)
    raiseDescriptorLimit()
    let sweep = try GuardedSweep("deaf-peers", keys: ["fleet"], trees: 30)
    let before = sweep.peakKilobytes
    let context = try MessageContext(socketCountMax: Int32(count) + 16)
    let dealers = try (0..<count).map { _ in
      try sweep.dealer("fleet", in: context, queuedMax: 1, receiveBufferBytes: 4_096)
    }
    let deadline = monotonicMilliseconds() + Int64(seconds) * 1_000
    var sentCount = 0
    while monotonicMilliseconds() < deadline {
      for (number, dealer) in dealers.enumerated()
      where dealer.send(heartbeat(Incarnation(high: 5, low: UInt64(number)))) {
        sentCount += 1
      }
    }
    let peak = sweep.peakKilobytes
    print(
      "\(count) CURVE peers that never read, \(sentCount) messages in \(seconds) s: coordinator at most \(peak / 1_024) MiB,"
        + " \(before / 1_024) MiB before; \((peak - before) / count) KiB a peer")
    #expect(sentCount >= count && sweep.coordinator.isRunning)
  }
}
