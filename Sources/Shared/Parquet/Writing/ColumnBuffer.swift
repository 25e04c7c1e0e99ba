// SPDX-License-Identifier: Apache-2.0

/// One column's values of a row group before they are written.
struct ColumnBuffer {
  let column: ParquetWriter.Column
  private(set) var rowCount = 0
  private var isThere: [Bool] = []
  private var plain: [UInt8] = []
  private var places: [Int] = []
  private var distinct: [String: Int] = [:]
  private var dictionary: [UInt8] = []

  init(_ column: ParquetWriter.Column) { self.column = column }

  var missingCount: Int { isThere.count { !$0 } }
  /// About what it holds in memory.
  var byteCount: Int { plain.count + dictionary.count + places.count * 8 + isThere.count }

  /// - Returns: false for a value that is not of the column's type.
  mutating func append(_ value: ParquetWriter.Value) -> Bool {
    switch (value, column.type) {
    case (.missing, _): break
    case (.integer(let integer), .integer): append(UInt64(bitPattern: integer))
    case (.integer(let integer), .real): append(Double(integer).bitPattern)
    case (.real(let real), .real): append(real.bitPattern)
    case (.text(let text), .text): append(text)
    default: return false
    }
    isThere.append(value != .missing)
    rowCount += 1
    return true
  }

  private mutating func append(_ word: UInt64) {
    withUnsafeBytes(of: word.littleEndian) { plain.append(contentsOf: $0) }
  }

  private mutating func append(_ text: String) {
    if let place = distinct[text] { return places.append(place) }
    places.append(distinct.count)
    distinct[text] = distinct.count
    Self.append(text, to: &dictionary)
  }

  private static func append(_ text: String, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: UInt32(text.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: text.utf8)
  }

  /// The dictionary's content and count, of texts alone.
  var dictionaryPage: (bytes: [UInt8], count: Int)? {
    column.type == .text ? (dictionary, distinct.count) : nil
  }

  /// What is there, then the values: plain, or places in the dictionary.
  var dataPage: [UInt8] {
    var levels: [UInt8] = []
    var row = 0
    while row < rowCount {
      var end = row + 1
      while end < rowCount, isThere[end] == isThere[row] { end += 1 }
      appendVarint(UInt64(end - row) << 1, to: &levels)
      levels.append(isThere[row] ? 1 : 0)
      row = end
    }
    var page: [UInt8] = []
    withUnsafeBytes(of: UInt32(levels.count).littleEndian) { page.append(contentsOf: $0) }
    page += levels
    guard column.type == .text else { return page + plain }
    let width = max(1, Int.bitWidth - max(0, distinct.count - 1).leadingZeroBitCount)
    page.append(UInt8(width))
    let groupCount = (places.count + 7) / 8
    appendVarint(UInt64(groupCount) << 1 | 1, to: &page)
    var (held, bits) = (UInt64(0), 0)
    for index in 0..<groupCount * 8 {
      held |= UInt64(index < places.count ? places[index] : 0) << UInt64(bits)
      bits += width
      while bits >= 8 {
        page.append(UInt8(truncatingIfNeeded: held))
        held >>= 8
        bits -= 8
      }
    }
    return page
  }

  mutating func removeAll() { self = ColumnBuffer(column) }
}
