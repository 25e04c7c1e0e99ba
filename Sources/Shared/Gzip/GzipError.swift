// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that could not be opened, read, decompressed, written or renamed.
package struct GzipError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, Hashable, Sendable {
    case notFound = "no such file"
    case notAFile = "not a file"
    case cannotOpen = "cannot open"
    case cannotRead = "cannot read"
    case truncated = "truncated"
    case corrupt = "corrupt"
    case cannotWrite = "cannot write"
    case outOfMemory = "out of memory"
  }

  package let code: Code
  package let path: String
  package let detail: String

  package init(code: Code, path: String, detail: String) {
    self.code = code
    self.path = path
    self.detail = detail
  }

  package var description: String { "\(path): \(code.rawValue): \(detail)" }

  /// `number` is errno as it was right after the call that failed.
  static func system(_ code: Code, _ path: String, _ number: Int32) -> GzipError {
    var code = code
    if number == ENOENT { code = .notFound }
    if number == EISDIR { code = .notAFile }
    return GzipError(code: code, path: path, detail: String(cString: strerror(number)))
  }
}
