// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Scheduling
import Sweeps

/// I12, behind the decoder: any order of any well-formed events, with lies about attempts, tasks and identities. The machines
/// check their invariants after every event and trap on a broken one; the duties of their shells are kept, for a shell is ours.
///
/// The bytes are choices: see `ByteSource`.
package func fuzzSessions(_ bytes: [UInt8]) {
  var source = ByteSource(bytes)
  var coordinator = CoordinatorStory(&source)
  while !source.isAtEnd { coordinator.step(&source) }
  coordinator.end()
}

/// The words of a small world: three workers on two hosts, two trials of three folds, attempts that were and were not given out.
enum Words {
  static let sweep = SweepID(1)
  static let dataset = ContentDigest(bytes: [UInt8](repeating: 7, count: 32))

  static func identity(_ number: Int) -> WorkerIdentity {
    WorkerIdentity(
      incarnation: Incarnation(high: 0, low: UInt64(number)), name: "w\(number)", host: "host-\(number % 2)",
      processID: Int64(number), codeVersion: "1", machineType: "any")
  }

  static func room(_ source: inout ByteSource) -> WorkerRoom {
    var room = WorkerRoom()
    room.coreCount = source.below(4)
    room.fetchBytesMax = Int64(source.below(3)) * 10
    return room
  }

  static func order(_ trial: Int) -> TrialOrder {
    TrialOrder(
      sweep: sweep, trial: trial, learner: .linear, parameters: [:], dataset: dataset, outcome: .icuMortality,
      folds: FoldPlan(scheme: .grouped, foldCount: 3, seed: 1), seed: 1)
  }

  static func attempt(_ source: inout ByteSource) -> TaskAttempt {
    TaskAttempt(
      task: TrialTask(sweep: sweep, trial: source.below(3), fold: source.below(4), rung: source.below(8) == 7 ? 1 : 0),
      attempt: Attempt(epoch: Int64(1 + source.below(3)), number: Int64(1 + source.below(16))))
  }

  static func attempts(_ source: inout ByteSource) -> [TaskAttempt] {
    var list: [TaskAttempt] = []
    for _ in 0..<source.below(4) { list.append(attempt(&source)) }
    return list
  }

  /// Equal for a task, as training is; now and then not, as from a broken machine.
  static func result(_ task: TrialTask, _ source: inout ByteSource) -> FoldResult {
    let value = Double(task.trial * 10 + task.fold) + (source.below(16) == 15 ? 0.5 : 0)
    return FoldResult(
      measurement: Measurement(
        metrics: [MetricValue(name: "valid/auroc", value: value)], curve: [], bestStep: 1, trainRowCount: 8,
        validRowCount: 2, artifacts: []), cost: Cost(wallMilliseconds: 1, cpuMilliseconds: 1, residentBytesPeak: 1))
  }

  static func failure(_ source: inout ByteSource) -> FailureReport {
    let kinds = FailureReport.Kind.allCases
    return FailureReport(kind: kinds[source.below(kinds.count)], message: "fuzzed")
  }
}

/// A coordinator among workers who may lie, and one honest worker that hears all that is said to it.
private struct CoordinatorStory {
  private var machine: CoordinatorMachine
  private var worker: WorkerMachine
  private var now: Int64 = 0
  /// What the honest worker's trainer has in hand.
  private var training: Assignment?
  private var hasEnded = false
  private var wanted: [ContentDigest] = []

  init(_ source: inout ByteSource) {
    var open: [RecoveredSweep.Open] = []
    if source.below(2) == 1 {
      open.append(
        RecoveredSweep.Open(
          task: TrialTask(sweep: Words.sweep, trial: 0, fold: 1, rung: 0), failureCount: source.below(3),
          crashed: (0..<source.below(3)).map { Attempt(epoch: 1, number: Int64(10 + $0)) },
          lease: RecoveredSweep.Lease(
            attempt: Attempt(epoch: 1, number: 2), holder: Words.identity(1).incarnation)))
    }
    var settings = SchedulerSettings()
    settings.bulkPort = 5
    settings.served = [Words.dataset: 10]
    settings.requirements.coreCount = source.below(3)
    machine = CoordinatorMachine(
      epoch: 2, settings: settings, recovered: RecoveredSweep(open: open), at: Tick(milliseconds: 0))
    worker = WorkerMachine(
      identity: Words.identity(0), datasets: source.below(2) == 1 ? [] : [Words.dataset], slotCount: 2,
      room: Words.room(&source), jitterSeed: 1)
    tell(machine.handle(.trialAdded(Words.order(0)), at: Tick(milliseconds: 0)))
    obey(worker.handle(.start, at: Tick(milliseconds: 0)))
  }

