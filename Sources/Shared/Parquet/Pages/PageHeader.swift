// SPDX-License-Identifier: Apache-2.0

/// What stands before a page.
struct PageHeader {
  enum Kind {
    case dictionary
    case data
    /// Definition levels are not packed with the values.
    case dataV2(levelByteCount: Int, isPacked: Bool)
    /// An index: looked past.
    case other
  }

  let kind: Kind
  let unpackedByteCount: Int
  let byteCount: Int
  let valueCount: Int
  let encoding: Int

  private static let byteCountMax = 1 << 31
  /// A thousand times what writers put into a page; a damaged count would otherwise ask for all memory.
  private static let valueCountMax = 1 << 26

  init(_ cursor: inout ByteCursor) throws(MalformedBytes) {
    let header = try ThriftValue.structure(&cursor)
    guard let type = header[1]?.integer, let unpacked = header[2]?.integer, let packed = header[3]?.integer,
      (0..<Self.byteCountMax).contains(unpacked), (0..<Self.byteCountMax).contains(packed)
    else { throw MalformedBytes(expected: "a page header", found: "another structure") }
    unpackedByteCount = unpacked
    byteCount = packed
    let details: ThriftValue?
    switch type {
    case 0:
      kind = .data
      details = header[5]
    case 2:
      kind = .dictionary
      details = header[7]
    case 3:
      details = header[8]
      let parts = [details?[5]?.integer ?? 0, details?[6]?.integer ?? 0]
      guard parts.allSatisfy((0..<Self.byteCountMax).contains) else {
        throw MalformedBytes(expected: "sizes of levels", found: "impossible ones")
      }
      let levels = parts[0] + parts[1]
      kind = .dataV2(levelByteCount: levels, isPacked: details?[7]?.flag ?? true)
    default:
      kind = .other
      details = nil
    }
    valueCount = details?[1]?.integer ?? 0
    // The fourth field is v2's encoding: its second counts the missing values.
    encoding = (type == 3 ? details?[4] : details?[2])?.integer ?? 0
    guard (0..<Self.valueCountMax).contains(valueCount) else {
      throw MalformedBytes(expected: "a count of values", found: "\(valueCount)")
    }
  }
}
