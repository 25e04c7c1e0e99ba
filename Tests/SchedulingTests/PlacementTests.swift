// SPDX-License-Identifier: Apache-2.0

import Scheduling
import Sweeps
import Testing

@Suite struct PlacementTests {
  private func settings(_ change: (inout SchedulerSettings) -> Void) -> SchedulerSettings {
    var settings = SchedulerSettings()
    settings.bulkPort = 5_556
    settings.served = [dataset: 1_000]
    change(&settings)
    return settings
  }

  private func makeMachine(_ change: (inout SchedulerSettings) -> Void = { _ in }) -> CoordinatorMachine {
    CoordinatorMachine(epoch: 1, settings: settings(change), recovered: RecoveredSweep(), at: .ms(0))
  }

  private func hello(
    _ number: UInt64, host: String = "h", holds: Bool = true, slots: Int = 1,
    _ change: (inout WorkerRoom) -> Void = { _ in }
  ) -> CoordinatorMachine.Event {
    let plain = identity(number)
    let who = WorkerIdentity(
      incarnation: plain.incarnation, name: plain.name, host: host, processID: 1, codeVersion: "1", machineType: "m")
    var room = WorkerRoom()
    room.fetchBytesMax = 1_000
    change(&room)
    return .message(
      WorkerMessage(
        incarnation: who.incarnation, epoch: 0,
        body: .hello(WorkerHello(identity: who, slotCount: slots, datasets: holds ? [dataset] : [], room: room))))
  }

  private func fetches(_ directives: [CoordinatorMachine.Directive]) -> [UInt64] {
    directives.compactMap { directive in
      guard case .send(let message) = directive, case .fetch([dataset]) = message.body else { return nil }
      return message.recipient.low
    }
  }

  private func grantees(_ directives: [CoordinatorMachine.Directive]) -> [UInt64] {
    directives.compactMap { directive in
      guard case .send(let message) = directive, case .assign = message.body else { return nil }
      return message.recipient.low
    }
  }

