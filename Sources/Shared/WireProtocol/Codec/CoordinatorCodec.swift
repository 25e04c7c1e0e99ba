// SPDX-License-Identifier: Apache-2.0

package import Sweeps
import SwiftProtobuf

/// One frame. Messages for people are made to fit the protocol: cut, and without control characters.
package func encode(_ message: CoordinatorMessage) -> [UInt8] {
  let body: Muster_V1_Envelope.OneOf_Body
  switch message.body {
  case .welcome(let heartbeat, let lease, let bulkPort):
    body = .welcome(
      .with {
        $0.heartbeatMilliseconds = heartbeat
        $0.leaseMilliseconds = lease
        $0.bulkPort = Int64(bulkPort)
      })
  case .assign(let assignment): body = .assign(Muster_V1_Assign(assignment))
  case .acknowledged(let taskAttempt, let verdict):
    body = .acknowledged(
      .with {
        $0.taskAttempt = Muster_V1_TaskAttempt(taskAttempt)
        $0.verdict = Muster_V1_Acknowledged.Verdict(verdict)
      })
  case .heartbeatReply(let cancel, let recall):
    body = .heartbeatReply(
      .with {
        $0.cancel = cancel.map { Muster_V1_TaskAttempt($0) }
        $0.recall = recall.map { Muster_V1_TaskAttempt($0) }
      })
  case .helloAgain: body = .helloAgain(Muster_V1_HelloAgain())
  case .drain: body = .drain(Muster_V1_Drain())
  case .reject(let code, let text):
    body = .reject(
      .with {
        $0.code = cleanName(code)
        $0.message = cleanText(text)
      })
  case .fetch(let datasets): body = .fetch(.with { $0.datasets = datasets.map(bytes) })
  }
  return sealed(message.recipient, epoch: message.epoch, body)
}

/// - Throws: `WireError` for bytes that are no message of a coordinator, whatever they are.
package func decodeCoordinatorMessage(_ payload: [UInt8]) throws(WireError) -> CoordinatorMessage {
  let envelope = try opened(payload)
  return CoordinatorMessage(
    epoch: try notNegative(envelope.epoch, "epoch"), recipient: try envelope.readIncarnation(),
    body: try coordinatorBody(envelope.body))
}

private func coordinatorBody(_ body: Muster_V1_Envelope.OneOf_Body?) throws(WireError) -> CoordinatorMessage.Body {
  switch body {
  case .welcome(let welcome):
    return .welcome(
      heartbeatMilliseconds: try integer(welcome.heartbeatMilliseconds, "heartbeat_milliseconds", in: 1...86_400_000),
      leaseMilliseconds: try integer(welcome.leaseMilliseconds, "lease_milliseconds", in: 1...86_400_000),
      bulkPort: Int(try integer(welcome.bulkPort, "bulk_port", in: 0...65_535)))
  case .assign(let assign): return .assign(try assign.value())
  case .acknowledged(let acknowledged):
    return .acknowledged(try acknowledged.taskAttempt.value(), try acknowledged.verdict.value())
  case .heartbeatReply(let reply):
    return .heartbeatReply(cancel: try attempts(reply.cancel, "cancel"), recall: try attempts(reply.recall, "recall"))
  case .helloAgain: return .helloAgain
  case .drain: return .drain
  case .reject(let reject):
    return .reject(code: try name(reject.code, "reject.code"), message: try text(reject.message, "reject.message"))
  case .fetch(let fetch):
    return .fetch(
      try list(fetch.datasets, "fetch.datasets", max: WireLimit.datasets) { (data) throws(WireError) in
        try digest(data, "fetch.datasets")
      })
  case .offer, .findCheckpoint, .want, .chunk, .refusal, .stored, .checkpointFound:
    throw .malformed("a message of the bulk socket")
  case .hello, .heartbeat, .result, .failed, .returned, .draining, .goodbye:
    throw .malformed("a worker's message, expected a coordinator's")
  case nil: throw .malformed("no body that this version knows")
  }
}

extension Muster_V1_Acknowledged.Verdict {
  fileprivate init(_ verdict: CoordinatorMessage.Verdict) {
    self =
      switch verdict {
      case .accepted: .accepted
      case .duplicate: .duplicate
      case .superseded: .superseded
      case .noted: .noted
      }
  }

  fileprivate func value() throws(WireError) -> CoordinatorMessage.Verdict {
    switch self {
    case .accepted: return .accepted
    case .duplicate: return .duplicate
    case .superseded: return .superseded
    case .noted: return .noted
    case .unspecified, .UNRECOGNIZED: throw .outOfRange(field: "verdict", expected: "a verdict that this version knows")
    }
  }
}
