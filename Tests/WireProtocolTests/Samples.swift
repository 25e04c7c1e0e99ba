// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Sweeps

/// Messages of every kind, each field away from its default in one of them.
enum Samples {
  static let incarnation = Incarnation(high: .max, low: 7)
  static let digest = ContentDigest(bytes: (0..<32).map { UInt8($0 * 8) })
  static let attempt = TaskAttempt(
    task: TrialTask(sweep: SweepID(3), trial: 41, fold: 9, rung: 1), attempt: Attempt(epoch: 5, number: 900))

  static let hello = WorkerHello(
    identity: WorkerIdentity(
      incarnation: incarnation, name: "w0.node-7", host: "node-7", processID: 12, codeVersion: "0.1.0",
      machineType: "Intel(R) Xeon(R) @ 2.5 GHz, v3, é"),
    slotCount: 2, datasets: [digest], running: [attempt], undelivered: [attempt], crashed: [attempt], isDraining: true,
    room: room)

  static let room: WorkerRoom = {
    var room = WorkerRoom()
    room.coreCount = 16
    room.memoryBytes = 1 << 36
    room.gpuCount = 2
    room.labels = [WorkerRoom.Label(name: "rack", value: "7"), WorkerRoom.Label(name: "site", value: "icu")]
    room.fetchBytesMax = 1 << 40
    return room
  }()

  static func order(_ learner: Learner, _ outcome: Outcome, _ scheme: FoldPlan.Scheme) -> TrialOrder {
    TrialOrder(
      sweep: SweepID(3), trial: 41, learner: learner,
      parameters: ["a": .integer(-1), "b": .real(0.1), "c": .text("log é"), "d": .flag(false), "e": .real(-0.0)],
      dataset: digest, outcome: outcome,
      folds: FoldPlan(scheme: scheme, foldCount: 5, repeatCount: 2, seed: .max), seed: 1 << 63)
  }

  static func assignment(_ learner: Learner, _ outcome: Outcome, _ scheme: FoldPlan.Scheme) -> CoordinatorMessage.Body {
    .assign(Assignment(order: order(learner, outcome, scheme), fold: 9, rung: 1, attempt: attempt.attempt))
  }

  static func result(metric: Double = 0.1) -> FoldResult {
    FoldResult(
      measurement: Measurement(
        metrics: [MetricValue(name: "valid/auroc", value: metric), MetricValue(name: "valid/x", value: -0.0)],
        curve: [
          CurvePoint(metric: "train/loss", step: 1, value: 0.7),
          CurvePoint(metric: "train/loss", step: 12, value: .infinity),
          CurvePoint(metric: "valid/loss", step: 1, value: -.infinity),
        ], bestStep: 12, trainRowCount: 80, validRowCount: 20,
        artifacts: ArtifactReference.Kind.allCases.map {
          ArtifactReference(kind: $0, digest: digest, byteCount: 1 << 40)
        },
        scoreBins: [
          ScoreBin(low: -0.0625, rowCount: 11, prediction: 0.03, labelSum: -0.0),
          ScoreBin(low: 0.5, rowCount: 1 << 20, prediction: 0.75, labelSum: 12.5),
        ]), cost: Cost(wallMilliseconds: 1, cpuMilliseconds: 2, residentBytesPeak: 1 << 35, resumedStep: 7))
  }

  static let emptyResult = FoldResult(
    measurement: Measurement(metrics: [], curve: [], bestStep: 0, trainRowCount: 0, validRowCount: 0, artifacts: []),
    cost: Cost(wallMilliseconds: 0, cpuMilliseconds: 0, residentBytesPeak: 0))

  static let worker: [WorkerMessage] = {
    var bodies: [WorkerMessage.Body] = [
      .hello(hello), .hello(WorkerHello(identity: hello.identity, slotCount: 1, datasets: [])), .heartbeat([]),
      .heartbeat([TaskProgress(taskAttempt: attempt, step: 3, stepCount: 20)]), .result(attempt, result()),
      .result(attempt, emptyResult), .returned(attempt), .draining, .goodbye,
    ]
    for kind in FailureReport.Kind.allCases {
      bodies.append(.failed(attempt, FailureReport(kind: kind, message: "shard 3: loss is not finite")))
    }
    return bodies.map { WorkerMessage(incarnation: incarnation, epoch: 5, body: $0) }
  }()

  static let coordinator: [CoordinatorMessage] = {
    var bodies: [CoordinatorMessage.Body] = [
      .welcome(heartbeatMilliseconds: 1_000, leaseMilliseconds: 10_000), .heartbeatReply(cancel: []),
      .heartbeatReply(cancel: [attempt, attempt]), .heartbeatReply(cancel: [], recall: [attempt]),
      .welcome(heartbeatMilliseconds: 1_000, leaseMilliseconds: 10_000, bulkPort: 5_556), .fetch([digest]), .helloAgain,
      .drain, .reject(code: "version", message: "use one version"),
    ]
    for learner in Learner.allCases { bodies.append(assignment(learner, .lengthOfStay, .grouped)) }
    for outcome in Outcome.allCases { bodies.append(assignment(.linear, outcome, .stratifiedGrouped)) }
    for verdict in CoordinatorMessage.Verdict.allCases { bodies.append(.acknowledged(attempt, verdict)) }
    return bodies.map { CoordinatorMessage(epoch: 5, recipient: incarnation, body: $0) }
  }()

  static let bulk: [BulkMessage] = {
    var bodies: [BulkMessage.Body] = [
      .want(ContentRange(digest: digest, offset: 1 << 40, length: 1 << 18), isFresh: true),
      .want(ContentRange(digest: digest, offset: 0, length: 1), isFresh: false),
      .chunk(ContentChunk(digest: digest, offset: 3, byteCount: 8, bytes: [0, 1, 2, 254, 255])),
      .chunk(ContentChunk(digest: digest, offset: 0, byteCount: 0, bytes: [])), .stored(digest),
      .findCheckpoint(attempt, key: digest), .checkpointFound(key: digest, nil),
    ]
    bodies += ContentRefusal.allCases.map { .refused(digest, $0) }
    for kind in ArtifactReference.Kind.allCases {
      let artifact = ArtifactReference(kind: kind, digest: digest, byteCount: 1 << 40)
      bodies += [.offer(attempt, artifact, key: kind == .checkpoint ? digest : nil)]
      bodies += [.checkpointFound(key: digest, artifact)]
    }
    return bodies.map { BulkMessage(worker: incarnation, epoch: 5, body: $0) }
  }()
}
