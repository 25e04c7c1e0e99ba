// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Gzip

/// All tables being written, each with its header and its count of rows; ROW_ID is filled in here.
final class TableSet {
  private let files: [TableFile]
  private(set) var byteCount = 0

  init(directory: String, isCompressed: Bool) throws(SynthesisError) {
    files = try MIMICTable.allCases.map { table throws(SynthesisError) in
      try TableFile(table, directory: directory, isCompressed: isCompressed)
    }
  }

  /// Writes the buffers' rows in their order, the tables side by side on all cores.
  func write(_ buffers: [FilledBuffer]) throws(SynthesisError) {
    let files = files
    let results = concurrentMap(count: files.count) { index in
      Result<Int, SynthesisError> { () throws(SynthesisError) in
        var count = 0
        for buffer in buffers { count += try files[index].append(buffer.bytes[index]) }
        return count
      }
    }
    for result in results { byteCount += try result.get() }
  }

  func close() throws(SynthesisError) -> SynthesisSummary {
    let files = files
    let results = concurrentMap(count: files.count) { index in
      Result<Int64, SynthesisError> { () throws(SynthesisError) in try files[index].close() }
    }
    var counts: [(table: String, count: Int64)] = []
    for (table, result) in zip(MIMICTable.allCases, results) { counts.append((table.rawValue, try result.get())) }
    return SynthesisSummary(rowCounts: counts)
  }
}

/// The rows of a few patients, done.
struct FilledBuffer: Sendable {
  let bytes: [[UInt8]]
}

/// `@unchecked`: `TableSet` gives each file to one thread at a time.
private final class TableFile: @unchecked Sendable {
  private let writer: GzipWriter
  private var buffer: [UInt8] = []
  private var rowCount: Int64 = 0
  /// The next ROW_ID in decimal digits and a comma, counted up in place.
  private var rowID: [UInt8] = [UInt8(ascii: "1"), UInt8(ascii: ",")]

  private static let bufferByteCount = 1 << 18

  init(_ table: MIMICTable, directory: String, isCompressed: Bool) throws(SynthesisError) {
    let path = "\(directory)/\(table.rawValue).csv" + (isCompressed ? ".gz" : "")
    do {
      writer = try GzipWriter(path: path, isCompressed: isCompressed)
    } catch {
      throw SynthesisError(what: path, detail: "\(error)")
    }
    buffer += Array(table.columns.map { "\"\($0)\"" }.joined(separator: ",").utf8) + [UInt8(ascii: "\n")]
  }

  /// - Returns: how many bytes the rows take with their ROW_ID.
  func append(_ rows: [UInt8]) throws(SynthesisError) -> Int {
    var added = 0
    var start = 0
    while start < rows.count {
      let from = start
      added += filled(from: rows, &start) + start - from
      if buffer.count >= Self.bufferByteCount { try flush() }
    }
    return added
  }

  /// Moves lines into the buffer until it is full.
  ///
  /// - Returns: how many bytes of ROW_ID came in front of them.
  private func filled(from rows: [UInt8], _ start: inout Int) -> Int {
    // Locals: each access to a property of a class is checked.
    var (output, identifier, lineCount, added) = (buffer, rowID, Int64(0), 0)
    buffer = []
    while start < rows.count, output.count < Self.bufferByteCount {
      let end = lineEnd(rows, from: start)
      output += identifier
      rows.withUnsafeBufferPointer { output.append(contentsOf: UnsafeBufferPointer(rebasing: $0[start..<end])) }
      added += identifier.count
      lineCount += 1
      Self.countUp(&identifier)
      start = end
    }
    buffer = output
    rowID = identifier
    rowCount += lineCount
    return added
  }

  private func lineEnd(_ rows: [UInt8], from start: Int) -> Int {
    rows.withUnsafeBufferPointer { bytes in
      var place = start
      while bytes[place] != UInt8(ascii: "\n") { place += 1 }
      return place + 1
    }
  }

  private static func countUp(_ rowID: inout [UInt8]) {
    var place = rowID.count - 2
    while place >= 0, rowID[place] == UInt8(ascii: "9") {
      rowID[place] = UInt8(ascii: "0")
      place -= 1
    }
    if place < 0 { rowID.insert(UInt8(ascii: "1"), at: 0) } else { rowID[place] += 1 }
  }

  func close() throws(SynthesisError) -> Int64 {
    try flush()
    do { try writer.close() } catch { throw SynthesisError(what: writer.path, detail: "\(error)") }
    return rowCount
  }

  private func flush() throws(SynthesisError) {
    let failure = buffer.withUnsafeBytes { bytes -> GzipError? in
      do throws(GzipError) {
        try writer.write(bytes)
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw SynthesisError(what: writer.path, detail: "\(failure)") }
    buffer.removeAll(keepingCapacity: true)
  }
}
