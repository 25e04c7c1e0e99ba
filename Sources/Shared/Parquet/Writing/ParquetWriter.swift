// SPDX-License-Identifier: Apache-2.0

import Gzip

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A Parquet file of flat columns, written a row group at a time: integers, reals and texts, each of which may be missing.
///
/// Version 1 pages, texts in a dictionary, everything packed with gzip: what every reader of the format reads. A file is there
/// whole once `close` has returned; before that it has no footer, and no reader takes it.
///
/// - Source: https://parquet.apache.org/docs/file-format/ and parquet.thrift of apache/parquet-format
package final class ParquetWriter {
  package enum ColumnType: Sendable { case integer, real, text }

  package struct Column: Sendable {
    package let name: String
    package let type: ColumnType

    package init(name: String, type: ColumnType) { (self.name, self.type) = (name, type) }
  }

  package enum Value: Hashable, Sendable {
    case missing
    case integer(Int64)
    case real(Double)
    case text(String)
  }

  private static let rowsMax = 122_880
  private static let bytesMax = 64 << 20

  private let path: String
  private let createdBy: String
  private let descriptor: Int32
  private var isClosed = false
  private var columns: [ColumnBuffer]
  private var offset = 0
  private var groups: [Group] = []

  private struct Chunk {
    let column: Column
    let dictionaryOffset: Int?
    let dataOffset: Int
    let valueCount: Int
    let missingCount: Int
    let plainByteCount: Int
    let byteCount: Int
  }

  private struct Group {
    let rowCount: Int
    let chunks: [Chunk]
  }

  /// - Throws: `cannotWrite`, also where a file of that name exists.
  package init(path: String, columns: [Column], createdBy: String) throws(ParquetError) {
    self.path = path
    self.createdBy = createdBy
    self.columns = columns.map { ColumnBuffer($0) }
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure(path) }
    try write(Array("PAR1".utf8))
  }

  deinit { if !isClosed { Self.closeQuietly(descriptor) } }

  /// - Parameter row: a value a column.
  /// - Throws: `cannotWrite`; `columnType` for a value that is not of its column's type.
  package func append(_ row: [Value]) throws(ParquetError) {
    precondition(row.count == columns.count, "\(row.count) values for \(columns.count) columns")
    for (index, value) in row.enumerated() where !columns[index].append(value) {
      throw ParquetError(
        .columnType, path: path, column: columns[index].column.name, expected: "\(columns[index].column.type)",
        found: "another type", advice: "give the column a type that holds all its values")
    }
    guard let first = columns.first, first.rowCount > 0 else { return }
    let isFull = first.rowCount % 1_024 == 0 && columns.reduce(0) { $0 + $1.byteCount } > Self.bytesMax
    if first.rowCount >= Self.rowsMax || isFull { try endGroup() }
  }

  /// Flushed to the disk when it returns.
  package func close() throws(ParquetError) {
    guard !isClosed else { return }
    try endGroup()
    let footer = footer()
    try write(footer)
    try write(withUnsafeBytes(of: UInt32(footer.count).littleEndian) { Array($0) } + Array("PAR1".utf8))
    guard fsync(descriptor) == 0 else { throw Self.failure(path) }
    isClosed = true
    Self.closeQuietly(descriptor)
  }

  private func endGroup() throws(ParquetError) {
    guard let rowCount = columns.first?.rowCount, rowCount > 0 else { return }
    var chunks: [Chunk] = []
    for index in columns.indices {
      chunks.append(try writeChunk(columns[index], rowCount: rowCount))
      columns[index].removeAll()
    }
    groups.append(Group(rowCount: rowCount, chunks: chunks))
  }

  private func writeChunk(_ buffer: ColumnBuffer, rowCount: Int) throws(ParquetError) -> Chunk {
    let start = offset
    var (plain, dictionaryOffset) = (0, Int?.none)
    if let dictionary = buffer.dictionaryPage {
      dictionaryOffset = offset
      plain += try writePage(dictionary.bytes) { head in
        head.structure(7) {
          $0.int32(1, dictionary.count)
          $0.int32(2, Encoding.plain.rawValue)
        }
      }
    }
    let dataOffset = offset
    plain += try writePage(buffer.dataPage, isDictionary: false) { head in
      head.structure(5) {
        $0.int32(1, rowCount)
        $0.int32(2, (dictionaryOffset == nil ? Encoding.plain : .dictionary).rawValue)
        $0.int32(3, Encoding.runs.rawValue)
        $0.int32(4, Encoding.runs.rawValue)
      }
    }
    return Chunk(
      column: buffer.column, dictionaryOffset: dictionaryOffset, dataOffset: dataOffset, valueCount: rowCount,
      missingCount: buffer.missingCount, plainByteCount: plain, byteCount: offset - start)
  }

  private enum Encoding: Int { case plain = 0, runs = 3, dictionary = 8 }

  /// - Returns: bytes before they were packed, the page's head with them.
  private func writePage(
    _ content: [UInt8], isDictionary: Bool = true, _ kind: (inout ThriftWriter) -> Void
  ) throws(ParquetError) -> Int {
    guard let packed = content.withUnsafeBytes({ deflateWhole($0) }) else {
      throw ParquetError(
        .cannotWrite, path: path, expected: "memory to pack a page", found: "none", advice: "free memory")
    }
    var head = ThriftWriter()
    head.int32(1, isDictionary ? 2 : 0)
    head.int32(2, content.count)
    head.int32(3, packed.count)
    kind(&head)
    head.end()
    try write(head.bytes)
    try write(packed)
    return head.bytes.count + content.count
  }

  private func footer() -> [UInt8] {
    var file = ThriftWriter()
    file.int32(1, 1)
    file.structures(2, [nil] + columns.map { Optional($0.column) }) { element, column in
      guard let column else {
        element.text(4, "schema")
        return element.int32(5, columns.count)
      }
      element.int32(1, column.physicalType)
      element.int32(3, 1)
      element.text(4, column.name)
      guard column.type == .text else { return }
      element.int32(6, 0)
      element.structure(10) { logical in logical.structure(1) { _ in } }
    }
    file.int64(3, groups.reduce(0) { $0 + $1.rowCount })
    file.structures(4, groups) { entry, group in
      entry.structures(1, group.chunks) { Self.describe($1, in: &$0) }
      entry.int64(2, group.chunks.reduce(0) { $0 + $1.plainByteCount })
      entry.int64(3, group.rowCount)
    }
    file.text(6, createdBy)
    file.end()
    return file.bytes
  }

  private static func describe(_ chunk: Chunk, in entry: inout ThriftWriter) {
    entry.int64(2, chunk.dictionaryOffset ?? chunk.dataOffset)
    entry.structure(3) { data in
      data.int32(1, chunk.column.physicalType)
      let isPlain = chunk.dictionaryOffset == nil
      data.int32s(2, (isPlain ? [Encoding.plain, .runs] : [.plain, .runs, .dictionary]).map(\.rawValue))
      data.texts(3, [chunk.column.name])
      // GZIP of CompressionCodec.
      data.int32(4, 2)
      data.int64(5, chunk.valueCount)
      data.int64(6, chunk.plainByteCount)
      data.int64(7, chunk.byteCount)
      data.int64(9, chunk.dataOffset)
      if let offset = chunk.dictionaryOffset { data.int64(11, offset) }
      data.structure(12) { $0.int64(3, chunk.missingCount) }
    }
  }

  private func write(_ bytes: [UInt8]) throws(ParquetError) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Self.writeBytes(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure(path) }
      done += count
    }
    offset += bytes.count
  }

  private static func writeBytes(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, start, count)
    #else
      Musl.write(descriptor, start, count)
    #endif
  }

  private static func closeQuietly(_ descriptor: Int32) {
    #if canImport(Glibc)
      _ = Glibc.close(descriptor)
    #else
      _ = Musl.close(descriptor)
    #endif
  }

  private static func failure(_ path: String) -> ParquetError {
    ParquetError(
      .cannotWrite, path: path, expected: "to write it", found: String(cString: strerror(errno)),
      advice: "name a file that is not there, and check its disk")
  }
}

extension ParquetWriter.Column {
  /// INT64, DOUBLE or BYTE_ARRAY of parquet.thrift's Type.
  fileprivate var physicalType: Int {
    switch type {
    case .integer: 2
    case .real: 5
    case .text: 6
    }
  }
}
