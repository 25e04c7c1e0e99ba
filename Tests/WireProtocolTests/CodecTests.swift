// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Sweeps
import Testing
import WireProtocol

@Suite struct CodecTests {
  @Test(arguments: Samples.worker)
  func workerMessage_comesBackEqual(message: WorkerMessage) throws {
    #expect(try decodeWorkerMessage(encode(message)) == message)
  }

  @Test(arguments: Samples.coordinator)
  func coordinatorMessage_comesBackEqual(message: CoordinatorMessage) throws {
    #expect(try decodeCoordinatorMessage(encode(message)) == message)
  }

  @Test(arguments: Samples.bulk)
  func bulkMessage_comesBackEqual(message: BulkMessage) throws {
    #expect(try decodeBulkMessage(encode(message)) == message)
  }

  /// The two sockets have nothing to say to each other.
  @Test func bulkMessages_areNoControlMessages_andTheOtherWayRound() {
    for frame in Samples.bulk.map(encode) {
      #expect(throws: WireError.self) { try decodeWorkerMessage(frame) }
      #expect(throws: WireError.self) { try decodeCoordinatorMessage(frame) }
    }
    for frame in Samples.worker.map(encode) + Samples.coordinator.map(encode) {
      #expect(throws: WireError.self) { try decodeBulkMessage(frame) }
    }
  }

  @Test func testSet_travels_andAFinalFitHasOneTask() throws {
    let folds = FoldPlan(
      scheme: .grouped, foldCount: 5, seed: 1,
      testSet: FoldPlan.TestSet(partCount: 10, first: 3, count: 2, seed: .max))
    for plan in [folds, folds.final, folds.holdingOut(nil).final] {
      let plain = Samples.order(.linear, .icuMortality, .grouped)
      let order = TrialOrder(
        sweep: plain.sweep, trial: 1, learner: .linear, parameters: plain.parameters, dataset: plain.dataset,
        outcome: plain.outcome, folds: plan, seed: 4)
      func message(fold: Int) -> CoordinatorMessage {
        CoordinatorMessage(
          epoch: 1, recipient: Samples.incarnation,
          body: .assign(Assignment(order: order, fold: fold, rung: 0, attempt: Samples.attempt.attempt)))
      }
      #expect(try decodeCoordinatorMessage(encode(message(fold: 0))) == message(fold: 0))
      let isThere = plan.taskCount > 1
      #expect(((try? decodeCoordinatorMessage(encode(message(fold: 1)))) != nil) == isThere)
    }
  }

  /// In real life: AUROC of a fold with one class is NaN, and its bits count: two equal results must have one fingerprint.
  @Test(arguments: [
    Double.nan.bitPattern, Double(nan: 5, signaling: false).bitPattern, Double(nan: 5, signaling: true).bitPattern,
    (-Double.nan).bitPattern, Double.infinity.bitPattern, (-0.0).bitPattern, 1, 0,
  ])
  func metric_keepsAllItsBits(bits: UInt64) throws {
    let result = Samples.result(metric: Double(bitPattern: bits))
    let message = WorkerMessage(incarnation: Samples.incarnation, epoch: 1, body: .result(Samples.attempt, result))
    guard case .result(_, let found) = try decodeWorkerMessage(encode(message)).body else {
      Issue.record("no result came back")
      return
    }
    #expect(found.measurement.metrics[0].value.bitPattern == bits)
    #expect(found.measurement.fingerprint == result.measurement.fingerprint)
  }

  /// In real life: a booster of 20,000 trees has two curves of that length. It must fit, and cost about 10 bytes a point.
  @Test func longCurves_fitIntoAFrame_andTooLongOnesAreToldToTheirSender() throws {
    func message(points: Int) -> WorkerMessage {
      let curve = (0..<points).map {
        CurvePoint(metric: $0 * 2 < points ? "train/logloss" : "valid/logloss", step: $0, value: 0.1)
      }
      let measurement = Measurement(
        metrics: [], curve: curve, bestStep: 1, trainRowCount: 1, validRowCount: 1, artifacts: [])
      let result = FoldResult(measurement: measurement, cost: Samples.emptyResult.cost)
      return WorkerMessage(incarnation: Samples.incarnation, epoch: 1, body: .result(Samples.attempt, result))
    }
    #expect(try decodeWorkerMessage(encode(message(points: 40_000))) == message(points: 40_000))
    #expect(encode(message(points: 40_000)).count < 450_000)
    #expect(throws: WireError.self) { try checkSendable(message(points: WireLimit.curvePoints + 1)) }
    try checkSendable(message(points: WireLimit.curvePoints))
  }

  /// In real life (I16): a worker of the next major version, whose messages this side cannot read, must be told why.
  @Test func otherMajor_isNamed_whateverElseTheMessageHolds() {
    let mismatch = WireError.versionMismatch(found: 2, expected: 1)
    var bytes = encode(Samples.worker[0])
    // protocol_major is field 1, a varint: tag 0x08, then the value.
    #expect(bytes[0] == 0x08 && bytes[1] == 1)
    bytes[1] = 2
    #expect(throws: mismatch) { try decodeWorkerMessage(bytes) }
    #expect(throws: mismatch) { try decodeCoordinatorMessage(bytes) }
    // An unknown body (field 126), and field 3 and 10 of other types than ours.
    #expect(throws: mismatch) { try decodeWorkerMessage([0x08, 2, 0xF2, 0x07, 1, 0]) }
    #expect(throws: mismatch) { try decodeWorkerMessage([0x18, 9, 0x50, 1, 0x08, 2]) }
    #expect(throws: mismatch) { try decodeWorkerMessage([0x08, 2, 0x52, 2, 0xFF, 0xFF]) }
  }

  /// In real life: a peer of the next minor version adds a field.
  @Test func unknownField_isSkipped() throws {
    let message = Samples.worker[0]
    #expect(try decodeWorkerMessage(encode(message) + [0xF2, 0x07, 3, 1, 2, 3]) == message)
  }

  @Test func otherDirection_isRefused() {
    for message in Samples.worker { #expect(throws: WireError.self) { try decodeCoordinatorMessage(encode(message)) } }
    for message in Samples.coordinator { #expect(throws: WireError.self) { try decodeWorkerMessage(encode(message)) } }
    #expect(throws: WireError.self) { try decodeWorkerMessage([]) }
    #expect(throws: WireError.self) { try decodeCoordinatorMessage([0x08, 1]) }
  }

  /// In real life: a host name from a cloud image and a message from a library, with whatever is in them.
  @Test func textOfOurs_isMadeToFit() throws {
    let identity = WorkerIdentity(
      incarnation: Samples.incarnation, name: "", host: "höst/one\n", processID: 1, codeVersion: "1",
      machineType: "a\u{1B}[31m")
    let hello = WorkerHello(identity: identity, slotCount: 1, datasets: [])
    let message = WorkerMessage(incarnation: Samples.incarnation, epoch: 0, body: .hello(hello))
    guard case .hello(let found) = try decodeWorkerMessage(encode(message)).body else {
      Issue.record("no hello came back")
      return
    }
    #expect(found.identity.name == "-" && found.identity.host == "h--st-one-" && found.identity.machineType == "a [31m")
    let failure = FailureReport(kind: .other, message: String(repeating: "é", count: 4_000) + "\n")
    let failed = WorkerMessage(incarnation: Samples.incarnation, epoch: 1, body: .failed(Samples.attempt, failure))
    guard case .failed(_, let report) = try decodeWorkerMessage(encode(failed)).body else {
      Issue.record("no failure came back")
      return
    }
    #expect(report.message == String(repeating: "é", count: 2_048))
  }
}
