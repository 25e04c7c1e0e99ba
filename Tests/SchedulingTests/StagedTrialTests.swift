// SPDX-License-Identifier: Apache-2.0

import Scheduling
import Sweeps
import Testing

/// The door that pruners use: a trial whose folds are released one after another.
@Suite struct StagedTrialTests {
  private let shared = CoordinatorMachineTests()

  /// In real life: a pruner wants to see fold 0 of every trial before any of them trains fold 1.
  @Test func heldFolds_areHandedOutOnlyOnceReleased() {
    var machine = shared.makeMachine()
    _ = machine.handle(shared.hello(1, slots: 9), at: .ms(0))
    let added = machine.handle(.trialAddedInStages(order(trial: 1), openFolds: 1), at: .ms(1))
    #expect(shared.grants(added) == ["1#1/f0/r0 to 1"])
    #expect(machine.counts.open == 5 && machine.counts.queued == 0)
    // Held back for ever, not for a while.
    #expect(shared.grants(machine.handle(.tick, at: .ms(100_000_000))).isEmpty)
    _ = machine.handle(shared.hello(2, slots: 9), at: .ms(100_000_000))
    let released = machine.handle(.foldsReleased(SweepID(1), trial: 1, openFolds: 3), at: .ms(100_000_001))
    // Fold 0's holder was silent for too long: fold 0 is queued again, or with the new worker.
    #expect(shared.grants(released) == ["1#1/f1/r0 to 2", "1#1/f2/r0 to 2"])
    let again = machine.handle(.foldsReleased(SweepID(1), trial: 1, openFolds: 3), at: .ms(100_000_002))
    #expect(again.isEmpty, "a second time changes nothing")
    #expect(machine.handle(.foldsReleased(SweepID(1), trial: 9, openFolds: 3), at: .ms(100_000_003)).isEmpty)
    machine.checkInvariants()
  }

  /// In real life: the worker that trains a fold with a bound dies: the next one must end it at the same step, and a fold without
  /// a rule has none.
  @Test func stepRule_isPartOfEachAssignment() {
    func rules(_ directives: [CoordinatorMachine.Directive]) -> [String: StepRule?] {
      var found: [String: StepRule?] = [:]
      for case .send(let message) in directives {
        if case .assign(let assignment) = message.body { found["f\(assignment.fold)"] = assignment.stepRule }
      }
      return found
    }
    let rule = StepRule(metric: "valid/auroc", isMaximized: true, places: [.init(step: 10, range: 0.5...1)])
    var machine = shared.makeMachine()
    _ = machine.handle(shared.hello(1, slots: 9), at: .ms(0))
    let added = machine.handle(
      .trialAddedInStages(order(trial: 1), openFolds: 1, stepRules: [0: rule]), at: .ms(1))
    #expect(rules(added) == ["f0": rule])
    let other = StepRule(metric: "valid/auroc", isMaximized: true, places: [.init(step: 20)])
    let released = machine.handle(
      .foldsReleased(SweepID(1), trial: 1, openFolds: 3, stepRules: [1: other]), at: .ms(2))
    #expect(rules(released) == ["f1": other, "f2": nil])
    _ = machine.handle(.tick, at: .ms(100_000))
    let again = machine.handle(shared.hello(2, slots: 9), at: .ms(100_000))
    #expect(rules(again) == ["f0": rule, "f1": other, "f2": nil])
    machine.checkInvariants()
  }

  /// In real life: the trial is pruned after its first fold; the four others are never trained, and the sweep can end.
  @Test func cancelledTrial_leavesNoHeldFoldOpen() {
    var machine = shared.makeMachine()
    _ = machine.handle(.trialAddedInStages(order(trial: 1), openFolds: 1), at: .ms(1))
    let directives = machine.handle(.cancelTrial(SweepID(1), trial: 1, reason: "pruned"), at: .ms(2))
    #expect(directives.count { if case .taskEnded(_, .cancelled) = $0 { true } else { false } } == 5)
    #expect(machine.counts.open == 0 && machine.counts.cancelled == 5)
    #expect(machine.handle(.foldsReleased(SweepID(1), trial: 1, openFolds: 5), at: .ms(3)).isEmpty)
    machine.checkInvariants()
  }

  /// In real life: the coordinator dies after fold 1 was released and leased, and its successor has not released it yet.
  @Test func recoveredLease_ofAHeldFoldIsKept() {
    let task = TrialTask(sweep: SweepID(1), trial: 1, fold: 1, rung: 0)
    let old = RecoveredSweep.Lease(attempt: Attempt(epoch: 1, number: 4), holder: identity(1).incarnation)
    let recovered = RecoveredSweep(open: [.init(task: task, failureCount: 0, crashed: [], lease: old)])
    var machine = CoordinatorMachine(epoch: 2, settings: SchedulerSettings(), recovered: recovered, at: .ms(0))
    _ = machine.handle(.trialAddedInStages(order(trial: 1), openFolds: 1), at: .ms(1))
    #expect(machine.counts.reserved == 1 && machine.counts.queued == 1 && machine.counts.waiting == 3)
    machine.checkInvariants()
  }

  /// In real life: a fold was given up on a full disk, the disk was cleared, and somebody asks for another try.
  @Test func retriedTrial_handsOutWhatWasGivenUp_andNothingElse() {
    let task = TrialTask(sweep: SweepID(1), trial: 1, fold: 2, rung: 0)
    let recovered = RecoveredSweep(
      open: [
        .init(
          task: task, failureCount: 3, crashed: [Attempt(epoch: 1, number: 1), Attempt(epoch: 1, number: 2)], lease: nil
        )
      ], quarantined: [task])
    var machine = CoordinatorMachine(epoch: 2, settings: SchedulerSettings(), recovered: recovered, at: .ms(0))
    _ = machine.handle(.trialAdded(order(trial: 1)), at: .ms(1))
    #expect(machine.counts.quarantined == 1 && machine.counts.queued == 4)
    _ = machine.handle(.retryTrial(order(trial: 1)), at: .ms(2))
    #expect(machine.counts.quarantined == 0 && machine.counts.queued == 5)
    machine.checkInvariants()
    let again = machine.handle(.retryTrial(order(trial: 1)), at: .ms(3))
    #expect(again.isEmpty && machine.handle(.retryTrial(order(trial: 9)), at: .ms(4)).isEmpty)
    let granted = shared.grants(machine.handle(shared.hello(1, slots: 9), at: .ms(5)))
    #expect(granted.contains { $0.hasPrefix("1#1/f2/r0") } && granted.count == 5)
  }
}
