// SPDX-License-Identifier: Apache-2.0

import CZlib

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Reads a gzip file, or a plain one as it is; which of the two is decided by its first two bytes, not by its name.
///
/// Every member's CRC-32 and length are checked. zlib's own `gzread` is not used: it ends quietly where a damaged later
/// member begins, and takes the first byte of a cut file for a plain file.
///
/// - Source: RFC 1952 (members, 2.2; magic bytes, 2.3.1).
package final class GzipReader {
  package let path: String
  private let descriptor: Int32
  /// zlib keeps the address of its stream, so the stream may not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutableRawBufferPointer
  private var inputStart = 0
  private var inputEnd = 0
  private var state = State.start
  private var isStreamReady = false

  private enum State {
    case start
    case plain
    case insideMember
    case betweenMembers
    case ended
    case failed(GzipError)
  }

  /// Of the file, compressed or not.
  package let fileByteCount: Int
  /// How much of the file has been used: for progress.
  package private(set) var usedByteCount = 0

  private static let inputByteCount = 1 << 18
  private static let magic: (UInt8, UInt8) = (0x1f, 0x8b)

  /// - Throws: `notFound`, `notAFile` (a directory), `cannotOpen`.
  package init(path: String) throws(GzipError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(.cannotOpen, path, errno) }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      closeQuietly(descriptor)
      throw GzipError(
        code: .notAFile, path: path, detail: "this is a directory; give the path of a .csv or .csv.gz file")
    }
    self.path = path
    self.descriptor = descriptor
    fileByteCount = Int(status.st_size)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    input = .allocate(byteCount: Self.inputByteCount, alignment: 16)
  }

  deinit {
    if isStreamReady { inflateEnd(stream) }
    stream.deinitialize(count: 1)
    stream.deallocate()
    input.deallocate()
    closeQuietly(descriptor)
  }

  /// Fills `buffer` from its start and returns the count of bytes put there; 0 only at the end of the file (or for an
  /// empty buffer). After an error every later call throws the same one.
  ///
  /// - Throws: `cannotRead`, `truncated` (the file ends inside a member), `corrupt` (bad data, checksum or length, or
  ///   bytes behind a member that are neither another member nor zero padding), `outOfMemory`.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(GzipError) -> Int {
    var written = 0
    do throws(GzipError) {
      while written < buffer.count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[written...])
        switch state {
        case .failed(let error): throw error
        case .ended: return written
        case .start: try begin()
        case .betweenMembers: try beginNextMember()
        case .insideMember: written += try inflateSome(into: rest)
        case .plain:
          let count = try readPlain(into: rest)
          if count == 0 { state = .ended }
          written += count
        }
      }
    } catch {
      state = .failed(error)
      throw error
    }
    return written
  }
}

extension GzipReader {
  private func begin() throws(GzipError) {
    try fill(atLeast: 2)
    let count = inputEnd - inputStart
    if count >= 2, input[inputStart] == Self.magic.0, input[inputStart + 1] == Self.magic.1 { return try beginMember() }
    // What is left of a gzip file cut before its second byte; only the name still tells that it was one.
    if path.hasSuffix(".gz"), count == 0 || (count == 1 && input[inputStart] == Self.magic.0) {
      throw truncated()
    }
    state = .plain
  }

  private func beginNextMember() throws(GzipError) {
    try fill(atLeast: 2)
    if inputEnd == inputStart { return state = .ended }
    if inputEnd - inputStart >= 2, input[inputStart] == Self.magic.0, input[inputStart + 1] == Self.magic.1 {
      return try beginMember()
    }
    // Tapes and block devices pad with zeros; anything else would be data lost without a word.
    while inputEnd > inputStart {
      guard input[inputStart..<inputEnd].allSatisfy({ $0 == 0 }) else {
        let isCut = inputEnd - inputStart == 1 && input[inputStart] == Self.magic.0
        if isCut { throw truncated() }
        throw GzipError(
          code: .corrupt, path: path,
          detail: "bytes that are no gzip member follow the last good one; fetch the file again")
      }
      inputStart = inputEnd
      try fill(atLeast: 1)
    }
    state = .ended
  }

  private func beginMember() throws(GzipError) {
    // 31 = a window of 2^15 with a gzip header (zlib.h, inflateInit2).
    let code =
      isStreamReady
      ? inflateReset(stream) : inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw zlibError(code) }
    isStreamReady = true
    state = .insideMember
  }

  private func inflateSome(into buffer: UnsafeMutableRawBufferPointer) throws(GzipError) -> Int {
    try fill(atLeast: 1)
    guard inputEnd > inputStart else { throw truncated() }
    let capacity = min(buffer.count, Int(UInt32.max))
    stream.pointee.next_in = input.baseAddress.map { ($0 + inputStart).assumingMemoryBound(to: UInt8.self) }
    stream.pointee.avail_in = UInt32(inputEnd - inputStart)
    stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(capacity)
    let code = inflate(stream, Z_NO_FLUSH)
    inputStart = inputEnd - Int(stream.pointee.avail_in)
    switch code {
    case Z_OK: break
    case Z_STREAM_END: state = .betweenMembers
    default: throw zlibError(code)
    }
    return capacity - Int(stream.pointee.avail_out)
  }

  private func readPlain(into buffer: UnsafeMutableRawBufferPointer) throws(GzipError) -> Int {
    let held = min(inputEnd - inputStart, buffer.count)
    if held > 0 {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[inputStart..<(inputStart + held)]))
      inputStart += held
      return held
    }
    let count = try readSome(descriptor, into: buffer, path: path)
    usedByteCount += count
    return count
  }

  /// Goes to a place in a plain file without reading what lies before it, or reads on to it in a compressed one.
  ///
  /// - Returns: whether the file is that long.
  package func skip(to byteCount: Int, using buffer: UnsafeMutableRawBufferPointer) throws(GzipError) -> Bool {
    if case .start = state { try begin() }
    if case .plain = state, lseek(descriptor, off_t(byteCount), SEEK_SET) == off_t(byteCount) {
      inputStart = inputEnd
      usedByteCount = byteCount
      return byteCount <= fileByteCount
    }
    var rest = byteCount
    while rest > 0 {
      let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(rest)))
      if count == 0 { return false }
      rest -= count
    }
    return true
  }

  /// Reads until `count` unread bytes lie in `input`, or the file ends.
  private func fill(atLeast count: Int) throws(GzipError) {
    guard inputEnd - inputStart < count else { return }
    input.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[inputStart..<inputEnd]))
    inputEnd -= inputStart
    inputStart = 0
    while inputEnd < count {
      let added = try readSome(
        descriptor, into: UnsafeMutableRawBufferPointer(rebasing: input[inputEnd...]), path: path)
      if added == 0 { return }
      inputEnd += added
      usedByteCount += added
    }
  }

  private func truncated() -> GzipError {
    GzipError(code: .truncated, path: path, detail: "the gzip data ends too early; fetch or copy the file again")
  }

  private func zlibError(_ code: Int32) -> GzipError {
    if code == Z_MEM_ERROR { return GzipError(code: .outOfMemory, path: path, detail: "zlib got no memory") }
    let message = stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(code)"
    return GzipError(code: .corrupt, path: path, detail: "\(message); fetch or copy the file again")
  }
}
