// SPDX-License-Identifier: Apache-2.0

import Foundation
import Launching
import Testing

@Suite struct LocalWorkersTests {
  private func folder() -> String { NSTemporaryDirectory() + "launching-\(UUID().uuidString)" }

  /// In real life: the kernel's OOM killer takes a worker. Its exit is reported with the signal, and the slot can be filled
  /// again.
  @Test func killedChild_isReported_andItsSlotStartsAgain() async throws {
    let (exits, report) = AsyncStream.makeStream(of: LocalWorkers.Exit.self)
    let workers = try LocalWorkers(
      executable: "/bin/cat", logDirectory: folder(), arguments: { _ in ["-"] }, onExit: { report.yield($0) })
    let first = try #require(try workers.start(slot: 0))
    kill(first, SIGKILL)
    var events = exits.makeAsyncIterator()
    let exit = try #require(await events.next())
    #expect(exit.slot == 0 && exit.processID == first && exit.status == SIGKILL && exit.isSignal)
    #expect(try workers.start(slot: 0) != nil)
    workers.stopAll(graceMilliseconds: 5_000)
    // `cat` ended by itself when its lifeline closed: no signal.
    #expect(try #require(await events.next()).isSignal == false)
  }

  /// In real life: two workers run and the coordinator closes one lifeline. The other child must not hold a copy of it.
  @Test func lifelines_areNotInheritedByOtherChildren() async throws {
    let (exits, report) = AsyncStream.makeStream(of: LocalWorkers.Exit.self)
    let logs = folder()
    let one = try LocalWorkers(
      executable: "/bin/cat", logDirectory: logs, arguments: { _ in ["-"] }, onExit: { report.yield($0) })
    let other = try LocalWorkers(
      executable: "/bin/cat", logDirectory: logs, arguments: { _ in ["-"] }, onExit: { _ in })
    _ = try one.start(slot: 0)
    _ = try other.start(slot: 1)
    one.stopAll(graceMilliseconds: 5_000)
    var events = exits.makeAsyncIterator()
    #expect(try #require(await events.next()).isSignal == false)
    other.stopAll(graceMilliseconds: 5_000)
  }

  @Test func slotThatKeepsDying_isGivenUp() throws {
    let workers = try LocalWorkers(
      executable: "/bin/false", logDirectory: folder(), arguments: { _ in [] }, onExit: { _ in })
    for _ in 0..<LocalWorkers.startCountMax { #expect(try workers.start(slot: 3) != nil) }
    #expect(try workers.start(slot: 3) == nil)
    #expect(try workers.start(slot: 4) != nil)
    workers.stopAll(graceMilliseconds: 5_000)
  }

  /// In real life: over a week each slot loses a worker now and then. That is no reason to end with none.
  @Test func slotThatDiesNowAndThen_isKept() throws {
    let workers = try LocalWorkers(
      executable: "/bin/false", logDirectory: folder(), arguments: { _ in [] }, settledSeconds: 0, onExit: { _ in })
    for _ in 0..<(LocalWorkers.startCountMax + 5) { #expect(try workers.start(slot: 3) != nil) }
    workers.stopAll(graceMilliseconds: 5_000)
  }

  @Test func missingExecutable_isNamed() {
    #expect {
      try LocalWorkers(executable: "/nowhere/muster-worker", logDirectory: folder(), arguments: { _ in [] }) { _ in }
    } throws: {
      "\($0)".contains("/nowhere/muster-worker")
    }
  }
}