  /// Whoever holds the data goes first: no lease waits for a transfer.
  @Test func coldWorker_isToldToFetch_andGetsNoTaskBeforeItHolds() {
    var machine = makeMachine()
    let welcomed = machine.handle(hello(1, holds: false), at: .ms(0))
    #expect(fetches(welcomed) == [1])
    #expect(
      welcomed.contains { directive in
        guard case .send(let message) = directive, case .welcome(_, _, let port) = message.body else { return false }
        return port == 5_556
      })
    #expect(fetches(machine.handle(hello(2), at: .ms(0))) == [])
    #expect(grantees(machine.handle(.trialAdded(order(trial: 1, folds: 2)), at: .ms(1))) == [2])
    #expect(fetches(machine.handle(beat(1), at: .ms(2))) == [1], "said again while it is missing")
    #expect(grantees(machine.handle(hello(1), at: .ms(3))) == [1])
    #expect(fetches(machine.handle(beat(1), at: .ms(4))) == [])
    machine.checkInvariants()
  }

  private func beat(_ number: UInt64) -> CoordinatorMachine.Event {
    .message(WorkerMessage(incarnation: identity(number).incarnation, epoch: 1, body: .heartbeat([])))
  }

  @Test func workerWithoutRoom_isNotToldToFetch() {
    var machine = makeMachine { $0.requirements.coreCount = 8 }
    #expect(fetches(machine.handle(hello(1, holds: false) { $0.fetchBytesMax = 999 }, at: .ms(0))) == [])
    #expect(fetches(machine.handle(hello(2, holds: false) { $0.coreCount = 4 }, at: .ms(0))) == [])
    #expect(fetches(machine.handle(hello(3, holds: false) { $0.coreCount = 8 }, at: .ms(0))) == [3])
  }

  /// In real life: four workers on a host of 16 GB, and folds of 6 GB: two at a time, the third when one has ended.
  @Test func host_isGivenNoMoreThanItHasRoomFor() throws {
    var machine = makeMachine { $0.requirements.memoryBytes = 6 << 30 }
    for number in 1...4 as ClosedRange<UInt64> {
      _ = machine.handle(hello(number, slots: 2) { $0.memoryBytes = 16 << 30 }, at: .ms(0))
    }
    let directives = machine.handle(.trialAdded(order(trial: 1, folds: 8)), at: .ms(1))
    // The one that is trained and the one that is held ready.
    #expect(grantees(directives).sorted() == [1, 1, 2, 2])
    _ = machine.handle(hello(5, host: "other", slots: 1) { $0.memoryBytes = 6 << 30 }, at: .ms(2))
    #expect(machine.counts.leased == 5)
    let left = machine.handle(.expelled(identity(1).incarnation, reason: "gone"), at: .ms(3))
    #expect(grantees(left).count == 2 && !grantees(left).contains(1))
    machine.checkInvariants()
  }

  @Test func labelsAndGPUs_areForThoseThatHaveThem() {
    let label = WorkerRoom.Label(name: "site", value: "icu")
    var machine = makeMachine {
      $0.requirements.labels = [label]
      $0.requirements.gpuCount = 1
    }
    _ = machine.handle(hello(1), at: .ms(0))
    _ = machine.handle(hello(2) { $0.labels = [label] }, at: .ms(0))
    _ = machine.handle(hello(3, host: "g") { ($0.labels, $0.gpuCount) = ([label], 1) }, at: .ms(0))
    _ = machine.handle(hello(4, host: "g") { ($0.labels, $0.gpuCount) = ([label], 1) }, at: .ms(0))
    #expect(grantees(machine.handle(.trialAdded(order(trial: 1, folds: 8)), at: .ms(1))) == [3])
  }

  /// In real life: two workers on a laptop with two cores, two on a server with 64.
  @Test func amongEqualWorkers_theHostWithMoreCoresFreeGoesFirst() {
    var machine = makeMachine()
    _ = machine.handle(hello(1, host: "laptop", slots: 2) { $0.coreCount = 2 }, at: .ms(0))
    _ = machine.handle(.trialAdded(order(trial: 1, folds: 2)), at: .ms(1))
    // One of the laptop's cores is at work; its second worker has waited longer than the server's.
    _ = machine.handle(hello(2, host: "laptop") { $0.coreCount = 2 }, at: .ms(2))
    _ = machine.handle(hello(3, host: "server") { $0.coreCount = 64 }, at: .ms(3))
    let directives = machine.handle(.trialAdded(order(trial: 2, folds: 2)), at: .ms(4))
    #expect(grantees(directives) == [3, 2])
  }

  /// A stranger's attempt, a finished task's, one that was never given out: nothing may be left here under them.
  @Test func artifacts_areTakenFromTheHolderAlone() throws {
    var machine = makeMachine()
    let attempt = TaskAttempt(
      task: TrialTask(sweep: order(trial: 1).sweep, trial: 1, fold: 0, rung: 0), attempt: Attempt(epoch: 1, number: 1))
    #expect(machine.refusal(of: attempt, from: identity(1).incarnation) == .notHeld, "never given out")
    _ = machine.handle(hello(1), at: .ms(0))
    _ = machine.handle(.trialAdded(order(trial: 1, folds: 2)), at: .ms(1))
    #expect(machine.refusal(of: attempt, from: identity(2).incarnation) == .busy, "not met yet")
    _ = machine.handle(hello(2), at: .ms(2))
    #expect(machine.refusal(of: attempt, from: identity(1).incarnation) == nil)
    #expect(machine.refusal(of: attempt, from: identity(2).incarnation) == .notHeld)
    // A worker that was given up and comes back may still be the first with a result.
    _ = machine.handle(.tick, at: .ms(20_000))
    _ = machine.handle(hello(1, slots: 0), at: .ms(20_001))
    #expect(machine.refusal(of: attempt, from: identity(1).incarnation) == nil)
    _ = machine.handle(
      .message(WorkerMessage(incarnation: identity(1).incarnation, epoch: 1, body: .result(attempt, result))),
      at: .ms(20_002))
    #expect(machine.refusal(of: attempt, from: identity(1).incarnation) == .notHeld, "it has its result")
  }

  /// The fetched data set is told in a hello, which is said until it is answered.
  @Test func worker_saysWhatItFetched() {
    var machine = WorkerMachine(identity: identity(1), datasets: [], slotCount: 1, jitterSeed: 1, at: .ms(0))
    _ = machine.handle(.start, at: .ms(0))
    let welcome = WorkerMachineTests.say(
      .welcome(heartbeatMilliseconds: 1_000, leaseMilliseconds: 10_000, bulkPort: 7))
    #expect(machine.handle(welcome, at: .ms(1)).contains(.useBulk(port: 7)))
    let fetch = WorkerMachineTests.say(.fetch([dataset]))
    #expect(machine.handle(fetch, at: .ms(2)) == [.fetch([dataset])])
    let told = machine.handle(.holds(dataset), at: .ms(3))
    #expect(
      told.contains { directive in
        guard case .send(let message) = directive, case .hello(let hello) = message.body else { return false }
        return hello.datasets == [dataset]
      })
    _ = machine.handle(welcome, at: .ms(4))
    // The coordinator asks once more: it did not hear of it.
    let again = machine.handle(fetch, at: .ms(5))
    #expect(again.count == 1 && !again.contains(.fetch([dataset])))
  }
}
