// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Sweeps
import SwiftProtobuf

func sealed(_ incarnation: Incarnation, epoch: Int64, _ body: Muster_V1_Envelope.OneOf_Body) -> [UInt8] {
  var envelope = Muster_V1_Envelope()
  envelope.protocolMajor = ProtocolVersion.major
  envelope.protocolMinor = ProtocolVersion.minor
  envelope.incarnation = withUnsafeBytes(of: (incarnation.high.bigEndian, incarnation.low.bigEndian)) { Data($0) }
  envelope.epoch = epoch
  envelope.body = body
  guard let bytes: [UInt8] = try? envelope.serializedBytes() else {
    // Serializing fails only for missing required fields, which proto3 does not have, and beyond 2 GiB.
    preconditionFailure("a message of ours could not be serialized")
  }
  return bytes
}

/// Believes the version before anything else: of another major nothing more may be believed, not even that it is damaged.
func opened(_ payload: [UInt8]) throws(WireError) -> Muster_V1_Envelope {
  guard payload.count <= WireLimit.messageBytes else {
    throw .outOfRange(field: "message", expected: "at most \(WireLimit.messageBytes) bytes")
  }
  // Nearly all messages are of this version and whole: those are parsed once.
  if let envelope = try? parsed(payload, as: Muster_V1_Envelope.self), envelope.protocolMajor == ProtocolVersion.major {
    return envelope
  }
  let major = try parsed(payload, as: Muster_V1_Preamble.self).protocolMajor
  guard major != 0 else { throw .malformed("no protocol version") }
  guard major == ProtocolVersion.major else {
    throw .versionMismatch(found: major, expected: ProtocolVersion.major)
  }
  throw .malformed("not protobuf, or a field of another type")
}

private func parsed<Wire: Message>(_ payload: [UInt8], as type: Wire.Type) throws(WireError) -> Wire {
  var options = BinaryDecodingOptions()
  options.discardUnknownFields = true
  options.messageDepthLimit = 8
  do {
    return try Wire(serializedBytes: payload, options: options)
  } catch {
    throw .malformed("not protobuf, or a field of another type")
  }
}

extension Muster_V1_Envelope {
  func readIncarnation() throws(WireError) -> Incarnation {
    guard incarnation.count == 16 else { throw .outOfRange(field: "incarnation", expected: "16 bytes") }
    return incarnation.withUnsafeBytes { bytes in
      Incarnation(
        high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
        low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
  }
}
