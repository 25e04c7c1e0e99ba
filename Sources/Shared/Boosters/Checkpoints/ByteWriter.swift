// SPDX-License-Identifier: Apache-2.0

/// Appends numbers as little-endian bytes.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write(bytes more: [UInt8]) { bytes += more }

  mutating func write(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func write(_ value: Double) { write(value.bitPattern) }
  mutating func write(_ value: Float) { write(value.bitPattern) }

  /// The count as 64 bits, then the elements.
  mutating func write(_ values: [Double]) {
    write(Int64(values.count))
    for value in values { write(value) }
  }

  mutating func write(_ values: [Int]) {
    write(Int64(values.count))
    for value in values { write(Int64(value)) }
  }

  mutating func write(_ values: [UInt32]) {
    write(Int64(values.count))
    for value in values { write(value) }
  }
}

/// Takes numbers off the front of bytes that anyone may have written.
struct ByteReader {
  private let bytes: [UInt8]
  private let end: Int
  private(set) var position: Int

  /// - Parameter range: what is to be read.
  init(_ bytes: [UInt8], range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { position == end }

  mutating func integer<Value: FixedWidthInteger>(_: Value.Type = Value.self) throws(BoosterError) -> Value {
    let size = MemoryLayout<Value>.size
    guard end - position >= size else { throw Self.damaged("\(size) more bytes at byte \(position)", "the end") }
    defer { position += size }
    return bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: Value.self)) }
  }

  mutating func double() throws(BoosterError) -> Double { Double(bitPattern: try integer()) }
  mutating func float() throws(BoosterError) -> Float { Float(bitPattern: try integer()) }

  /// A count that the bytes left can hold: nothing is allocated for a count that a damaged file only claims.
  mutating func count(elementSize: Int) throws(BoosterError) -> Int {
    let count: Int64 = try integer()
    guard count >= 0, count <= Int64((end - position) / elementSize) else {
      throw Self.damaged("a count of elements that fit at byte \(position - 8)", "\(count)")
    }
    return Int(count)
  }

  mutating func doubles() throws(BoosterError) -> [Double] {
    var values: [Double] = []
    for _ in 0..<(try count(elementSize: 8)) { values.append(try double()) }
    return values
  }

  mutating func integers() throws(BoosterError) -> [Int] {
    var values: [Int] = []
    for _ in 0..<(try count(elementSize: 8)) { values.append(Int(try integer(Int64.self))) }
    return values
  }

  mutating func words() throws(BoosterError) -> [UInt32] {
    var values: [UInt32] = []
    for _ in 0..<(try count(elementSize: 4)) { values.append(try integer(UInt32.self)) }
    return values
  }

  static func damaged(_ expected: String, _ found: String) -> BoosterError {
    BoosterError(.badCheckpoint, subject: "booster checkpoint", expected: expected, found: found)
  }
}

/// FNV-1a over 64-bit words: tells data and options apart, keeps nobody out who forges.
///
/// - Source: Fowler, Noll & Vo; the xor-fold of a word's upper half is ours, for speed.
struct Fingerprint {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ word: UInt64) {
    value = (value ^ (word & 0xFFFF_FFFF)) &* 0x100_0000_01B3
    value = (value ^ (word >> 32)) &* 0x100_0000_01B3
  }

  mutating func add(_ value: Int) { add(UInt64(bitPattern: Int64(value))) }
  mutating func add(_ value: Double) { add(value.bitPattern) }
  mutating func add(_ text: String) {
    add(text.utf8.count)
    for byte in text.utf8 { add(UInt64(byte)) }
  }

  static func of(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    var fingerprint = Fingerprint()
    for byte in bytes { fingerprint.add(UInt64(byte)) }
    return fingerprint.value
  }
}
