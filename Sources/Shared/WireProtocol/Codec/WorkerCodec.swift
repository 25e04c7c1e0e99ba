// SPDX-License-Identifier: Apache-2.0

package import Sweeps
import SwiftProtobuf

/// One frame. Names and messages for people are made to fit the protocol: cut, and without control characters.
package func encode(_ message: WorkerMessage) -> [UInt8] {
  let body: Muster_V1_Envelope.OneOf_Body
  switch message.body {
  case .hello(let hello): body = .hello(Muster_V1_Hello(hello))
  case .heartbeat(let progress): body = .heartbeat(.with { $0.progress = progress.map { Muster_V1_Progress($0) } })
  case .result(let taskAttempt, let result): body = .result(Muster_V1_Result(taskAttempt, result))
  case .failed(let taskAttempt, let failure): body = .failed(Muster_V1_Failed(taskAttempt, failure))
  case .returned(let taskAttempt): body = .returned(.with { $0.taskAttempt = Muster_V1_TaskAttempt(taskAttempt) })
  case .draining: body = .draining(Muster_V1_Draining())
  case .goodbye: body = .goodbye(Muster_V1_Goodbye())
  }
  return sealed(message.incarnation, epoch: message.epoch, body)
}

/// - Throws: `WireError` for bytes that are no message of a worker, whatever they are.
package func decodeWorkerMessage(_ payload: [UInt8]) throws(WireError) -> WorkerMessage {
  let envelope = try opened(payload)
  let incarnation = try envelope.readIncarnation()
  return WorkerMessage(
    incarnation: incarnation, epoch: try notNegative(envelope.epoch, "epoch"),
    body: try workerBody(envelope.body, incarnation))
}

/// Whether a peer of this version will take the message: a result with more curve points than a frame holds would be
/// refused each time it is sent. A worker reports a failure instead.
package func checkSendable(_ message: WorkerMessage) throws(WireError) {
  _ = try decodeWorkerMessage(encode(message))
}

private func workerBody(
  _ body: Muster_V1_Envelope.OneOf_Body?, _ incarnation: Incarnation
) throws(WireError) -> WorkerMessage.Body {
  switch body {
  case .hello(let hello): return .hello(try hello.value(incarnation))
  case .heartbeat(let heartbeat):
    return .heartbeat(
      try list(heartbeat.progress, "progress", max: WireLimit.attempts) { (item) throws(WireError) in try item.value() }
    )
  case .result(let result): return .result(try result.taskAttempt.value(), try result.value())
  case .failed(let failed): return .failed(try failed.taskAttempt.value(), try failed.value())
  case .returned(let returned): return .returned(try returned.taskAttempt.value())
  case .draining: return .draining
  case .goodbye: return .goodbye
  case .offer, .findCheckpoint, .want, .chunk, .refusal, .stored, .checkpointFound:
    throw .malformed("a message of the bulk socket")
  case .welcome, .assign, .acknowledged, .heartbeatReply, .helloAgain, .drain, .reject, .fetch:
    throw .malformed("a coordinator's message, expected a worker's")
  case nil: throw .malformed("no body that this version knows")
  }
}

extension Muster_V1_Hello {
  fileprivate init(_ hello: WorkerHello) {
    name = cleanName(hello.identity.name)
    host = cleanName(hello.identity.host)
    processID = hello.identity.processID
    codeVersion = cleanText(hello.identity.codeVersion, max: WireLimit.nameBytes)
    machineType = cleanText(hello.identity.machineType)
    slotCount = Int64(hello.slotCount)
    datasets = hello.datasets.map(bytes)
    running = hello.running.map { Muster_V1_TaskAttempt($0) }
    undelivered = hello.undelivered.map { Muster_V1_TaskAttempt($0) }
    crashed = hello.crashed.map { Muster_V1_TaskAttempt($0) }
    isDraining = hello.isDraining
    if hello.room != WorkerRoom() { room = Muster_V1_Room(hello.room) }
  }

  fileprivate func value(_ incarnation: Incarnation) throws(WireError) -> WorkerHello {
    let identity = WorkerIdentity(
      incarnation: incarnation, name: try WireProtocol.name(name, "name"), host: try WireProtocol.name(host, "host"),
      processID: try notNegative(processID, "process_id"),
      codeVersion: try text(codeVersion, "code_version", max: WireLimit.nameBytes),
      machineType: try text(machineType, "machine_type"))
    return WorkerHello(
      identity: identity, slotCount: try count(slotCount, "slot_count", min: 1, max: WireLimit.slots),
      datasets: try list(datasets, "datasets", max: WireLimit.datasets) { (data) throws(WireError) in
        try digest(data, "datasets")
      }, running: try attempts(running, "running"), undelivered: try attempts(undelivered, "undelivered"),
      crashed: try attempts(crashed, "crashed"), isDraining: isDraining,
      room: try room.value())
  }
}

extension Muster_V1_Progress {
  fileprivate init(_ progress: TaskProgress) {
    taskAttempt = Muster_V1_TaskAttempt(progress.taskAttempt)
    step = Int64(progress.step)
    stepCount = Int64(progress.stepCount)
  }

  fileprivate func value() throws(WireError) -> TaskProgress {
    TaskProgress(
      taskAttempt: try taskAttempt.value(), step: try count(step, "step"), stepCount: try count(stepCount, "step_count")
    )
  }
}

extension Muster_V1_Failed {
  fileprivate init(_ taskAttempt: TaskAttempt, _ failure: FailureReport) {
    self.taskAttempt = Muster_V1_TaskAttempt(taskAttempt)
    kind =
      switch failure.kind {
      case .invalidTask: .invalidTask
      case .dataset: .dataset
      case .resources: .resources
      case .diverged: .diverged
      case .crashed: .crashed
      case .other: .other
      }
    message = cleanText(failure.message)
  }

  fileprivate func value() throws(WireError) -> FailureReport {
    let kind: FailureReport.Kind
    switch self.kind {
    case .invalidTask: kind = .invalidTask
    case .dataset: kind = .dataset
    case .resources: kind = .resources
    case .diverged: kind = .diverged
    case .crashed: kind = .crashed
    case .other: kind = .other
    case .unspecified, .UNRECOGNIZED:
      throw .outOfRange(field: "failed.kind", expected: "a kind that this version knows")
    }
    return FailureReport(kind: kind, message: try text(message, "failed.message"))
  }
}
