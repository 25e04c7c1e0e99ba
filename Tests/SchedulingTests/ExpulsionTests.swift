// SPDX-License-Identifier: Apache-2.0

import Scheduling
import Sweeps
import Testing

@Suite struct ExpulsionTests {
  private func hello(_ number: UInt64) -> CoordinatorMachine.Event {
    let who = identity(number)
    return .message(
      WorkerMessage(
        incarnation: who.incarnation, epoch: 0,
        body: .hello(WorkerHello(identity: who, slotCount: 1, datasets: [dataset]))))
  }

  /// In real life: a worker's key is revoked in mid-fold. Its task goes to the next at once, not after a lease's time, and
  /// costs the task nothing.
  @Test func expelledWorker_losesItsTaskAtOnce() {
    var machine = CoordinatorMachine(epoch: 1, settings: SchedulerSettings(), recovered: RecoveredSweep(), at: .ms(0))
    _ = machine.handle(hello(1), at: .ms(0))
    _ = machine.handle(.trialAdded(order(trial: 1, folds: 2)), at: .ms(0))
    _ = machine.handle(hello(2), at: .ms(1))
    #expect(machine.counts.leased == 2)
    let expelled = machine.handle(.expelled(identity(1).incarnation, reason: "its key was revoked"), at: .ms(2))
    let leftReason = expelled.compactMap { directive -> String? in
      if case .persist(.workerLeft(_, let reason)) = directive { reason } else { nil }
    }
    #expect(leftReason == ["its key was revoked"])
    #expect(machine.workerCount == 1 && machine.counts.leased == 1 && machine.counts.queued == 1)
    let next = machine.handle(hello(3), at: .ms(3))
    #expect(
      next.contains { directive in
        guard case .send(let message) = directive, case .assign = message.body else { return false }
        return message.recipient == identity(3).incarnation
      })
    // A second time, and of one never met, it changes nothing.
    #expect(machine.handle(.expelled(identity(1).incarnation, reason: "again"), at: .ms(4)).isEmpty)
    machine.checkInvariants()
  }
}
