// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A flock(2) for as long as this lives. The kernel gives it up when the process ends, however it ends.
package final class FileLock: Sendable {
  package enum Kind: Sendable { case shared, exclusive }

  private let descriptor: Int32

  /// `nil` when another has it. The file stays: to remove it would let two hold "the" lock.
  package init?(path: String, _ kind: Kind) throws(ContentError) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
    guard descriptor >= 0 else { throw ContentError.last(path, "opened") }
    while flock(descriptor, (kind == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
      let number = errno
      if number == EINTR { continue }
      close(descriptor)
      if number == EWOULDBLOCK { return nil }
      throw ContentError(path: path, step: "locked", number: number)
    }
  }

  deinit { close(descriptor) }
}
