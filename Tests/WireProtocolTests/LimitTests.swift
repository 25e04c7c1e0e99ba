// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Sweeps
import Testing
import WireProtocol

/// Each limit of docs/Protocol.md, passed by one.
@Suite struct LimitTests {
  func refuses(_ body: CoordinatorMessage.Body) -> Bool {
    let bytes = encode(CoordinatorMessage(epoch: 1, recipient: Samples.incarnation, body: body))
    do { _ = try decodeCoordinatorMessage(bytes) } catch { return true }
    return false
  }

  func refuses(_ body: WorkerMessage.Body, epoch: Int64 = 1) -> Bool {
    let bytes = encode(WorkerMessage(incarnation: Samples.incarnation, epoch: epoch, body: body))
    do { _ = try decodeWorkerMessage(bytes) } catch { return true }
    return false
  }

  func assign(
    _ parameters: Parameters = [:], folds: Int = 5, repeats: Int = 1, fold: Int = 0, trial: Int = 0,
    number: Int64 = 1
  ) -> CoordinatorMessage.Body {
    let order = TrialOrder(
      sweep: SweepID(1), trial: trial, learner: .linear, parameters: parameters, dataset: Samples.digest,
      outcome: .icuMortality, folds: FoldPlan(scheme: .grouped, foldCount: folds, repeatCount: repeats, seed: 1),
      seed: 1)
    return .assign(Assignment(order: order, fold: fold, rung: 0, attempt: Attempt(epoch: 1, number: number)))
  }

  @Test func assignments_areChecked() {
    #expect(!refuses(assign()))
    #expect(!refuses(assign(folds: 1_000, repeats: 1_000, fold: 999_999)))
    #expect(refuses(assign(folds: 1_001)))
    #expect(refuses(assign(repeats: 1_001)))
    #expect(refuses(assign(fold: 5)), "a fold the plan does not have")
    #expect(refuses(assign(fold: -1)))
    #expect(refuses(assign(trial: -1)))
    #expect(refuses(assign(number: 0)), "attempts count from 1")
    #expect(refuses(assign(["l2": .real(.infinity)])))
    #expect(refuses(assign(["l2": .real(.nan)])))
    #expect(refuses(assign(["l/2": .real(1)])))
    #expect(refuses(assign(["": .flag(true)])))
    #expect(refuses(assign(["a": .text("x\ny")])), "a line break could write a line of a log")
    #expect(refuses(assign(Parameters((0...WireLimit.parameters).map { .init(name: "p\($0)", value: .flag(true)) }))))
  }

  @Test func stepRules_areChecked() throws {
    func rule(_ metric: String = "valid/auprc", _ steps: [Int] = [10, 20], patience: Int = 0, gain: Double = 0)
      -> StepRule
    {
      StepRule(
        metric: metric, isMaximized: false, places: steps.map { .init(step: $0, range: -Double.infinity...0.25) },
        patience: patience == 0 ? nil : .init(steps: patience, gainMin: gain))
    }
    func assign(_ rule: StepRule) -> CoordinatorMessage.Body {
      let order = Samples.order(.booster, .icuMortality, .grouped)
      return .assign(Assignment(order: order, fold: 1, rung: 0, attempt: Samples.attempt.attempt, stepRule: rule))
    }
    for fine in [rule(), rule(patience: 7, gain: 0.5), rule("valid/auprc", []), rule("x", Array(1...256))] {
      let message = CoordinatorMessage(epoch: 1, recipient: Samples.incarnation, body: assign(fine))
      #expect(try decodeCoordinatorMessage(encode(message)) == message)
    }
    #expect(refuses(assign(rule("", [1]))))
    #expect(refuses(assign(rule("a b", [1]))))
    #expect(refuses(assign(rule("x", [0]))))
    #expect(refuses(assign(rule("x", [20, 10]))))
    #expect(refuses(assign(rule("x", [10, 10]))))
    #expect(refuses(assign(rule("x", Array(1...257)))))
    #expect(refuses(assign(rule("x", [1], patience: 1, gain: -1))))
    #expect(refuses(assign(rule("x", [1], patience: 1, gain: .infinity))))
  }

