// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// `read(2)` until it is not interrupted; 0 at the end of the file.
func readSome(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, path: String) throws(GzipError) -> Int {
  while true {
    let count = read(descriptor, buffer.baseAddress, buffer.count)
    if count >= 0 { return count }
    guard errno == EINTR else { throw .system(.cannotRead, path, errno) }
  }
}

/// `write(2)` until every byte is taken.
func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, path: String) throws(GzipError) {
  var start = 0
  while start < bytes.count {
    let count = write(descriptor, bytes.baseAddress.map { $0 + start }, bytes.count - start)
    if count >= 0 {
      start += count
    } else if errno != EINTR {
      throw .system(.cannotWrite, path, errno)
    }
  }
}

func closeQuietly(_ descriptor: Int32) { _ = close(descriptor) }

/// Some file systems report a full disk only here. EINTR closes all the same on Linux.
func closeReporting(_ descriptor: Int32, path: String) throws(GzipError) {
  guard close(descriptor) == 0 || errno == EINTR else { throw .system(.cannotWrite, path, errno) }
}
