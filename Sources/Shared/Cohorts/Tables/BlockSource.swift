// SPDX-License-Identifier: Apache-2.0

import CSeparators
import Gzip

/// A part of a table that begins and ends at a row.
///
/// `@unchecked`: filled by one thread, then read by one thread; `TablePass` waits for all in between.
final class Block: @unchecked Sendable {
  fileprivate(set) var bytes: UnsafeMutablePointer<UInt8>
  fileprivate var capacity: Int
  fileprivate(set) var count = 0
  /// Whether the file ends here.
  fileprivate(set) var isFinal = false
  /// How much of the file, as it lies on the disk, had been used behind this block.
  fileprivate(set) var usedByteCount = 0

  init(capacity: Int) {
    self.capacity = capacity
    bytes = .allocate(capacity: capacity + 1 + scanPadding)
    // The padding is looked at, and its content ignored.
    bytes.initialize(repeating: 0, count: capacity + 1 + scanPadding)
  }

  deinit { bytes.deallocate() }

  fileprivate func grow() {
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2 + 1 + scanPadding)
    larger.initialize(repeating: 0, count: capacity * 2 + 1 + scanPadding)
    larger.update(from: bytes, count: count)
    bytes.deallocate()
    bytes = larger
    capacity *= 2
  }
}

/// Cuts a table into blocks at line ends outside quotes.
///
/// Where a line end lies outside quotes is told by the number of quotes before it. A lone quote inside an unquoted field
/// (RFC 4180 does not allow it, `TableReader` does) makes that wrong; the reader of the block then ends inside a record,
/// and `TablePass` reads the rest of the table row by row.
///
/// `@unchecked`: used by one thread at a time.
final class BlockSource: @unchecked Sendable {
  private let source: GzipReader
  private var carry: [UInt8] = []
  private(set) var isAtEnd = false

  /// No real row comes near; a quote that is never closed would otherwise swallow the rest of the file.
  private static let blockByteCountMax = 1 << 26

  init(path: String) throws(CohortError) {
    do throws(GzipError) { source = try GzipReader(path: path) } catch { throw .unreadable(error, line: nil) }
  }

  var fileByteCount: Int { source.fileByteCount }

  /// Goes to a row that begins `byteCount` bytes into the table as it reads when unpacked.
  func skip(to byteCount: Int) throws(CohortError) {
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { scratch.deallocate() }
    do throws(GzipError) {
      isAtEnd = try !source.skip(to: byteCount, using: scratch)
    } catch {
      throw .unreadable(error, line: nil)
    }
  }

  /// Fills the block with whole rows; false at the end of the file.
  func fill(_ block: Block) throws(CohortError) -> Bool {
    block.count = 0
    block.isFinal = false
    guard !isAtEnd else { return false }
    while block.capacity < carry.count { block.grow() }
    carry.withUnsafeBufferPointer { bytes in
      if let base = bytes.baseAddress { block.bytes.update(from: base, count: bytes.count) }
    }
    block.count = carry.count
    carry.removeAll(keepingCapacity: true)
    while true {
      let free = UnsafeMutableRawBufferPointer(start: block.bytes + block.count, count: block.capacity - block.count)
      let added: Int
      do throws(GzipError) { added = try source.read(into: free) } catch { throw .unreadable(error, line: nil) }
      block.count += added
      block.usedByteCount = source.usedByteCount
      // A read that does not fill the room ends the file.
      if added < free.count {
        isAtEnd = true
        block.isFinal = true
        return block.count > 0
      }
      if let cut = cut(block) {
        carry.append(contentsOf: UnsafeBufferPointer(start: block.bytes + cut, count: block.count - cut))
        block.count = cut
        return true
      }
      guard block.capacity < Self.blockByteCountMax else {
        throw CohortError(
          .rowTooLong, path: source.path, line: 1, expected: "rows under \(Self.blockByteCountMax >> 20) MiB",
          found: "a longer one", advice: "look for a quote there that is never closed")
      }
      block.grow()
    }
  }

  /// Behind the last line end with an even number of quotes before it.
  private func cut(_ block: Block) -> Int? {
    let bytes = block.bytes
    let newline = UInt8(ascii: "\n")
    let quote = UInt8(ascii: "\"")
    var place = block.count
    var isEven = cseparators_quotes(bytes, place).isMultiple(of: 2)
    while place > 0 {
      let byte = bytes[place - 1]
      if byte == newline, isEven { return place }
      if byte == quote { isEven.toggle() }
      place -= 1
    }
    return nil
  }

  /// The rest of the file as one stream: `blocks`, what was carried over, and what was not read yet.
  func rest(after blocks: [Block]) -> (UnsafeMutableRawBufferPointer) throws(GzipError) -> Int {
    var held = blocks.flatMap { UnsafeBufferPointer(start: $0.bytes, count: $0.count) } + carry
    var used = 0
    return { [source] buffer throws(GzipError) in
      guard used < held.count else {
        held = []
        used = 0
        return try source.read(into: buffer)
      }
      let count = min(buffer.count, held.count - used)
      held.withUnsafeBytes { bytes in
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[used..<(used + count)]))
      }
      used += count
      return count
    }
  }
}
