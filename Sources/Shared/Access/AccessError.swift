// SPDX-License-Identifier: Apache-2.0

/// A key file or an allow-list that cannot be used. Names files, lines, names and public keys; never a secret.
package struct AccessError: Error, Sendable, CustomStringConvertible {
  package enum Code: String, Sendable {
    case missing = "missing"
    case loose = "readable by others"
    case malformed = "malformed"
    case exists = "exists already"
    case unknownName = "no such key"
    case badName = "bad name"
    case badExpiry = "bad expiry"
    case failed = "failed"
  }

  package let code: Code
  /// A path, `path:line`, or a key's name.
  package let subject: String
  package let detail: String

  package init(_ code: Code, _ subject: String, _ detail: String) {
    self.code = code
    self.subject = subject
    self.detail = detail
  }

  package var description: String { "\(subject): \(code.rawValue): \(detail)" }
}
