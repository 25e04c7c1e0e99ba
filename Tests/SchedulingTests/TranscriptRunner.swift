// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Scheduling
import SimulationKit
import Sweeps

/// Plays a transcript: events above `----`, the directives they must give below.
///
/// An event is `verb subject arguments @milliseconds`. Workers are letters, tasks `trial/fold`, attempts
/// `trial/fold#epoch.number`. `restart` kills the coordinator and starts another one from what it had persisted.
struct TranscriptRunner {
  private static let dataset = ContentDigest(bytes: repeatElement(7, count: 32))
  private var machine: CoordinatorMachine
  private var tracker = SimulatedTracker()
  private var epoch: Int64 = 1
  private var trials: [TrialOrder] = []
  private var hosts: [String: String] = [:]

  init() {
    machine = CoordinatorMachine(
      epoch: 1, settings: SchedulerSettings(), recovered: RecoveredSweep(), at: Tick(milliseconds: 0))
  }

  var violations: [String] { tracker.violations }

  mutating func play(_ line: String) throws -> [String] {
    var words = line.split(separator: " ").map(String.init)
    let time = try number(String((words.popLast() ?? "").dropFirst()))
    let verb = words.isEmpty ? "" : words.removeFirst()
    let now = Tick(milliseconds: time)
    if verb == "restart" { return restart(at: now) }
    let directives = machine.handle(try event(verb, words), at: now)
    machine.checkInvariants()
    for case .persist(let record) in directives { tracker.write(record) }
    tracker.commit()
    return directives.compactMap(render)
  }

  private mutating func restart(at now: Tick) -> [String] {
    epoch += 1
    machine = CoordinatorMachine(
      epoch: epoch, settings: SchedulerSettings(), recovered: tracker.recovered(), at: now)
    return trials.flatMap { machine.handle(.trialAdded($0), at: now) }.compactMap(render)
  }

  // MARK: Reading

  private mutating func event(_ verb: String, _ words: [String]) throws -> CoordinatorMachine.Event {
    switch verb {
    case "tick": return .tick
    case "drain": return .drain
    case "trial":
      trials.append(order(trial: Int(try number(words[0])), folds: Int(try number(words[1]))))
      return .trialAdded(trials[trials.count - 1])
    case "cancel": return .cancelTrial(SweepID(1), trial: Int(try number(words[0])), reason: "pruned")
    case "unreachable": return .unreachable(incarnation(words[0]))
    default: return .message(try message(verb, words))
    }
  }

  private mutating func message(_ verb: String, _ words: [String]) throws -> WorkerMessage {
    var messageEpoch = epoch
    if let given = value("epoch", in: words) { messageEpoch = try number(given) }
    let plain = words.dropFirst().filter { !$0.contains("=") }
    let body: WorkerMessage.Body
    switch verb {
    case "hello": body = .hello(try hello(words))
    case "heartbeat":
      body = .heartbeat(try plain.map { TaskProgress(taskAttempt: try attempt($0), step: 1, stepCount: 2) })
    case "result":
      let bits = Double(value("bits", in: words) ?? "0.5") ?? 0.5
      body = .result(try attempt(plain.first ?? ""), result(bits))
    case "failed":
      let kind = FailureReport.Kind(rawValue: plain.last ?? "") ?? .other
      body = .failed(try attempt(plain.first ?? ""), FailureReport(kind: kind, message: "why"))
    case "returned": body = .returned(try attempt(plain.first ?? ""))
    case "draining": body = .draining
    case "goodbye": body = .goodbye
    default: throw TranscriptError(text: "no event is called \(verb)")
    }
    return WorkerMessage(incarnation: incarnation(words[0]), epoch: messageEpoch, body: body)
  }

  private mutating func hello(_ words: [String]) throws -> WorkerHello {
    func attempts(_ key: String) throws -> [TaskAttempt] {
      try (value(key, in: words) ?? "").split(separator: ",").map { try attempt(String($0)) }
    }
    let host = value("host", in: words) ?? "h1"
    let identity = WorkerIdentity(
      incarnation: incarnation(words[0]), name: words[0], host: host, processID: 1, codeVersion: "1", machineType: "m")
    return WorkerHello(
      identity: identity, slotCount: Int(try number(value("slots", in: words) ?? "1")),
      datasets: value("datasets", in: words) == "none" ? [] : [Self.dataset], running: try attempts("running"),
      undelivered: try attempts("undelivered"), crashed: try attempts("crashed"))
  }

