// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Sweeps

// Checks of single fields, and what makes our own text pass them.

func integer(_ value: Int64, _ field: String, in range: ClosedRange<Int64>) throws(WireError) -> Int64 {
  guard range.contains(value) else {
    throw .outOfRange(field: field, expected: "\(range.lowerBound)...\(range.upperBound)")
  }
  return value
}

func count(_ value: Int64, _ field: String, min: Int64 = 0, max: Int = Int(WireLimit.countMax)) throws(WireError) -> Int
{
  Int(try integer(value, field, in: min...Int64(max)))
}

func notNegative(_ value: Int64, _ field: String) throws(WireError) -> Int64 {
  try integer(value, field, in: 0...Int64.max)
}

/// Text for people: no control characters, so that a peer cannot write a line of its own into a log.
func text(_ value: String, _ field: String, max: Int = WireLimit.textBytes) throws(WireError) -> String {
  guard value.utf8.count <= max, value.unicodeScalars.allSatisfy(isPrintable) else {
    throw .outOfRange(field: field, expected: "at most \(max) bytes without control characters")
  }
  return value
}

/// What may stand in a table, a path or a page without being looked at twice.
func name(_ value: String, _ field: String, isMetric: Bool = false) throws(WireError) -> String {
  let isName =
    !value.isEmpty && value.utf8.count <= WireLimit.nameBytes
    && value.utf8.allSatisfy { isNameByte($0) || (isMetric && $0 == UInt8(ascii: "/")) }
  guard isName else { throw .outOfRange(field: field, expected: "1 to \(WireLimit.nameBytes) of A-Z a-z 0-9 . _ -") }
  return value
}

private func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
  scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) && scalar.value != 0x2028 && scalar.value != 0x2029
}

private func isNameByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "a")...UInt8(ascii: "z"),
    UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
    true
  default: false
  }
}

/// A name of ours that passes `name`: a host name may hold anything, and must not keep its worker from being heard.
func cleanName(_ value: String) -> String {
  let bytes = value.utf8.prefix(WireLimit.nameBytes).map { isNameByte($0) ? $0 : UInt8(ascii: "-") }
  return bytes.isEmpty ? "-" : String(decoding: bytes, as: UTF8.self)
}

/// Text of ours that passes `text`: cut at a character, control characters made blanks.
func cleanText(_ value: String, max: Int = WireLimit.textBytes) -> String {
  var clean = String.UnicodeScalarView()
  var byteCount = 0
  for scalar in value.unicodeScalars {
    byteCount += UTF8.width(scalar)
    if byteCount > max { break }
    clean.append(isPrintable(scalar) ? scalar : " ")
  }
  return String(clean)
}

func digest(_ value: Data, _ field: String) throws(WireError) -> ContentDigest {
  guard value.count == 32 else { throw .outOfRange(field: field, expected: "32 bytes") }
  return ContentDigest(bytes: value)
}

func bytes(_ digest: ContentDigest) -> Data {
  let digits = digest.hex.utf8.map { $0 < 58 ? $0 - 48 : $0 - 87 }
  return Data(stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
}

func list<Element, Value>(
  _ elements: [Element], _ field: String, max: Int, _ convert: (Element) throws(WireError) -> Value
) throws(WireError) -> [Value] {
  guard elements.count <= max else { throw .outOfRange(field: field, expected: "at most \(max) entries") }
  var values: [Value] = []
  values.reserveCapacity(elements.count)
  for element in elements { values.append(try convert(element)) }
  return values
}
