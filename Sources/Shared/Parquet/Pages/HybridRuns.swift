// SPDX-License-Identifier: Apache-2.0

/// Runs and bit-packed groups of small numbers: definition levels, and places in a dictionary.
///
/// - Source: https://parquet.apache.org/docs/file-format/data-pages/encodings/ (RLE = 3)
enum HybridRuns {
  static func decode(
    _ cursor: inout ByteCursor, bitWidth: Int, count: Int
  ) throws(MalformedBytes) -> [Int32] {
    guard (0...32).contains(bitWidth) else { throw MalformedBytes(expected: "0 to 32 bits", found: "\(bitWidth)") }
    var values: [Int32] = []
    values.reserveCapacity(count)
    while values.count < count {
      let head = try cursor.varint()
      if head & 1 == 0 {
        let run = min(Int(clamping: head >> 1), count - values.count)
        guard run > 0 else { throw MalformedBytes(expected: "a run of values", found: "an empty one") }
        var value: UInt32 = 0
        for place in 0..<((bitWidth + 7) / 8) { value |= UInt32(try cursor.byte()) << UInt32(8 * place) }
        values.append(contentsOf: repeatElement(Int32(truncatingIfNeeded: value), count: run))
      } else {
        guard head >> 1 > 0, head >> 1 <= UInt64(max(cursor.left, count)) else {
          throw MalformedBytes(expected: "packed values within the page", found: "\(head >> 1) groups")
        }
        // The last group may be cut short by some writers.
        let packed = try cursor.take(min(Int(head >> 1) * bitWidth, cursor.left))
        unpack(packed, bitWidth, min(Int(head >> 1) * 8, count - values.count), into: &values)
      }
    }
    return values
  }

  private static func unpack(
    _ bytes: UnsafeRawBufferPointer, _ bitWidth: Int, _ count: Int, into values: inout [Int32]
  ) {
    let mask: UInt64 = (1 << UInt64(bitWidth)) - 1
    var (held, heldBits, place): (UInt64, Int, Int) = (0, 0, 0)
    for _ in 0..<count {
      while heldBits < bitWidth {
        held |= UInt64(place < bytes.count ? bytes[place] : 0) << UInt64(heldBits)
        heldBits += 8
        place += 1
      }
      values.append(Int32(truncatingIfNeeded: held & mask))
      held >>= UInt64(bitWidth)
      heldBits -= bitWidth
    }
  }
}
