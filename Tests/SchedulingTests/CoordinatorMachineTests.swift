// SPDX-License-Identifier: Apache-2.0

import Scheduling
import Sweeps
import Testing

@Suite struct CoordinatorMachineTests {
  func hello(_ number: UInt64, slots: Int = 1, datasets: [ContentDigest] = [dataset]) -> CoordinatorMachine.Event {
    let who = identity(number)
    return .message(
      WorkerMessage(
        incarnation: who.incarnation, epoch: 0,
        body: .hello(WorkerHello(identity: who, slotCount: slots, datasets: datasets))))
  }

  func makeMachine(recovered: RecoveredSweep = RecoveredSweep()) -> CoordinatorMachine {
    CoordinatorMachine(epoch: 1, settings: SchedulerSettings(), recovered: recovered, at: .ms(0))
  }

  func grants(_ directives: [CoordinatorMachine.Directive]) -> [String] {
    directives.compactMap { directive in
      guard case .send(let message) = directive, case .assign(let assignment) = message.body else { return nil }
      return "\(assignment.task) to \(message.recipient.low)"
    }
  }

  /// In real life: three workers with a slot to train and one to hold ready wait for the first trial. One worker must not
  /// hold two folds while another has none.
  @Test func grants_goToTheLeastLoadedWorkerFirst() {
    var machine = makeMachine()
    for number in 1...3 as ClosedRange<UInt64> { _ = machine.handle(hello(number, slots: 2), at: .ms(0)) }
    let directives = machine.handle(.trialAdded(order(trial: 1)), at: .ms(1))
    #expect(
      grants(directives) == ["1#1/f0/r0 to 1", "1#1/f1/r0 to 2", "1#1/f2/r0 to 3", "1#1/f3/r0 to 1", "1#1/f4/r0 to 2"])
  }

  /// In real life: only some nodes have a copy of the second data set.
  @Test func tasks_goOnlyToWorkersThatCanOpenTheirDataset() {
    let other = ContentDigest(bytes: repeatElement(9, count: 32))
    var machine = makeMachine()
    _ = machine.handle(hello(1, slots: 9, datasets: [other]), at: .ms(0))
    #expect(grants(machine.handle(.trialAdded(order(trial: 1, folds: 2)), at: .ms(1))).isEmpty)
    #expect(grants(machine.handle(.trialAdded(order(trial: 2, folds: 2, dataset: other)), at: .ms(2))).count == 2)
    #expect(grants(machine.handle(hello(2, slots: 9), at: .ms(3))) == ["1#1/f0/r0 to 2", "1#1/f1/r0 to 2"])
    machine.checkInvariants()
  }

  /// In real life: a sweep of a hundred trials goes on after a restart.
  @Test func recoveredTasks_areNotMadeAgain() {
    func task(_ fold: Int) -> TrialTask { TrialTask(sweep: SweepID(1), trial: 1, fold: fold, rung: 0) }
    let old = Attempt(epoch: 0, number: 1)
    let recovered = RecoveredSweep(
      done: [RecoveredSweep.Done(task: task(0), attempt: old, fingerprint: 1)],
      open: [RecoveredSweep.Open(task: task(1), failureCount: 2, crashed: [], lease: nil)], quarantined: [task(2)])
    var machine = makeMachine(recovered: recovered)
    _ = machine.handle(hello(1, slots: 9), at: .ms(0))
    let directives = machine.handle(.trialAdded(order(trial: 1)), at: .ms(1))
    #expect(grants(directives) == ["1#1/f1/r0 to 1", "1#1/f3/r0 to 1", "1#1/f4/r0 to 1"])
    #expect(machine.handle(.trialAdded(order(trial: 1)), at: .ms(2)).isEmpty, "a second time changes nothing")
    #expect(machine.counts.done == 1 && machine.counts.quarantined == 1 && machine.counts.leased == 3)
    // Two failures were recorded: the third is the last.
    let attempt = TaskAttempt(task: task(1), attempt: Attempt(epoch: 1, number: 1))
    let failure = WorkerMessage(
      incarnation: identity(1).incarnation, epoch: 1,
      body: .failed(attempt, FailureReport(kind: .resources, message: "disk full")))
    let ends = machine.handle(.message(failure), at: .ms(3))
    #expect(ends.contains(.persist(.taskQuarantined(task(1), reason: "failed 3 times, last: resources: disk full"))))
  }

  /// In real life: one worker's disk is full. Its failures must not use up the budget of tasks that others could train.
  @Test func failedTask_isKeptFromItsWorker_whileAnotherCanTakeIt() {
    var machine = makeMachine()
    _ = machine.handle(hello(1), at: .ms(0))
    _ = machine.handle(.trialAdded(order(trial: 1, folds: 2)), at: .ms(0))
    _ = machine.handle(hello(2), at: .ms(0))
    let first = TaskAttempt(
      task: TrialTask(sweep: SweepID(1), trial: 1, fold: 0, rung: 0), attempt: Attempt(epoch: 1, number: 1))
    let failure = WorkerMessage(
      incarnation: identity(1).incarnation, epoch: 1,
      body: .failed(first, FailureReport(kind: .resources, message: "disk full")))
    _ = machine.handle(.message(failure), at: .ms(1))
    #expect(grants(machine.handle(.tick, at: .ms(2_000))).isEmpty, "worker 1 is free, and not asked")
    let second = TaskAttempt(
      task: TrialTask(sweep: SweepID(1), trial: 1, fold: 1, rung: 0), attempt: Attempt(epoch: 1, number: 2))
    let done = WorkerMessage(incarnation: identity(2).incarnation, epoch: 1, body: .result(second, result))
    #expect(grants(machine.handle(.message(done), at: .ms(2_001))) == ["1#1/f0/r0 to 2"])
  }

  /// In real life: an NTP daemon or a suspended VM moves a badly chosen clock. No lease may end early.
  @Test func clockThatStepsBack_endsNoLease() {
    var machine = makeMachine()
    _ = machine.handle(hello(1), at: .ms(100_000))
    _ = machine.handle(.trialAdded(order(trial: 1)), at: .ms(100_000))
    _ = machine.handle(.tick, at: .ms(5))
    _ = machine.handle(.tick, at: .ms(105_000))
    #expect(machine.counts.leased == 1)
    #expect(machine.nextDeadline == .ms(110_001))
  }

  /// In real life: the live view asks twice a second.
  @Test func snapshot_showsWorkersByName_withTheirProgress() {
    var machine = makeMachine()
    _ = machine.handle(hello(2), at: .ms(0))
    _ = machine.handle(hello(1), at: .ms(0))
    _ = machine.handle(.trialAdded(order(trial: 1, folds: 2)), at: .ms(0))
    let attempt = TaskAttempt(
      task: TrialTask(sweep: SweepID(1), trial: 1, fold: 0, rung: 0), attempt: Attempt(epoch: 1, number: 1))
    let heartbeat = WorkerMessage(
      incarnation: identity(2).incarnation, epoch: 1,
      body: .heartbeat([TaskProgress(taskAttempt: attempt, step: 40, stepCount: 200)]))
    _ = machine.handle(.message(heartbeat), at: .ms(1_000))
    let views = machine.workerSnapshots
    #expect(views.map(\.identity.name) == ["w1", "w2"])
    #expect(views[1].held.map { "\($0.taskAttempt) \($0.step)/\($0.stepCount)" } == ["1#1/f0/r0@1.1 40/200"])
    #expect(machine.status(of: attempt.task) == .leased(attempt.attempt, by: identity(2).incarnation))
  }

  /// In real life: a process says hello with the fold it trains, dies, and its successor reports the crash. The two hellos come
  /// again, late, out of the network: one death is one crash, and the dead process is given nothing. (Seed 399,618 of the
  /// storms: a sound task was given up after two crashes.)
  @Test func crash_isCountedOnce_whateverComesLate() throws {
    let old = Attempt(epoch: 1, number: 7)
    let task = TrialTask(sweep: SweepID(1), trial: 1, fold: 0, rung: 0)
    var machine = CoordinatorMachine(
      epoch: 2, settings: SchedulerSettings(),
      recovered: RecoveredSweep(open: [
        RecoveredSweep.Open(
          task: task, failureCount: 0, crashed: [Attempt(epoch: 1, number: 1), Attempt(epoch: 1, number: 2)],
          lease: nil)
      ]), at: .ms(0))
    func greeting(_ number: UInt64, running: [TaskAttempt] = [], crashed: [TaskAttempt] = [])
      -> CoordinatorMachine.Event
    {
      let who = identity(number)
      return .message(
        WorkerMessage(
          incarnation: who.incarnation, epoch: 1,
          body: .hello(
            WorkerHello(identity: who, slotCount: 0, datasets: [dataset], running: running, crashed: crashed))))
    }
    _ = machine.handle(.trialAdded(order(trial: 1, folds: 2)), at: .ms(0))
    // Both were counted before the restart.
    for attempt in [Attempt(epoch: 1, number: 1), Attempt(epoch: 1, number: 2)] {
      let dead = TaskAttempt(task: task, attempt: attempt)
      for event in [greeting(1, running: [dead]), greeting(2, crashed: [dead])] {
        let directives = machine.handle(event, at: .ms(10))
        #expect(!directives.contains { if case .persist(.leaseGranted) = $0 { true } else { false } })
        #expect(!directives.contains { if case .persist(.taskQuarantined) = $0 { true } else { false } })
      }
    }
    machine.checkInvariants()
    // One that was not: it is adopted, its crash is the third, and counts.
    let running = TaskAttempt(task: task, attempt: old)
    let adopted = machine.handle(greeting(1, running: [running]), at: .ms(20))
    #expect(adopted.contains { if case .persist(.leaseGranted) = $0 { true } else { false } })
    let last = machine.handle(greeting(2, crashed: [running]), at: .ms(30))
    #expect(last.contains { if case .persist(.taskQuarantined) = $0 { true } else { false } })
    machine.checkInvariants()
  }
}