  /// Two ways to say one thing would be two digests of one trial. Method: the names "x" and "y" of two parameters, as
  /// bytes, in order, swapped, and equal; no encoder of ours can make the last two.
  @Test func parameters_areAscending_eachOnce() throws {
    let body = assign(["x": .integer(1), "y": .integer(2)])
    let bytes = encode(CoordinatorMessage(epoch: 1, recipient: Samples.incarnation, body: body))
    let places = bytes.indices.dropLast(2).filter { bytes[$0] == 0x0A && bytes[$0 + 1] == 1 && bytes[$0 + 2] >= 0x78 }
    try #require(places.count == 2)
    for (names, isTaken) in [("xy", true), ("yx", false), ("xx", false)] {
      var changed = bytes
      for (place, name) in zip(places, names.utf8) { changed[place + 2] = name }
      #expect(((try? decodeCoordinatorMessage(changed)) != nil) == isTaken, "\(names)")
    }
  }

  @Test func lists_areBounded() {
    let attempts = [TaskAttempt](repeating: Samples.attempt, count: WireLimit.attempts + 1)
    let progress = attempts.map { TaskProgress(taskAttempt: $0, step: 1, stepCount: 2) }
    #expect(refuses(.heartbeatReply(cancel: attempts)))
    #expect(refuses(.heartbeatReply(cancel: [], recall: attempts)))
    #expect(!refuses(.heartbeatReply(cancel: Array(attempts.dropLast()))))
    #expect(refuses(.heartbeat(progress)))
    let identity = Samples.hello.identity
    #expect(refuses(.hello(WorkerHello(identity: identity, slotCount: 0, datasets: []))))
    #expect(refuses(.hello(WorkerHello(identity: identity, slotCount: WireLimit.slots + 1, datasets: []))))
    #expect(refuses(.hello(WorkerHello(identity: identity, slotCount: 1, datasets: [], running: attempts))))
    let datasets = [ContentDigest](repeating: Samples.digest, count: WireLimit.datasets + 1)
    #expect(refuses(.hello(WorkerHello(identity: identity, slotCount: 1, datasets: datasets))))
  }

  @Test func results_areChecked() {
    func result(metrics: [MetricValue] = [], artifacts: Int = 0, step: Int = 1, cpu: Int64 = 1) -> WorkerMessage.Body {
      let artifact = ArtifactReference(kind: .model, digest: Samples.digest, byteCount: 1)
      return .result(
        Samples.attempt,
        FoldResult(
          measurement: Measurement(
            metrics: metrics, curve: [], bestStep: step, trainRowCount: 1, validRowCount: 1,
            artifacts: Array(repeating: artifact, count: artifacts)),
          cost: Cost(wallMilliseconds: 1, cpuMilliseconds: cpu, residentBytesPeak: 1)))
    }
    #expect(!refuses(result()))
    #expect(refuses(result(metrics: [MetricValue(name: "<script>", value: 1)])))
    let many = [MetricValue](repeating: MetricValue(name: "m", value: 1), count: WireLimit.metrics + 1)
    #expect(refuses(result(metrics: many)))
    #expect(refuses(result(artifacts: WireLimit.artifacts + 1)))
    #expect(refuses(result(step: -1)))
    #expect(refuses(result(cpu: -1)))
    #expect(refuses(.draining, epoch: -1))
    #expect(refuses(.welcome(heartbeatMilliseconds: 0, leaseMilliseconds: 1)))
  }

  @Test func frame_isBounded() {
    #expect(throws: WireError.outOfRange(field: "message", expected: "at most 1048576 bytes")) {
      try decodeWorkerMessage([UInt8](repeating: 0, count: WireLimit.messageBytes + 1))
    }
  }
}
