// SPDX-License-Identifier: Apache-2.0

/// Integers as bit-packed differences.
///
/// - Source: https://parquet.apache.org/docs/file-format/data-pages/encodings/ (DELTA_BINARY_PACKED = 5)
enum DeltaValues {
  static func decode(_ cursor: inout ByteCursor, countMax: Int) throws(MalformedBytes) -> [Int64] {
    let blockSize = Int(clamping: try cursor.varint())
    let miniblocks = Int(clamping: try cursor.varint())
    let count = Int(clamping: try cursor.varint())
    guard miniblocks > 0, blockSize > 0, blockSize < 1 << 24, blockSize % miniblocks == 0, count <= countMax else {
      throw MalformedBytes(expected: "a header of packed differences", found: "another")
    }
    var values = [try cursor.zigzag()]
    values.reserveCapacity(count)
    while values.count < count {
      let least = try cursor.zigzag()
      let widths = Array(try cursor.take(miniblocks))
      for width in widths where values.count < count {
        guard width <= 64 else { throw MalformedBytes(expected: "at most 64 bits", found: "\(width)") }
        let packed = try cursor.take(min(blockSize / miniblocks * Int(width) / 8, cursor.left))
        for place in 0..<min(blockSize / miniblocks, count - values.count) {
          let delta = bits(packed, at: place * Int(width), Int(width))
          values.append(values[values.count - 1] &+ least &+ Int64(bitPattern: delta))
        }
      }
    }
    return count == 0 ? [] : values
  }

  private static func bits(_ bytes: UnsafeRawBufferPointer, at start: Int, _ width: Int) -> UInt64 {
    var value: UInt64 = 0
    for bit in 0..<width where (start + bit) / 8 < bytes.count {
      value |= UInt64(bytes[(start + bit) / 8] >> UInt8((start + bit) % 8) & 1) << UInt64(bit)
    }
    return value
  }
}
