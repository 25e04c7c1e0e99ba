// SPDX-License-Identifier: Apache-2.0

/// Thrift's compact protocol, as far as a Parquet file needs it. Fields are written in ascending order.
///
/// - Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
struct ThriftWriter {
  private(set) var bytes: [UInt8] = []
  private var lastField: [Int] = [0]

  /// A field's or an element's kind, in the numbers of that protocol.
  private enum Kind: UInt8 { case int32 = 5, int64 = 6, binary = 8, list = 9, structure = 12 }

  mutating func int32(_ field: Int, _ value: Int) {
    head(field, .int32)
    zigzag(value)
  }

  mutating func int64(_ field: Int, _ value: Int) {
    head(field, .int64)
    zigzag(value)
  }

  mutating func text(_ field: Int, _ value: String) {
    head(field, .binary)
    binary(value)
  }

  mutating func structure(_ field: Int, _ body: (inout ThriftWriter) -> Void) {
    head(field, .structure)
    whole(body)
  }

  mutating func structures<Element>(
    _ field: Int, _ elements: [Element], _ body: (inout ThriftWriter, Element) -> Void
  ) {
    list(field, elements.count, .structure)
    for element in elements { whole { body(&$0, element) } }
  }

  mutating func int32s(_ field: Int, _ values: [Int]) {
    list(field, values.count, .int32)
    for value in values { zigzag(value) }
  }

  mutating func texts(_ field: Int, _ values: [String]) {
    list(field, values.count, .binary)
    for value in values { binary(value) }
  }

  /// Ends the outermost structure.
  mutating func end() { bytes.append(0) }

  private mutating func whole(_ body: (inout ThriftWriter) -> Void) {
    lastField.append(0)
    body(&self)
    lastField.removeLast()
    bytes.append(0)
  }

  private mutating func head(_ field: Int, _ kind: Kind) {
    let step = field - lastField[lastField.count - 1]
    lastField[lastField.count - 1] = field
    precondition((1...15).contains(step), "field \(field) does not follow the one before it within 15")
    bytes.append(UInt8(step) << 4 | kind.rawValue)
  }

  private mutating func list(_ field: Int, _ count: Int, _ kind: Kind) {
    head(field, .list)
    if count < 15 {
      bytes.append(UInt8(count) << 4 | kind.rawValue)
    } else {
      bytes.append(0xF0 | kind.rawValue)
      appendVarint(UInt64(count), to: &bytes)
    }
  }

  private mutating func binary(_ value: String) {
    appendVarint(UInt64(value.utf8.count), to: &bytes)
    bytes.append(contentsOf: value.utf8)
  }

  private mutating func zigzag(_ value: Int) {
    appendVarint(UInt64(bitPattern: Int64((value << 1) ^ (value >> 63))), to: &bytes)
  }
}

/// Seven bits a byte, the lowest first.
func appendVarint(_ value: UInt64, to bytes: inout [UInt8]) {
  var rest = value
  while rest >= 0x80 {
    bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
    rest >>= 7
  }
  bytes.append(UInt8(rest))
}
