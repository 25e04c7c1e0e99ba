// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Scheduling
import Sweeps
import Testing

@Suite struct WorkerMachineTests {
  typealias Directive = WorkerMachine.Directive

  static func makeMachine(slotCount: Int = 2, crashed: [TaskAttempt] = []) -> WorkerMachine {
    WorkerMachine(
      identity: identity(1), datasets: [dataset], slotCount: slotCount, crashed: crashed, jitterSeed: 7, at: .ms(0))
  }

  /// A machine that has been welcomed in epoch 1 at 0 ms.
  static func makeActive(slotCount: Int = 2) -> WorkerMachine {
    var machine = makeMachine(slotCount: slotCount)
    _ = machine.handle(.start, at: .ms(0))
    _ = machine.handle(say(.welcome(heartbeatMilliseconds: 1_000, leaseMilliseconds: 10_000)), at: .ms(0))
    return machine
  }

  static func say(_ body: CoordinatorMessage.Body, epoch: Int64 = 1, to number: UInt64 = 1) -> WorkerMachine.Event {
    .message(CoordinatorMessage(epoch: epoch, recipient: Incarnation(high: 0, low: number), body: body))
  }

  func bodies(_ directives: [Directive]) -> [WorkerMessage.Body] {
    directives.compactMap { if case .send(let message) = $0 { message.body } else { nil } }
  }

  func hellos(_ directives: [Directive]) -> [WorkerHello] {
    bodies(directives).compactMap { if case .hello(let hello) = $0 { hello } else { nil } }
  }

  /// In real life: the coordinator is started after its workers.
  @Test func hello_isRepeatedUntilWelcomed() {
    var machine = Self.makeMachine()
    #expect(hellos(machine.handle(.start, at: .ms(0))).count == 1)
    #expect(machine.handle(.tick, at: .ms(900)).isEmpty)
    #expect(hellos(machine.handle(.tick, at: .ms(1_300))).count == 1)
    _ = machine.handle(Self.say(.welcome(heartbeatMilliseconds: 1_000, leaseMilliseconds: 10_000)), at: .ms(1_400))
    #expect(machine.isConnected && machine.epoch == 1)
    #expect(bodies(machine.handle(.tick, at: .ms(2_399))) == [])
    #expect(bodies(machine.handle(.tick, at: .ms(2_400))) == [.heartbeat([])])
  }

