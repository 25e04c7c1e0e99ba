// SPDX-License-Identifier: Apache-2.0

import CZlib

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Writes a gzip file, or a plain one, that appears under its name only when complete: bytes go to a temporary file
/// beside it, `close` renames that, and a writer dropped before `close` removes it.
///
/// The header holds neither a name nor a time, so equal bytes in give equal bytes out. The file is not fsynced.
package final class GzipWriter {
  package let path: String
  private let temporaryPath: String
  /// nil once closed.
  private var descriptor: Int32?
  private let isCompressed: Bool
  /// zlib keeps the address of its stream, so the stream may not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private let output: UnsafeMutableRawBufferPointer
  private var outputCount = 0
  private var state = State.open

  private enum State {
    case open
    case closed
    case failed(GzipError)
  }

  private static let outputByteCount = 1 << 18

  /// `level` is zlib's, 1 (fast) to 9 (small).
  ///
  /// - Throws: `notFound` (no such folder), `cannotOpen`, `outOfMemory`.
  package init(path: String, level: Int = 1, isCompressed: Bool = true) throws(GzipError) {
    precondition((1...9).contains(level), "gzip level \(level) is outside 1...9")
    let temporaryPath = "\(path).partial-\(getpid())"
    let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system(.cannotOpen, path, errno) }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    if isCompressed {
      // 31 = a window of 2^15 with a gzip header; 8 = zlib's default memory level (zlib.h, deflateInit2).
      let code = deflateInit2_(
        stream, Int32(level), Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
      guard code == Z_OK else {
        stream.deallocate()
        closeQuietly(descriptor)
        unlink(temporaryPath)
        throw GzipError(code: .outOfMemory, path: path, detail: "zlib could not start (code \(code))")
      }
    }
    self.path = path
    self.temporaryPath = temporaryPath
    self.descriptor = descriptor
    self.isCompressed = isCompressed
    self.stream = stream
    output = .allocate(byteCount: Self.outputByteCount, alignment: 16)
  }

  deinit {
    if isCompressed { deflateEnd(stream) }
    stream.deinitialize(count: 1)
    stream.deallocate()
    output.deallocate()
    if case .closed = state { return }
    if let descriptor { closeQuietly(descriptor) }
    unlink(temporaryPath)
  }

  /// - Throws: `cannotWrite` (disk full, for one); every later call throws the same error.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(GzipError) {
    try whileOpen { () throws(GzipError) in
      if isCompressed {
        var start = 0
        while start < bytes.count {
          let end = min(bytes.count, start + Int(UInt32.max))
          try compress(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), flush: Z_NO_FLUSH)
          start = end
        }
      } else if bytes.count >= output.count {
        try flushOutput()
        try send(bytes)
      } else {
        if bytes.count > output.count - outputCount { try flushOutput() }
        UnsafeMutableRawBufferPointer(rebasing: output[outputCount...]).copyMemory(from: bytes)
        outputCount += bytes.count
      }
    }
  }

  /// Ends the file and gives it its name, over any file that bore it; a second call does nothing.
  ///
  /// - Throws: `cannotWrite`, or the error of an earlier `write`.
  package func close() throws(GzipError) {
    if case .closed = state { return }
    try whileOpen { () throws(GzipError) in
      if isCompressed { try compress(UnsafeRawBufferPointer(start: nil, count: 0), flush: Z_FINISH) }
      try flushOutput()
      if let descriptor = descriptor.take() { try closeReporting(descriptor, path: path) }
      guard rename(temporaryPath, path) == 0 else { throw .system(.cannotWrite, path, errno) }
      state = .closed
    }
  }
}

extension GzipWriter {
  private func whileOpen(_ body: () throws(GzipError) -> Void) throws(GzipError) {
    switch state {
    case .open: break
    case .closed: throw GzipError(code: .cannotWrite, path: path, detail: "the writer is closed already")
    case .failed(let error): throw error
    }
    do throws(GzipError) {
      try body()
    } catch {
      state = .failed(error)
      throw error
    }
  }

  private func compress(_ bytes: UnsafeRawBufferPointer, flush: Int32) throws(GzipError) {
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(bytes.count)
    while true {
      if outputCount == output.count { try flushOutput() }
      stream.pointee.next_out = output.baseAddress.map { ($0 + outputCount).assumingMemoryBound(to: UInt8.self) }
      stream.pointee.avail_out = UInt32(output.count - outputCount)
      let code = deflate(stream, flush)
      outputCount = output.count - Int(stream.pointee.avail_out)
      if code == Z_STREAM_END { return }
      guard code == Z_OK || code == Z_BUF_ERROR else {
        throw GzipError(code: .cannotWrite, path: path, detail: "zlib error \(code)")
      }
      if flush == Z_NO_FLUSH, stream.pointee.avail_in == 0 { return }
    }
  }

  private func flushOutput() throws(GzipError) {
    try send(UnsafeRawBufferPointer(rebasing: output[..<outputCount]))
    outputCount = 0
  }

  private func send(_ bytes: UnsafeRawBufferPointer) throws(GzipError) {
    guard let descriptor else { return }
    try writeAll(descriptor, bytes, path: path)
  }
}
