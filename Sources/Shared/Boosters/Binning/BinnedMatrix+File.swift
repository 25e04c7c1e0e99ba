// SPDX-License-Identifier: Apache-2.0

/// A binned data set as bytes, made to be mapped: whoever maps the same file shares its pages, and nothing is read twice.
///
/// Little-endian: "MSTRBINS", version, rows, columns, checksum of the body, header length (each 8 bytes); for each column
/// its value bins, and its bounds or categories; FNV-1a of the header; zeros up to a multiple of 64; the body as
/// `BinnedMatrix` has it in memory.
extension BinnedMatrix {
  private static let magic = Array("MSTRBINS".utf8)
  private static let version: Int64 = 1

  /// Hands the bytes over in order, in few pieces, without a copy of the body.
  package func write(to sink: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    var writer = ByteWriter()
    for column in columns {
      writer.write(Int32(column.valueBinCount))
      writer.write(UInt8(column.categories == nil ? 0 : 1))
      if let categories = column.categories {
        for category in categories { writer.write(category) }
      } else {
        for bound in column.bounds { writer.write(bound) }
      }
    }
    var header = ByteWriter()
    header.write(bytes: Self.magic)
    header.write(Self.version)
    header.write(Int64(rowCount))
    header.write(Int64(columnCount))
    header.write(Self.checksum(storageBytes))
    header.write(Int64(48 + writer.bytes.count))
    header.write(bytes: writer.bytes)
    header.write(Fingerprint.of(header.bytes[...]))
    let padding = (64 - header.bytes.count % 64) % 64
    header.write(bytes: [UInt8](repeating: 0, count: padding))
    let bytes = header.bytes
    try bytes.withUnsafeBytes { try sink($0) }
    try sink(storageBytes)
  }

  /// - Parameters:
  ///   - bytes: what `write(to:)` gave, aligned to 64 bytes.
  ///   - owner: keeps `bytes` alive and unchanged as long as it lives itself.
  /// - Throws: `badBins` for bytes that are no whole binned data set of this version.
  /// - Complexity: O(bytes): the checksum is proved, then nothing is copied.
  package convenience init(mapping bytes: UnsafeRawBufferPointer, owner: AnyObject) throws(BoosterError) {
    func damaged(_ expected: String, _ found: String) -> BoosterError {
      BoosterError(.badBins, subject: "binned data set", expected: expected, found: found)
    }
    guard let base = bytes.baseAddress, bytes.count >= 56, Int(bitPattern: base) % 64 == 0,
      bytes.prefix(8).elementsEqual(Self.magic)
    else { throw damaged("to begin with MSTRBINS", "\(bytes.count) other bytes") }
    let headerCount = bytes.loadUnaligned(fromByteOffset: 40, as: Int64.self).littleEndian
    guard headerCount >= 48, headerCount <= Int64(bytes.count - 8) else {
      throw damaged("a whole header", "its end after the file's")
    }
    let header = Array(bytes[0..<(Int(headerCount) + 8)])
    var reader = ByteReader(header, range: 8..<header.count)
    let version: Int64 = try reader.integer()
    let rowCount: Int64 = try reader.integer()
    let columnCount: Int64 = try reader.integer()
    let checksum: UInt64 = try reader.integer()
    _ = try reader.integer(Int64.self)
    var tail = ByteReader(header, range: Int(headerCount)..<header.count)
    guard version == Self.version, try tail.integer(UInt64.self) == Fingerprint.of(header[..<Int(headerCount)]) else {
      throw damaged("version \(Self.version) and a matching header checksum", "version \(version) or another checksum")
    }
    guard rowCount >= 0, rowCount < 1 << 32, columnCount >= 0, columnCount <= Int64(header.count) else {
      throw damaged("counts of rows and columns", "\(rowCount) × \(columnCount)")
    }
    var columns: [ColumnBins] = []
    for _ in 0..<columnCount { columns.append(try reader.columnBins()) }
    let bodyStart = (header.count + 63) / 64 * 64
    let bodyCount = Self.storageByteCount(rowCount: Int(rowCount), columnCount: columns.count)
    guard bytes.count == bodyStart + bodyCount else {
      throw damaged("\(bodyStart + bodyCount) bytes", "\(bytes.count)")
    }
    let body = UnsafeRawBufferPointer(start: base + bodyStart, count: bodyCount)
    guard Self.checksum(body) == checksum else { throw damaged("a matching body checksum", "another") }
    self.init(
      rowCount: Int(rowCount), columns: columns, storage: UnsafeMutableRawPointer(mutating: base + bodyStart),
      owner: owner)
  }

  /// Four streams of multiply and xor over 64-bit words; the body is a multiple of 64 bytes.
  private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var lanes = SIMD4<UInt64>(1, 2, 3, 4)
    for offset in stride(from: 0, to: bytes.count / 32 * 32, by: 32) {
      lanes = (lanes ^ bytes.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)) &* 0x9E37_79B9_7F4A_7C15
      lanes ^= lanes &>> 29
    }
    var fingerprint = Fingerprint()
    for lane in 0..<4 { fingerprint.add(lanes[lane]) }
    return fingerprint.value
  }
}

extension ByteReader {
  fileprivate mutating func columnBins() throws(BoosterError) -> ColumnBins {
    let valueBinCount = Int(try integer(Int32.self))
    guard (0...255).contains(valueBinCount) else { throw Self.damaged("0 to 255 bins", "\(valueBinCount)") }
    guard try integer(UInt8.self) == 0 else {
      var categories: [Int32] = []
      for _ in 0..<valueBinCount {
        let category: Int32 = try integer()
        guard category >= 0, category < ColumnBins.categoryCountMax else {
          throw Self.damaged("a category", "another number")
        }
        categories.append(category)
      }
      return ColumnBins(bounds: [], valueBinCount: valueBinCount, categories: categories)
    }
    var bounds: [Float] = []
    for _ in 0..<max(valueBinCount - 1, 0) { bounds.append(try float()) }
    return ColumnBins(bounds: bounds, valueBinCount: valueBinCount)
  }
}
