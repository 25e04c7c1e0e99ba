// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Gzip

/// All tables being written, each with its header and its count of rows; ROW_ID is filled in here.
final class TableSet {
  private struct Table {
    let writer: GzipWriter
    var buffer: [UInt8]
    var rowCount: Int64 = 0
  }

  private var tables: [MIMICTable: Table] = [:]
  private static let bufferBytes = 1 << 16

  init(directory: String, isCompressed: Bool) throws(SynthesisError) {
    for table in MIMICTable.allCases {
      let path = "\(directory)/\(table.rawValue).csv" + (isCompressed ? ".gz" : "")
      do {
        var buffer: [UInt8] = []
        buffer.reserveCapacity(Self.bufferBytes + 4_096)
        buffer += Array(table.columns.map { "\"\($0)\"" }.joined(separator: ",").utf8) + [UInt8(ascii: "\n")]
        tables[table] = Table(writer: try GzipWriter(path: path, isCompressed: isCompressed), buffer: buffer)
      } catch {
        throw SynthesisError(what: path, detail: "\(error)")
      }
    }
  }

  /// - Parameter fields: of all columns but ROW_ID, in the table's order.
  func append(_ table: MIMICTable, _ fields: [Field]) throws(SynthesisError) {
    // Taken out while it grows: a dictionary's value mutated in place would be copied.
    guard var entry = tables.removeValue(forKey: table) else { return }
    precondition(fields.count == table.columns.count - 1, "\(table.rawValue) has \(table.columns.count) columns")
    entry.rowCount += 1
    Field.integer(Int(entry.rowCount)).append(to: &entry.buffer)
    for field in fields {
      entry.buffer.append(UInt8(ascii: ","))
      field.append(to: &entry.buffer)
    }
    entry.buffer.append(UInt8(ascii: "\n"))
    defer { tables[table] = entry }
    if entry.buffer.count >= Self.bufferBytes { try flush(&entry) }
  }

  func close() throws(SynthesisError) -> SynthesisSummary {
    var counts: [(String, Int64)] = []
    for table in MIMICTable.allCases {
      guard var entry = tables[table] else { continue }
      try flush(&entry)
      do { try entry.writer.close() } catch { throw SynthesisError(what: entry.writer.path, detail: "\(error)") }
      counts.append((table.rawValue, entry.rowCount))
    }
    return SynthesisSummary(rowCounts: counts.map { (table: $0.0, count: $0.1) })
  }

  private func flush(_ entry: inout Table) throws(SynthesisError) {
    do {
      try entry.writer.write(entry.buffer.span.withUnsafeBytes { UnsafeRawBufferPointer($0) })
    } catch {
      throw SynthesisError(what: entry.writer.path, detail: "\(error)")
    }
    entry.buffer.removeAll(keepingCapacity: true)
  }
}
