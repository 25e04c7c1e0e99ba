// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file of a content that could not be made, written, read or named.
package struct ContentError: Error, Hashable, Sendable, CustomStringConvertible {
  package let path: String
  package let step: String
  package let number: Int32

  package init(path: String, step: String, number: Int32) {
    self.path = path
    self.step = step
    self.number = number
  }

  /// What `errno` says of the call that just failed.
  static func last(_ path: String, _ step: String) -> ContentError {
    ContentError(path: path, step: step, number: errno)
  }

  package var isFullDisk: Bool { number == ENOSPC || number == EDQUOT }

  package var description: String { "\(path): cannot be \(step): \(String(cString: strerror(number)))" }
}