  private func order(trial: Int, folds: Int) -> TrialOrder {
    TrialOrder(
      sweep: SweepID(1), trial: trial, learner: .linear, parameters: [:], dataset: Self.dataset,
      outcome: .readmission30d, folds: FoldPlan(scheme: .grouped, foldCount: folds, seed: 1), seed: 1)
  }

  private func result(_ value: Double) -> FoldResult {
    FoldResult(
      measurement: Measurement(
        metrics: [MetricValue(name: "valid/auroc", value: value)], curve: [], bestStep: 1, trainRowCount: 8,
        validRowCount: 2, artifacts: []),
      cost: Cost(wallMilliseconds: 1, cpuMilliseconds: 1, residentBytesPeak: 1))
  }

  private func value(_ key: String, in words: [String]) -> String? {
    words.first { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) }
  }

  private func number(_ text: String) throws -> Int64 {
    guard let value = Int64(text) else { throw TranscriptError(text: "\(text) is no number") }
    return value
  }

  private func attempt(_ text: String) throws -> TaskAttempt {
    let parts = text.split { "/#.".contains($0) }.compactMap { Int64($0) }
    guard parts.count == 4 else { throw TranscriptError(text: "\(text) is no attempt") }
    return TaskAttempt(
      task: TrialTask(sweep: SweepID(1), trial: Int(parts[0]), fold: Int(parts[1]), rung: 0),
      attempt: Attempt(epoch: parts[2], number: parts[3]))
  }

  private func incarnation(_ name: String) -> Incarnation {
    Incarnation(high: 0, low: UInt64(name.utf8.first ?? 0))
  }

  // MARK: Writing

  private func render(_ directive: CoordinatorMachine.Directive) -> String? {
    switch directive {
    case .persist(let record): "persist \(render(record))"
    case .send(let message): "send \(name(message.recipient)) \(render(message.body))"
    case .taskEnded(let task, .done): "ended \(render(task)) done"
    case .taskEnded(let task, .quarantined): "ended \(render(task)) quarantined"
    case .taskEnded(let task, .cancelled): "ended \(render(task)) cancelled"
    case .report(.leaseAdopted(let taskAttempt, let holder)): "report adopted \(render(taskAttempt)) \(name(holder))"
    case .report(.nondeterminism(let taskAttempt, _)): "report nondeterminism \(render(taskAttempt))"
    case .report(.implausible): "report implausible"
    case .report(.epochAhead): "report epochAhead"
    case .report(.taskUnknown(let taskAttempt, _)): "report taskUnknown \(render(taskAttempt))"
    case .report(.graceEnded(let count)): "report graceEnded lost \(count)"
    case .report: nil
    }
  }

  private func render(_ record: TrackerRecord) -> String {
    switch record {
    case .workerJoined(let identity): "joined \(identity.name)"
    case .workerLeft(let incarnation, let reason): "left \(name(incarnation)): \(reason)"
    case .leaseGranted(let taskAttempt, let holder): "granted \(render(taskAttempt)) \(name(holder))"
    case .leaseEnded(let taskAttempt, let end, _): "lease \(render(taskAttempt)) \(end.rawValue)"
    case .resultAccepted(let taskAttempt, _, _): "result \(render(taskAttempt))"
    case .resultCompared(let taskAttempt, _, let agrees):
      "compared \(render(taskAttempt)) \(agrees ? "equal" : "differs")"
    case .taskQuarantined(let task, let reason): "quarantined \(render(task)): \(reason)"
    case .trialAdded, .trialEnded, .requestTaken, .sweepChanged: "not the scheduler's"
    }
  }

  private func render(_ body: CoordinatorMessage.Body) -> String {
    switch body {
    case .welcome: "welcome"
    case .assign(let assignment): "assign \(render(assignment.taskAttempt))"
    case .acknowledged(let taskAttempt, let verdict): "ack \(render(taskAttempt)) \(verdict.rawValue)"
    case .heartbeatReply(let cancel, let recall):
      (["reply"] + cancel.map { "cancel \(render($0))" } + recall.map { "recall \(render($0))" })
        .joined(separator: " ")
    case .helloAgain: "helloAgain"
    case .drain: "drain"
    case .reject(let code, _): "reject \(code)"
    case .fetch(let datasets): "fetch \(datasets.count)"
    }
  }

  private func render(_ task: TrialTask) -> String { "\(task.trial)/\(task.fold)" }
  private func render(_ taskAttempt: TaskAttempt) -> String { "\(render(taskAttempt.task))#\(taskAttempt.attempt)" }
  private func name(_ incarnation: Incarnation) -> String { String(UnicodeScalar(UInt8(incarnation.low))) }
}

struct TranscriptError: Error, CustomStringConvertible {
  let text: String
  var description: String { text }
}
