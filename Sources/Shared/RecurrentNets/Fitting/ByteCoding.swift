// SPDX-License-Identifier: Apache-2.0

/// Writes fixed-width little-endian values one after the other.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func write(_ value: Double) { write(value.bitPattern) }

  /// The count, then the bit patterns.
  mutating func write(_ values: [Float]) {
    write(UInt64(values.count))
    bytes.reserveCapacity(bytes.count + 4 * values.count)
    for value in values { write(value.bitPattern) }
  }

  mutating func write(_ values: [Double]) {
    write(UInt64(values.count))
    for value in values { write(value.bitPattern) }
  }

  /// The bit patterns alone.
  mutating func append(_ values: [Float]) {
    bytes.reserveCapacity(bytes.count + 4 * values.count)
    for value in values { write(value.bitPattern) }
  }

  mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func append(_ other: [UInt8]) { bytes.append(contentsOf: other) }
}

/// Reads what `ByteWriter` wrote. Every read that passes the end answers nil; nothing traps on damaged bytes.
struct ByteReader {
  private let bytes: [UInt8]
  private(set) var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var remaining: Int { bytes.count - position }

  mutating func read<Value: FixedWidthInteger>(_: Value.Type) -> Value? {
    let size = Value.bitWidth / 8
    guard remaining >= size else { return nil }
    var value: Value = 0
    for offset in (0..<size).reversed() { value = value << 8 | Value(truncatingIfNeeded: bytes[position + offset]) }
    position += size
    return value
  }

  mutating func readDouble() -> Double? { read(UInt64.self).map { Double(bitPattern: $0) } }

  mutating func readFloats() -> [Float]? {
    guard let count = readCount(ofSize: 4) else { return nil }
    var values: [Float] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(Float(bitPattern: read(UInt32.self) ?? 0)) }
    return values
  }

  mutating func readDoubles() -> [Double]? {
    guard let count = readCount(ofSize: 8) else { return nil }
    var values: [Double] = []
    for _ in 0..<count { values.append(Double(bitPattern: read(UInt64.self) ?? 0)) }
    return values
  }

  /// A count that the bytes left can hold.
  private mutating func readCount(ofSize size: Int) -> Int? {
    guard let count = read(UInt64.self), count <= UInt64(remaining / size) else { return nil }
    return Int(count)
  }
}

/// FNV-1a, 64 bits: finds a torn or mixed-up file, not a forged one.
///
/// - Source: Fowler, Noll & Vo, as in draft-eastlake-fnv, section 2.
func fowlerNollVo(_ bytes: some Sequence<UInt8>) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  return hash
}
