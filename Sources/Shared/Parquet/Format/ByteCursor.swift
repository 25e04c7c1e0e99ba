// SPDX-License-Identifier: Apache-2.0

/// Reads bytes one after the other, and never behind their end.
struct ByteCursor {
  let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var left: Int { bytes.count - position }

  mutating func byte() throws(MalformedBytes) -> UInt8 {
    guard position < bytes.count else { throw MalformedBytes(expected: "more bytes", found: "their end") }
    position += 1
    return bytes[position - 1]
  }

  mutating func take(_ count: Int) throws(MalformedBytes) -> UnsafeRawBufferPointer {
    guard count >= 0, count <= left else { throw MalformedBytes(expected: "\(count) bytes", found: "\(left)") }
    position += count
    return UnsafeRawBufferPointer(rebasing: bytes[(position - count)..<position])
  }

  /// Little-endian.
  mutating func uint32() throws(MalformedBytes) -> Int {
    let four = try take(4)
    return Int(UInt32(littleEndian: four.loadUnaligned(as: UInt32.self)))
  }

  /// ULEB128 of at most 64 bits.
  mutating func varint() throws(MalformedBytes) -> UInt64 {
    var (value, shift): (UInt64, UInt64) = (0, 0)
    while true {
      let next = try byte()
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
      shift += 7
      guard shift < 64 else { throw MalformedBytes(expected: "a number of at most 64 bits", found: "a longer one") }
    }
  }

  mutating func zigzag() throws(MalformedBytes) -> Int64 {
    let value = try varint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }
}