  mutating func step(_ source: inout ByteSource) {
    now += [0, 1, 100, 1_000, 4_000, 11_000, 40_000, 0][source.below(8)]
    let at = Tick(milliseconds: now)
    switch source.below(10) {
    case 0: tell(machine.handle(.tick, at: at))
    case 1: obey(worker.handle(.tick, at: at))
    case 2: tell(machine.handle(.trialAdded(Words.order(source.below(3))), at: at))
    case 3:
      tell(machine.handle(.cancelTrial(Words.sweep, trial: source.below(3), reason: "fuzzed"), at: at))
    case 4: tell(machine.handle(.unreachable(Words.identity(source.below(4)).incarnation), at: at))
    case 5: endTraining(&source, at)
    case 6: obey(worker.handle(.message(forged(&source)), at: at))
    case 7 where source.below(8) == 7: obey(worker.handle(.drain, at: at))
    case 9 where !wanted.isEmpty: obey(worker.handle(.holds(wanted.removeFirst()), at: at))
    case 8 where source.below(16) == 15: tell(machine.handle(.drain, at: at))
    default: tell(machine.handle(.message(lie(&source)), at: at))
    }
  }

  func end() { machine.checkInvariants() }

  private mutating func tell(_ directives: [CoordinatorMachine.Directive]) {
    for case .send(let message) in directives where message.recipient == worker.identity.incarnation {
      obey(worker.handle(.message(message), at: Tick(milliseconds: now)))
    }
  }

  private mutating func obey(_ directives: [WorkerMachine.Directive]) {
    for directive in directives {
      switch directive {
      case .send(let message): tell(machine.handle(.message(message), at: Tick(milliseconds: now)))
      case .train(let assignment): training = assignment
      case .cancel(let attempt):
        guard training?.taskAttempt == attempt else { continue }
        training = nil
        obey(worker.handle(.stopped(attempt), at: Tick(milliseconds: now)))
      case .exit: hasEnded = true
      case .fetch(let datasets): wanted = datasets
      case .useBulk, .writeBreadcrumb, .clearBreadcrumb, .remakeSocket, .report: break
      }
    }
  }

  private mutating func endTraining(_ source: inout ByteSource, _ at: Tick) {
    guard let assignment = training, !hasEnded else { return }
    training = nil
    let attempt = assignment.taskAttempt
    switch source.below(4) {
    case 0: obey(worker.handle(.failed(attempt, Words.failure(&source)), at: at))
    case 1: obey(worker.handle(.stopped(attempt), at: at))
    default: obey(worker.handle(.finished(attempt, Words.result(attempt.task, &source)), at: at))
    }
  }

  /// From a worker that says anything, sometimes in the honest one's name.
  private func lie(_ source: inout ByteSource) -> WorkerMessage {
    let number = source.below(4)
    let body: WorkerMessage.Body
    switch source.below(8) {
    case 0, 1:
      body = .hello(
        WorkerHello(
          identity: Words.identity(source.below(8) == 7 ? source.below(4) : number), slotCount: source.below(70) - 2,
          datasets: source.below(4) == 3 ? [] : [Words.dataset], running: Words.attempts(&source),
          undelivered: Words.attempts(&source), crashed: Words.attempts(&source), isDraining: source.below(8) == 7,
          room: Words.room(&source)))
    case 2:
      body = .heartbeat(
        Words.attempts(&source).map { TaskProgress(taskAttempt: $0, step: source.below(5), stepCount: source.below(5)) }
      )
    case 3:
      let attempt = Words.attempt(&source)
      body = .result(attempt, Words.result(attempt.task, &source))
    case 4: body = .failed(Words.attempt(&source), Words.failure(&source))
    case 5: body = .returned(Words.attempt(&source))
    case 6: body = .draining
    default: body = .goodbye
    }
    return WorkerMessage(
      incarnation: Words.identity(number).incarnation, epoch: Int64(source.below(8) == 7 ? source.below(4) : 2),
      body: body)
  }

  /// From another coordinator, or from none.
  private func forged(_ source: inout ByteSource) -> CoordinatorMessage {
    let body: CoordinatorMessage.Body
    switch source.below(8) {
    case 0:
      body = .welcome(
        heartbeatMilliseconds: Int64(source.below(9)) * 500, leaseMilliseconds: Int64(source.below(9)),
        bulkPort: source.below(3))
    case 1:
      body = .assign(
        Assignment(
          order: Words.order(source.below(3)), fold: source.below(4), rung: 0,
          attempt: Attempt(epoch: Int64(1 + source.below(3)), number: Int64(1 + source.below(16)))))
    case 2:
      let verdicts = CoordinatorMessage.Verdict.allCases
      body = .acknowledged(Words.attempt(&source), verdicts[source.below(verdicts.count)])
    case 3: body = .heartbeatReply(cancel: Words.attempts(&source), recall: Words.attempts(&source))
    case 4: body = .helloAgain
    case 5: body = .drain
    case 6: body = .fetch([Words.dataset])
    default: body = source.below(16) == 15 ? .reject(code: "fuzz", message: "fuzzed") : .helloAgain
    }
    return CoordinatorMessage(
      epoch: Int64(1 + source.below(3)), recipient: Words.identity(source.below(8) == 7 ? 1 : 0).incarnation, body: body
    )
  }
}
