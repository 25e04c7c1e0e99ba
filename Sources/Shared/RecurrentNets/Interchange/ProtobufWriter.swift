// SPDX-License-Identifier: Apache-2.0

/// The three wire types of protocol buffers that an ONNX file needs.
///
/// - Source: protobuf.dev, "Encoding".
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  mutating func integer(_ field: Int, _ value: Int) {
    variableLength(UInt64(field) << 3)
    variableLength(UInt64(bitPattern: Int64(value)))
  }

  mutating func float(_ field: Int, _ value: Float) {
    variableLength(UInt64(field) << 3 | 5)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func text(_ field: Int, _ value: String) { data(field, Array(value.utf8)) }

  mutating func data(_ field: Int, _ value: [UInt8]) {
    variableLength(UInt64(field) << 3 | 2)
    variableLength(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  mutating func message(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    body(&inner)
    data(field, inner.bytes)
  }

  private mutating func variableLength(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
