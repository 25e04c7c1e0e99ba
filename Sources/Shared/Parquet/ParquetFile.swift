// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A Parquet file of flat columns, read a row group and a column at a time: memory holds what is asked for.
///
/// Reads what pandas, pyarrow, Polars and DuckDB write by default: plain and dictionary pages of both versions, packed
/// differences of integers, snappy, gzip and zstd. Checksums of pages are not looked at; all lengths are.
///
/// - Source: https://parquet.apache.org/docs/file-format/
package final class ParquetFile {
  package let path: String
  private let descriptor: Int32
  private let byteCount: Int
  private let metadata: FileMetadata

  private static let footerByteCountMax = 1 << 28

  /// - Throws: `fileMissing`, `notParquet`, `damaged`.
  package init(path: String) throws(ParquetError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw ParquetError(
        .fileMissing, path: path, expected: "a readable file", found: String(cString: strerror(errno)),
        advice: "check the path and its permissions")
    }
    let size = lseek(descriptor, 0, SEEK_END)
    byteCount = Int(size)
    do throws(ParquetError) {
      metadata = try Self.readFooter(descriptor, byteCount: byteCount, path: path)
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  package var rowGroupCount: Int { metadata.rowGroups.count }
  package var columnNames: [String] { metadata.columns.map(\.name) }
  package func rowCount(ofGroup group: Int) -> Int { metadata.rowGroups[group].rowCount }

  /// - Returns: nil where the file has no such column.
  /// - Throws: `damaged`, `unsupported`, `columnType` for a type that is neither number, time nor text.
  package func read(_ name: String, group: Int) throws(ParquetError) -> ParquetColumn? {
    guard let place = metadata.columns.firstIndex(where: { $0.name == name }) else { return nil }
    let column = metadata.columns[place]
    guard ![.int96, .fixedBytes].contains(column.type) else {
      throw ParquetError(
        .columnType, path: path, column: name, expected: "numbers, times or texts", found: "\(column.type)",
        advice: "write the column as one of those")
    }
    let chunk = metadata.rowGroups[group].chunks[place]
    let codec = Codec(rawValue: chunk.codec)
    guard let codec, codec != .zstandard || Zstandard.isThere else {
      let name = Codec.names.indices.contains(chunk.codec) ? Codec.names[chunk.codec] : "number \(chunk.codec)"
      throw ParquetError(
        .unsupported, path: path, column: column.name,
        expected: codec == nil ? "no packing, or snappy, gzip or zstd" : "libzstd.so.1 on this machine",
        found: codec == nil ? name : "none", advice: "write the file again with compression snappy")
    }
    guard chunk.offset >= 0, chunk.byteCount <= byteCount, chunk.offset <= byteCount - chunk.byteCount else {
      throw damaged("column chunks within the file", "one behind its end", name)
    }
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk.byteCount, alignment: 8)
    defer { bytes.deallocate() }
    guard Self.readAll(descriptor, bytes, at: chunk.offset) else {
      throw damaged("\(chunk.byteCount) bytes of the column", "fewer", name)
    }
    var decoder = ChunkDecoder(column, codec: codec, rowCount: metadata.rowGroups[group].rowCount)
    do throws(MalformedBytes) {
      return try decoder.decode(UnsafeRawBufferPointer(bytes))
    } catch {
      throw damaged(error.expected, error.found, name)
    }
  }

  private func damaged(_ expected: String, _ found: String, _ column: String) -> ParquetError {
    ParquetError(
      .damaged, path: path, column: column, expected: expected, found: found, advice: "copy or write the file again")
  }

  private static func readFooter(
    _ descriptor: Int32, byteCount: Int, path: String
  ) throws(ParquetError) -> FileMetadata {
    func refused(_ code: ParquetError.Code, _ expected: String, _ found: String) -> ParquetError {
      ParquetError(code, path: path, expected: expected, found: found, advice: "copy or write the file again")
    }
    let magic = Array("PAR1".utf8)
    let ends = UnsafeMutableRawBufferPointer.allocate(byteCount: 12, alignment: 8)
    defer { ends.deallocate() }
    guard byteCount >= 12, readAll(descriptor, .init(rebasing: ends[0..<4]), at: 0), ends[0..<4].elementsEqual(magic)
    else { throw refused(.notParquet, "a file that begins with PAR1", "another") }
    guard readAll(descriptor, .init(rebasing: ends[4..<12]), at: byteCount - 8), ends[8..<12].elementsEqual(magic)
    else { throw refused(.damaged, "PAR1 at the end of the file", "other bytes: it was cut, or is still written") }
    let length = Int(UInt32(littleEndian: ends.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
    guard length <= byteCount - 12, length < footerByteCountMax else {
      throw refused(.damaged, "a footer within the file", "one of \(length) bytes")
    }
    let footer = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 8)
    defer { footer.deallocate() }
    guard readAll(descriptor, footer, at: byteCount - 8 - length) else {
      throw refused(.damaged, "a footer of \(length) bytes", "fewer")
    }
    do throws(MalformedBytes) {
      var cursor = ByteCursor(UnsafeRawBufferPointer(footer))
      return try FileMetadata(try ThriftValue.structure(&cursor))
    } catch {
      throw refused(.damaged, error.expected, error.found)
    }
  }

  private static func readAll(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Bool {
    var done = 0
    while done < buffer.count {
      let count = pread(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }
}
