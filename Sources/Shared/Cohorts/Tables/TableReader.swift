// SPDX-License-Identifier: Apache-2.0

import Gzip

/// Reads one table row by row, its wanted columns looked up by name in whatever order the file has them.
///
/// Works on bytes: a row is a list of offsets into one buffer of 1 MiB (more only while a single row is longer), and a
/// field is parsed when asked for. Fields are those of RFC 4180: commas, doubled quotes and line breaks inside quotes;
/// LF or CRLF; a byte-order mark is skipped; a quote inside an unquoted field is a letter like any other.
///
/// - Complexity: O(bytes), memory O(longest row).
package final class TableReader {
  package let table: MIMICTable
  package let path: String
  /// Rows given so far, without the header.
  package private(set) var rowCount = 0
  /// The wanted columns, upper case, in the order they were asked for.
  let columns: [String]
  private let requiredCount: Int

  /// nil where all there is to read lies in `buffer` already.
  private let source: ((UnsafeMutableRawBufferPointer) throws(GzipError) -> Int)?
  private let ownsBuffer: Bool
  private var buffer: UnsafeMutablePointer<UInt8>
  private var capacity = 1 << 20
  private var position = 0
  private var filled = 0
  private var isAtEnd = false
  /// Whether a block ended inside a record though more of the file follows.
  private(set) var endedInsideRecord = false
  /// Line of the next row, from 1.
  private var nextLine = 1

  /// Of the row at hand: where each field of the file starts and ends in `buffer`, and how it is quoted.
  private var offsets: UnsafeMutablePointer<FieldOffsets>
  private var fieldCount = 0
  private(set) var line = 1
  /// Place in the file of each wanted column.
  private var places: [Int] = []

  /// No real row comes near; a quote that is never closed would otherwise swallow the rest of the file.
  private static let rowByteCountMax = 1 << 26
  /// Wider than any table of MIMIC-III; only to have a size before the header is read.
  private static let headerFieldCountMax = 1_024

  struct FieldOffsets {
    var start: Int32
    var end: Int32
    var hasDoubledQuotes: Bool
  }

  /// What the header says: how many fields a row has, and which of them are wanted.
  struct Layout: Hashable, Sendable {
    let fieldCount: Int
    let places: [Int]
  }

  var layout: Layout { Layout(fieldCount: fieldCount, places: places) }
  /// Lines behind the last row, the header's included.
  var lineCount: Int { nextLine - 1 }

  /// Opens the table and reads its header.
  ///
  /// - Parameters:
  ///   - columns: upper case; the indexes of this array are the column numbers of all other calls.
  ///   - optional: numbered behind `columns`; where the table has no such column its fields are NULL.
  /// - Throws: `tableMissing`, `tableUnreadable`, `tableDamaged`, `tableEmpty` (not even a header), `columnMissing`.
  package init(
    _ table: MIMICTable, in directory: MIMICDirectory, columns: [String], optional: [String] = []
  ) throws(CohortError) {
    self.table = table
    self.columns = columns + optional
    requiredCount = columns.count
    let path = try directory.filePath(of: table)
    self.path = path
    do throws(GzipError) {
      let file = try GzipReader(path: path)
      source = { bytes throws(GzipError) in try file.read(into: bytes) }
    } catch {
      throw .unreadable(error, line: nil)
    }
    // One byte more than is ever filled: a line break there ends every scan without a test for each byte.
    buffer = .allocate(capacity: capacity + 1 + scanPadding)
    buffer.initialize(repeating: 0, count: capacity + 1 + scanPadding)
    ownsBuffer = true
    offsets = .allocate(capacity: Self.headerFieldCountMax)
    fieldCount = Self.headerFieldCountMax
    try readHeader()
  }

  /// Reads a table on from a row, wherever its bytes come from.
  init(
    _ table: MIMICTable, path: String, columns: [String], layout: Layout,
    source: @escaping (UnsafeMutableRawBufferPointer) throws(GzipError) -> Int
  ) {
    self.table = table
    self.columns = columns
    requiredCount = columns.count
    self.path = path
    self.source = source
    buffer = .allocate(capacity: capacity + 1 + scanPadding)
    buffer.initialize(repeating: 0, count: capacity + 1 + scanPadding)
    ownsBuffer = true
    offsets = .allocate(capacity: layout.fieldCount)
    fieldCount = layout.fieldCount
    places = layout.places
  }

  /// Reads the rows of a part of a table that begins at a row, or with `layout` nil at the header.
  ///
  /// - Parameters:
  ///   - block: stays the caller's, and must outlive this reader. The byte behind `count` is overwritten, and
  ///     `scanPadding` more must be readable.
  ///   - isFinal: whether the file ends with the block.
  init(
    _ table: MIMICTable, path: String, columns: [String], block: UnsafeMutablePointer<UInt8>, count: Int,
    isFinal: Bool, layout: Layout?
  ) throws(CohortError) {
    self.table = table
    self.columns = columns
    requiredCount = columns.count
    self.path = path
    source = nil
    ownsBuffer = false
    buffer = block
    capacity = count
    filled = count
    isAtEnd = isFinal
    buffer[filled] = UInt8(ascii: "\n")
    if let layout {
      offsets = .allocate(capacity: layout.fieldCount)
      fieldCount = layout.fieldCount
      places = layout.places
    } else {
      offsets = .allocate(capacity: Self.headerFieldCountMax)
      fieldCount = Self.headerFieldCountMax
      try readHeader()
    }
  }

  deinit {
    if ownsBuffer { buffer.deallocate() }
    offsets.deallocate()
  }

  /// Goes to the next row; false at the end of the table. Blank lines are skipped.
  ///
  /// - Throws: `raggedRow`, `quoteBroken`, `rowTooLong`, `tableDamaged`, `tableUnreadable`.
  package func next() throws(CohortError) -> Bool {
    while let found = try nextRecord() {
      if found == fieldCount {
        rowCount += 1
        return true
      }
      // A line with nothing on it is one empty field.
      if found == 1, isBlankRecord { continue }
      throw CohortError(
        .raggedRow, path: path, line: line, expected: "\(fieldCount) fields, as in the header", found: "\(found)",
        advice: "look for an unquoted comma or a cut line there")
    }
    return false
  }

  /// The bytes of a field of the row at hand without blanks at its edges, empty for NULL. Valid until `next`.
  @inline(__always)
  func bytes(_ column: Int) -> FieldBytes {
    let place = places[column]
    if place < 0 { return FieldBytes(start: nil, count: 0) }
    let field = offsets[place]
    var start = Int(field.start)
    var end = Int(field.end)
    while start < end, FieldParsing.isBlank(buffer[start]) { start += 1 }
    while end > start, FieldParsing.isBlank(buffer[end - 1]) { end -= 1 }
    return FieldBytes(start: buffer + start, count: end - start)
  }

  func hasDoubledQuotes(_ column: Int) -> Bool { places[column] >= 0 && offsets[places[column]].hasDoubledQuotes }

  private var isBlankRecord: Bool {
    (Int(offsets[0].start)..<Int(offsets[0].end)).allSatisfy { FieldParsing.isBlank(buffer[$0]) }
  }
}