  /// In real life: each fold is trained alone, and its breadcrumb is on disk before it can take the process down.
  @Test func assignments_areTrainedOneAtATime_eachWithItsBreadcrumb() {
    var machine = Self.makeActive()
    let first = assignment(fold: 0, attempt: 1)
    let second = assignment(fold: 1, attempt: 2)
    #expect(
      machine.handle(Self.say(.assign(first)), at: .ms(1)) == [.writeBreadcrumb(first.taskAttempt), .train(first)])
    #expect(machine.handle(Self.say(.assign(second)), at: .ms(2)).isEmpty)
    #expect(machine.handle(Self.say(.assign(first)), at: .ms(3)).isEmpty, "a repeat changes nothing")
    let directives = machine.handle(.finished(first.taskAttempt, result), at: .ms(4))
    #expect(directives.first == .clearBreadcrumb(first.taskAttempt))
    #expect(bodies(directives) == [.result(first.taskAttempt, result)])
    #expect(directives.suffix(2) == [.writeBreadcrumb(second.taskAttempt), .train(second)])
  }

  /// In real life: the coordinator is away for a minute. The result must reach the next one.
  @Test func result_isSentAgain_withGrowingWaits_untilAcknowledged() {
    var machine = Self.makeActive()
    let task = assignment(fold: 0, attempt: 1)
    _ = machine.handle(Self.say(.assign(task)), at: .ms(1))
    _ = machine.handle(.finished(task.taskAttempt, result), at: .ms(1_000))
    var sentAt: [Int64] = []
    for time in stride(from: Int64(1_100), through: 40_000, by: 100) {
      // The link is up; it is the acknowledgement that gets lost.
      let directives = machine.handle(Self.say(.heartbeatReply(cancel: [])), at: .ms(time))
      if bodies(directives).contains(.result(task.taskAttempt, result)) { sentAt.append(time) }
    }
    #expect(sentAt == [2_000, 4_000, 8_000, 16_000, 26_000, 36_000])
    #expect(machine.undeliveredAttempts == [task.taskAttempt])
    _ = machine.handle(Self.say(.acknowledged(task.taskAttempt, .accepted)), at: .ms(41_000))
    #expect(machine.undeliveredAttempts.isEmpty)
  }

  /// In real life: the line flips a bit and the DEALER never reconnects. Only a new socket helps.
  @Test func silence_remakesTheSocket_andTrainingGoesOn() {
    var machine = Self.makeActive()
    let task = assignment(fold: 0, attempt: 1)
    _ = machine.handle(Self.say(.assign(task)), at: .ms(1))
    #expect(!machine.handle(.tick, at: .ms(9_000)).contains(.remakeSocket))
    let directives = machine.handle(.tick, at: .ms(10_001))
    #expect(directives.contains(.remakeSocket))
    #expect(hellos(directives).first?.running == [task.taskAttempt])
    #expect(!directives.contains(.cancel(task.taskAttempt)))
    #expect(!machine.handle(.tick, at: .ms(12_000)).contains(.remakeSocket), "not again at once")
  }

  /// In real life: the coordinator has restarted. What runs and what is undelivered must be adopted.
  @Test func helloAgain_isAnsweredWithAllThatIsHeld_andResultsFollowTheWelcome() {
    var machine = Self.makeActive()
    let (first, second) = (assignment(fold: 0, attempt: 1), assignment(fold: 1, attempt: 2))
    _ = machine.handle(Self.say(.assign(first)), at: .ms(1))
    _ = machine.handle(Self.say(.assign(second)), at: .ms(1))
    _ = machine.handle(.finished(first.taskAttempt, result), at: .ms(2))
    let hello = hellos(machine.handle(Self.say(.helloAgain, epoch: 2), at: .ms(3_000))).first
    #expect(hello?.running == [second.taskAttempt])
    #expect(hello?.undelivered == [first.taskAttempt])
    let welcome = Self.say(.welcome(heartbeatMilliseconds: 1_000, leaseMilliseconds: 10_000), epoch: 2)
    #expect(bodies(machine.handle(welcome, at: .ms(3_010))) == [.result(first.taskAttempt, result)])
    #expect(machine.epoch == 2)
    #expect(machine.handle(Self.say(.assign(assignment(fold: 4, attempt: 9)), epoch: 1), at: .ms(3_020)).count == 1)
    #expect(machine.heldAttempts == [second.taskAttempt], "the old coordinator is not obeyed any more")
  }

  /// In real life: messages for the process before this one on the same node arrive late.
  @Test func messageForAnotherProcess_isDropped() {
    var machine = Self.makeActive()
    _ = machine.handle(Self.say(.assign(assignment(fold: 0, attempt: 1)), to: 2), at: .ms(1))
    #expect(machine.heldAttempts.isEmpty)
  }

  /// In real life: Slurm sends SIGTERM 20 s before it kills.
  @Test func drain_givesBackWhatIsNotStarted_andEndsWhenAllIsDelivered() {
    var machine = Self.makeActive()
    let (first, second) = (assignment(fold: 0, attempt: 1), assignment(fold: 1, attempt: 2))
    _ = machine.handle(Self.say(.assign(first)), at: .ms(1))
    _ = machine.handle(Self.say(.assign(second)), at: .ms(1))
    #expect(bodies(machine.handle(.drain, at: .ms(10))) == [.draining, .returned(second.taskAttempt)])
    // The shell stops the trainer: given back too.
    #expect(bodies(machine.handle(.stopped(first.taskAttempt), at: .ms(20))) == [.returned(first.taskAttempt)])
    _ = machine.handle(Self.say(.acknowledged(first.taskAttempt, .noted)), at: .ms(30))
    let directives = machine.handle(Self.say(.acknowledged(second.taskAttempt, .noted)), at: .ms(40))
    #expect(bodies(directives) == [.goodbye])
    guard case .exit(75, _)? = directives.last else {
      Issue.record("no exit with 75: \(directives)")
      return
    }
    #expect(machine.handle(.tick, at: .ms(50)).isEmpty, "an ended machine does nothing")
  }

  /// In real life: all is done, the coordinator says so, and nothing is left here.
  @Test func drainByTheCoordinator_ofAnIdleWorker_endsWithZero() {
    var machine = Self.makeActive()
    let directives = machine.handle(Self.say(.drain), at: .ms(10))
    #expect(bodies(directives) == [.draining, .goodbye])
    guard case .exit(0, _)? = directives.last else {
      Issue.record("no exit with 0: \(directives)")
      return
    }
  }

  /// In real life: SIGTERM while the coordinator is away. It must end all the same.
  @Test func drain_withoutACoordinator_endsAfterTheDeliveryLimit() {
    var machine = Self.makeActive()
    let task = assignment(fold: 0, attempt: 1)
    _ = machine.handle(Self.say(.assign(task)), at: .ms(1))
    _ = machine.handle(.drain, at: .ms(10))
    _ = machine.handle(.finished(task.taskAttempt, result), at: .ms(100_000))
    #expect(!machine.handle(.tick, at: .ms(114_999)).contains { if case .exit = $0 { true } else { false } })
    guard case .exit(75, _)? = machine.handle(.tick, at: .ms(115_000)).last else {
      Issue.record("still there after the limit")
      return
    }
  }

  /// In real life: a pruner has given the trial up while it trains.
  @Test func cancel_stopsTheTrainer_andNothingIsDelivered() {
    var machine = Self.makeActive()
    let (first, second) = (assignment(fold: 0, attempt: 1), assignment(fold: 1, attempt: 2))
    _ = machine.handle(Self.say(.assign(first)), at: .ms(1))
    _ = machine.handle(Self.say(.assign(second)), at: .ms(1))
    let cancel = Self.say(.heartbeatReply(cancel: [first.taskAttempt, second.taskAttempt]))
    #expect(machine.handle(cancel, at: .ms(2)).contains(.cancel(first.taskAttempt)))
    #expect(!machine.handle(cancel, at: .ms(3)).contains(.cancel(first.taskAttempt)), "once is enough")
    #expect(machine.handle(.stopped(first.taskAttempt), at: .ms(4)) == [.clearBreadcrumb(first.taskAttempt)])
    #expect(machine.heldAttempts.isEmpty && machine.undeliveredAttempts.isEmpty)
    #expect(machine.handle(Self.say(.assign(first)), at: .ms(5)).isEmpty, "a late repeat must not start it anew")
  }

  /// In real life: another worker has nothing to do, and this one holds a fold that it has not begun.
  @Test func recall_givesBackWhatHasNotBegun_andNothingElse() {
    var machine = Self.makeActive()
    let (first, second) = (assignment(fold: 0, attempt: 1), assignment(fold: 1, attempt: 2))
    _ = machine.handle(Self.say(.assign(first)), at: .ms(1))
    _ = machine.handle(Self.say(.assign(second)), at: .ms(1))
    let recall = Self.say(.heartbeatReply(cancel: [], recall: [first.taskAttempt, second.taskAttempt]))
    #expect(bodies(machine.handle(recall, at: .ms(2))) == [.returned(second.taskAttempt)])
    #expect(machine.heldAttempts == [first.taskAttempt], "what runs stays")
    #expect(bodies(machine.handle(recall, at: .ms(3))).isEmpty, "once is enough")
    #expect(machine.handle(Self.say(.assign(second)), at: .ms(4)).isEmpty, "a late repeat must not start it")
    _ = machine.handle(Self.say(.acknowledged(second.taskAttempt, .noted)), at: .ms(5))
    _ = machine.handle(.finished(first.taskAttempt, result), at: .ms(6))
    _ = machine.handle(Self.say(.acknowledged(first.taskAttempt, .accepted)), at: .ms(7))
    guard case .exit(0, _)? = machine.handle(Self.say(.drain), at: .ms(8)).last else {
      Issue.record("work that was asked back is no work left behind")
      return
    }
  }

  /// In real life: a worker of another major version.
  @Test func rejection_endsTheProcessAtOnce() {
    var machine = Self.makeMachine()
    _ = machine.handle(.start, at: .ms(0))
    let directives = machine.handle(Self.say(.reject(code: "version", message: "expected 1, found 2")), at: .ms(1))
    guard case .exit(78, let message)? = directives.last else {
      Issue.record("no exit with 78: \(directives)")
      return
    }
    #expect(message.contains("expected 1, found 2"))
  }

  /// In real life: the process before this one was killed for its memory while it trained.
  @Test func breadcrumbsOfAnEarlierProcess_areToldInTheHello_andClearedByTheWelcome() {
    let attempt = assignment(fold: 3, attempt: 5).taskAttempt
    var machine = Self.makeMachine(crashed: [attempt])
    #expect(hellos(machine.handle(.start, at: .ms(0))).first?.crashed == [attempt])
    let welcome = Self.say(.welcome(heartbeatMilliseconds: 1_000, leaseMilliseconds: 10_000))
    #expect(machine.handle(welcome, at: .ms(5)).contains(.clearBreadcrumb(attempt)))
  }
}

