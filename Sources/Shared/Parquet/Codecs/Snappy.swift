// SPDX-License-Identifier: Apache-2.0

/// - Source: https://github.com/google/snappy/blob/main/format_description.txt
enum Snappy {
  /// Fills `output` to its end.
  static func decompress(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(MalformedBytes) {
    var cursor = ByteCursor(input)
    let promised = try cursor.varint()
    guard promised == UInt64(output.count) else {
      throw MalformedBytes(expected: "\(output.count) bytes when unpacked", found: "\(promised)")
    }
    var filled = 0
    while cursor.left > 0 {
      let tag = try cursor.byte()
      switch tag & 3 {
      case 0:
        var count = Int(tag >> 2) + 1
        if count > 60 { count = try littleEndian(&cursor, byteCount: count - 60) + 1 }
        let literal = try cursor.take(count)
        guard count <= output.count - filled else { throw tooLong(output.count) }
        UnsafeMutableRawBufferPointer(rebasing: output[filled...]).copyMemory(from: literal)
        filled += count
      case 1:
        let offset = Int(tag >> 5) << 8 | Int(try cursor.byte())
        try copy(output, &filled, offset: offset, count: Int(tag >> 2 & 7) + 4)
      case 2: try copy(output, &filled, offset: try littleEndian(&cursor, byteCount: 2), count: Int(tag >> 2) + 1)
      default: try copy(output, &filled, offset: try littleEndian(&cursor, byteCount: 4), count: Int(tag >> 2) + 1)
      }
    }
    guard filled == output.count else {
      throw MalformedBytes(expected: "\(output.count) bytes when unpacked", found: "\(filled)")
    }
  }

  private static func tooLong(_ count: Int) -> MalformedBytes {
    MalformedBytes(expected: "\(count) bytes when unpacked", found: "more")
  }

  private static func littleEndian(_ cursor: inout ByteCursor, byteCount: Int) throws(MalformedBytes) -> Int {
    var value = 0
    for place in 0..<byteCount { value |= Int(try cursor.byte()) << (8 * place) }
    return value
  }

  private static func copy(
    _ output: UnsafeMutableRawBufferPointer, _ filled: inout Int, offset: Int, count: Int
  ) throws(MalformedBytes) {
    guard offset > 0, offset <= filled else {
      throw MalformedBytes(expected: "a copy of earlier bytes", found: "one from before the first")
    }
    guard count <= output.count - filled else { throw tooLong(output.count) }
    // Byte by byte, for a copy may read what it writes: that is how runs are packed.
    for _ in 0..<count {
      output[filled] = output[filled - offset]
      filled += 1
    }
  }
}
