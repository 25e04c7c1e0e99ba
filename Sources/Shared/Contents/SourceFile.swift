// SPDX-License-Identifier: Apache-2.0

import Crypto
package import Sweeps

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file whose bytes are handed out. Kept open: what its name stands for later is another matter. Used on one thread.
package final class SourceFile {
  package let byteCount: Int64
  private let path: String
  private let descriptor: Int32

  /// A regular file, never through a link.
  package init(path: String) throws(ContentError) {
    descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw ContentError.last(path, "opened") }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw ContentError(path: path, step: "opened as a file", number: EINVAL)
    }
    byteCount = Int64(status.st_size)
    self.path = path
  }

  deinit { close(descriptor) }

  package static func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Fewer than `length` bytes only at the end of the file.
  package func read(at offset: Int64, length: Int) throws(ContentError) -> [UInt8] {
    let wanted = Int(max(0, min(Int64(length), byteCount - offset)))
    var failure: ContentError?
    let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
      while count < wanted {
        let got = pread(descriptor, buffer.baseAddress! + count, wanted - count, off_t(offset) + off_t(count))
        if got < 0, errno == EINTR { continue }
        guard got > 0 else {
          failure = ContentError(path: path, step: "read", number: got == 0 ? EIO : errno)
          return
        }
        count += got
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// SHA-256 of all its bytes.
  package func digest() throws(ContentError) -> ContentDigest {
    var hash = SHA256()
    var offset: Int64 = 0
    while offset < byteCount {
      let bytes = try read(at: offset, length: 1 << 20)
      hash.update(data: bytes)
      offset += Int64(bytes.count)
    }
    return ContentDigest(bytes: hash.finalize())
  }
}
