// SPDX-License-Identifier: Apache-2.0

/// A value of Thrift's compact protocol, in which Parquet writes its footer and page headers.
///
/// - Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
indirect enum ThriftValue {
  case flag(Bool)
  case integer(Int64)
  case decimal(Double)
  case bytes([UInt8])
  case list([ThriftValue])
  case structure([Int: ThriftValue])

  private static let depthMax = 16
  /// No footer comes near; a damaged length would otherwise ask for all memory.
  private static let countMax = 1 << 24

  /// A structure, from its first field on.
  static func structure(_ cursor: inout ByteCursor, depth: Int = 0) throws(MalformedBytes) -> ThriftValue {
    guard depth < depthMax else { throw MalformedBytes(expected: "a flat header", found: "one nested without end") }
    var fields: [Int: ThriftValue] = [:]
    var field: Int64 = 0
    while true {
      let head = try cursor.byte()
      if head == 0 { return .structure(fields) }
      let delta = Int64(head >> 4)
      field = delta == 0 ? try cursor.zigzag() : field + delta
      guard (0...32_767).contains(field) else { throw MalformedBytes(expected: "a field's number", found: "\(field)") }
      switch head & 0x0F {
      case 1: fields[Int(field)] = .flag(true)
      case 2: fields[Int(field)] = .flag(false)
      case let type: fields[Int(field)] = try value(type, &cursor, depth: depth)
      }
    }
  }

  private static func value(_ type: UInt8, _ cursor: inout ByteCursor, depth: Int) throws(MalformedBytes) -> ThriftValue
  {
    switch type {
    case 1, 2: return .flag(try cursor.byte() == 1)
    case 3: return .integer(Int64(Int8(bitPattern: try cursor.byte())))
    case 4, 5, 6: return .integer(try cursor.zigzag())
    case 7: return .decimal(try cursor.take(8).loadUnaligned(as: Double.self))
    case 8:
      let count = try cursor.varint()
      guard count <= UInt64(countMax) else { throw MalformedBytes(expected: "a short text", found: "\(count) bytes") }
      return .bytes(Array(try cursor.take(Int(count))))
    case 9, 10:
      let head = try cursor.byte()
      let count = head >> 4 == 15 ? try cursor.varint() : UInt64(head >> 4)
      guard count <= UInt64(cursor.left) else {
        throw MalformedBytes(expected: "a list within the file", found: "\(count) entries")
      }
      var values: [ThriftValue] = []
      for _ in 0..<count { values.append(try self.value(head & 0x0F, &cursor, depth: depth + 1)) }
      return .list(values)
    case 12: return try structure(&cursor, depth: depth + 1)
    default: throw MalformedBytes(expected: "a type of Thrift that Parquet uses", found: "type \(type)")
    }
  }

  subscript(_ field: Int) -> ThriftValue? {
    if case .structure(let fields) = self { return fields[field] }
    return nil
  }

  var integer: Int? {
    if case .integer(let value) = self { return Int(value) }
    return nil
  }

  var text: String? {
    if case .bytes(let bytes) = self { return String(decoding: bytes, as: UTF8.self) }
    return nil
  }

  var list: [ThriftValue]? {
    if case .list(let values) = self { return values }
    return nil
  }

  var flag: Bool? {
    if case .flag(let value) = self { return value }
    return nil
  }
}
