// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Gzip

/// A table of MIMIC-III being written; its file begins with its first row, and a table without rows has none.
final class TableWriter {
  let table: MIMICTable
  private(set) var rowCount = 0
  private let path: String
  private let places: [String: Int]
  private var file: GzipWriter?
  private var buffer: [UInt8] = []

  private static let bufferByteCount = 1 << 18

  init(_ table: MIMICTable, directory: String) {
    self.table = table
    path = "\(directory)/\(table.rawValue).csv"
    places = Dictionary(uniqueKeysWithValues: table.columns.enumerated().map { ($1, $0) })
  }

  /// - Parameter fields: by column; the others are NULL, and ROW_ID is counted here.
  func append(_ fields: KeyValuePairs<String, String?>) throws(InterchangeError) {
    if file == nil {
      do throws(GzipError) { file = try GzipWriter(path: path, isCompressed: false) } catch { throw refused(error) }
      buffer += Array(table.columns.joined(separator: ",").utf8) + [UInt8(ascii: "\n")]
    }
    rowCount += 1
    var row = [String?](repeating: nil, count: table.columns.count)
    row[0] = "\(rowCount)"
    for (column, value) in fields {
      guard let place = places[column] else { preconditionFailure("\(table.rawValue) has no column \(column)") }
      row[place] = value
    }
    for (place, value) in row.enumerated() {
      if place > 0 { buffer.append(UInt8(ascii: ",")) }
      if let value { append(value) }
    }
    buffer.append(UInt8(ascii: "\n"))
    if buffer.count >= Self.bufferByteCount { try flush() }
  }

  private func append(_ text: String) {
    let needsQuotes = text.utf8.contains { [UInt8(ascii: ","), UInt8(ascii: "\""), 10, 13].contains($0) }
    guard needsQuotes else {
      buffer.append(contentsOf: text.utf8)
      return
    }
    buffer.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") { buffer.append(byte) }
      buffer.append(byte)
    }
    buffer.append(UInt8(ascii: "\""))
  }

  func close() throws(InterchangeError) {
    guard let file else { return }
    try flush()
    do throws(GzipError) { try file.close() } catch { throw refused(error) }
  }

  private func flush() throws(InterchangeError) {
    let file = file
    let failure = buffer.withUnsafeBytes { bytes -> GzipError? in
      do throws(GzipError) {
        try file?.write(bytes)
        return nil
      } catch {
        return error
      }
    }
    buffer.removeAll(keepingCapacity: true)
    if let failure { throw refused(failure) }
  }

  private func refused(_ error: GzipError) -> InterchangeError {
    InterchangeError(
      .cannotWrite, path: path, expected: "to write the table", found: error.detail,
      advice: "free the disk or check the folder's permissions")
  }
}
