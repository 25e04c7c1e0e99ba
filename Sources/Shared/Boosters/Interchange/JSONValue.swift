// SPDX-License-Identifier: Apache-2.0

/// A JSON document, read strictly and with a bounded depth. Foundation's reader is out of reach for a pure module.
///
/// - Source: RFC 8259.
indirect enum JSONValue {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(_ bytes: [UInt8]) throws(BoosterError) {
    var reader = JSONReader(bytes: bytes)
    self = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.position == bytes.count else { throw reader.bad("the end") }
  }

  subscript(_ key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  var double: Double? {
    switch self {
    case .number(let value): value
    case .text(let text): Double(text)
    case .bool(let flag): flag ? 1 : 0
    default: nil
    }
  }

  var string: String? { if case .text(let text) = self { text } else { nil } }
  var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
}

private struct JSONReader {
  static let depthMax = 64
  let bytes: [UInt8]
  var position = 0

  func bad(_ expected: String) -> BoosterError {
    ForeignTree.bad("JSON, byte \(position)", expected, position < bytes.count ? "another byte" : "the end")
  }

  mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
  }

  private mutating func take(_ character: Character) throws(BoosterError) {
    skipSpace()
    guard position < bytes.count, bytes[position] == character.asciiValue else { throw bad("`\(character)`") }
    position += 1
  }

  private mutating func isNext(_ character: Character) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == character.asciiValue else { return false }
    position += 1
    return true
  }

  mutating func value(depth: Int) throws(BoosterError) -> JSONValue {
    guard depth < Self.depthMax else { throw bad("at most \(Self.depthMax) levels") }
    skipSpace()
    guard position < bytes.count else { throw bad("a value") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func object(depth: Int) throws(BoosterError) -> JSONValue {
    try take("{")
    var members: [String: JSONValue] = [:]
    if isNext("}") { return .object(members) }
    repeat {
      skipSpace()
      let key = try text()
      try take(":")
      members[key] = try value(depth: depth + 1)
    } while isNext(",")
    try take("}")
    return .object(members)
  }

  private mutating func array(depth: Int) throws(BoosterError) -> JSONValue {
    try take("[")
    var elements: [JSONValue] = []
    if isNext("]") { return .array(elements) }
    repeat { elements.append(try value(depth: depth + 1)) } while isNext(",")
    try take("]")
    return .array(elements)
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(BoosterError) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw bad("`\(word)`") }
    position += word.utf8.count
    return value
  }

  private mutating func number() throws(BoosterError) -> JSONValue {
    let start = position
    while position < bytes.count, "+-.0123456789eE".utf8.contains(bytes[position]) { position += 1 }
    guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)) else { throw bad("a number") }
    return .number(value)
  }

  private mutating func text() throws(BoosterError) -> String {
    try take("\"")
    var units: [UInt8] = []
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      guard bytes[position] >= 0x20 else { throw bad("no control character") }
      if bytes[position] == UInt8(ascii: "\\") {
        // Names need no escapes to be told apart: kept as written.
        units.append(bytes[position])
        position += 1
        guard position < bytes.count else { break }
      }
      units.append(bytes[position])
      position += 1
    }
    try take("\"")
    return String(decoding: units, as: UTF8.self)
  }
}