extension TableReader {
  private func readHeader() throws(CohortError) {
    let isThere: Bool
    if filled > 0 { isThere = true } else { isThere = try fill() }
    if isThere, filled >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { position = 3 }
    guard let count = try nextRecord(), !(count == 1 && isBlankRecord) else {
      throw CohortError(
        .tableEmpty, path: path, expected: "a header line and rows", found: "no header",
        advice: "copy the table again, as PhysioNet ships it")
    }
    guard count <= Self.headerFieldCountMax else {
      throw CohortError(
        .raggedRow, path: path, line: line, expected: "at most \(Self.headerFieldCountMax) columns",
        found: "\(count)", advice: "check that this file is the table \(table.rawValue)")
    }
    fieldCount = count
    let names = (0..<count).map { place in
      let field = offsets[place]
      let raw = FieldBytes(start: buffer + Int(field.start), count: Int(field.end - field.start))
      return String(decoding: raw.filter { !FieldParsing.isBlank($0) }, as: UTF8.self).uppercased()
    }
    for (index, column) in columns.enumerated() {
      guard let place = names.firstIndex(of: column) else {
        if index < requiredCount { throw missingColumn(column, names) }
        places.append(-1)
        continue
      }
      places.append(place)
    }
  }

  private func missingColumn(_ column: String, _ names: [String]) -> CohortError {
    let nearest = nearestName(to: column, among: names).map { "the nearest is \($0)" } ?? "nothing like it"
    let shown = names.prefix(40).map { $0.prefix(40) }.joined(separator: ", ")
    return CohortError(
      .columnMissing, path: path, line: line, column: column, expected: "\(column) in the header",
      found: "\(nearest); the header has \(shown)", advice: "use the table as PhysioNet ships it")
  }

  /// Reads the next record; returns its count of fields, nil at the end of the file.
  private func nextRecord() throws(CohortError) -> Int? {
    while true {
      if position < filled {
        line = nextLine
        let scan = scanRecord(
          UnsafePointer(buffer), from: position, end: filled, isFinal: isAtEnd, into: offsets, capacity: fieldCount)
        switch scan {
        case .record(let count, let next, let lineCount):
          position = next
          nextLine += lineCount
          return count
        case .brokenQuote:
          throw CohortError(
            .quoteBroken, path: path, line: line,
            expected: "a comma or a line end behind a closing quote, and each quote closed", found: "something else",
            advice: "quotes inside a field must be doubled")
        case .incomplete: break
        }
      } else if isAtEnd {
        return nil
      }
      guard try fill() || position < filled else { return nil }
    }
  }

  /// Moves what is left of the buffer to its front and reads more behind it; false if the file gave nothing.
  private func fill() throws(CohortError) -> Bool {
    guard !isAtEnd else { return false }
    guard let source else {
      endedInsideRecord = position < filled
      position = filled
      return false
    }
    let rest = filled - position
    if rest == capacity { try grow() }
    if position > 0 { buffer.update(from: buffer + position, count: rest) }
    position = 0
    filled = rest
    let free = UnsafeMutableRawBufferPointer(start: buffer + rest, count: capacity - rest)
    do throws(GzipError) {
      let count = try source(free)
      filled += count
      isAtEnd = count == 0
    } catch {
      throw .unreadable(error, line: nextLine)
    }
    buffer[filled] = UInt8(ascii: "\n")
    return !isAtEnd
  }

  private func grow() throws(CohortError) {
    guard capacity < Self.rowByteCountMax else {
      throw CohortError(
        .rowTooLong, path: path, line: nextLine, expected: "rows under \(Self.rowByteCountMax >> 20) MiB",
        found: "a longer one", advice: "look for a quote there that is never closed")
    }
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2 + 1 + scanPadding)
    larger.initialize(repeating: 0, count: capacity * 2 + 1 + scanPadding)
    larger.update(from: buffer, count: filled)
    buffer.deallocate()
    buffer = larger
    capacity *= 2
  }
}