let dataset = ContentDigest(bytes: repeatElement(7, count: 32))

let result = FoldResult(
  measurement: Measurement(
    metrics: [MetricValue(name: "valid/auroc", value: 0.8)], curve: [], bestStep: 1, trainRowCount: 8, validRowCount: 2,
    artifacts: []),
  cost: Cost(wallMilliseconds: 1, cpuMilliseconds: 1, residentBytesPeak: 1))

func identity(_ number: UInt64, host: String = "h1") -> WorkerIdentity {
  WorkerIdentity(
    incarnation: Incarnation(high: 0, low: number), name: "w\(number)", host: host, processID: Int64(number),
    codeVersion: "1", machineType: "m")
}

func order(trial: Int, folds: Int = 5, dataset: ContentDigest = dataset) -> TrialOrder {
  TrialOrder(
    sweep: SweepID(1), trial: trial, learner: .linear, parameters: [:], dataset: dataset, outcome: .readmission30d,
    folds: FoldPlan(scheme: .grouped, foldCount: folds, seed: 1), seed: 1)
}

func assignment(fold: Int, attempt: Int64) -> Assignment {
  Assignment(order: order(trial: 1), fold: fold, rung: 0, attempt: Attempt(epoch: 1, number: attempt))
}

extension Tick {
  static func ms(_ value: Int64) -> Tick { Tick(milliseconds: value) }
}
