// SPDX-License-Identifier: Apache-2.0

/// A file that could not be fetched, or is not what its list promised.
package struct DownloadError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, Hashable, Sendable {
    case unreachable
    case refused
    case wrongDigest = "wrong digest"
    case badList = "bad list"
    case disk
  }

  package let code: Code
  package let what: String
  package let detail: String
  package var description: String { "\(what): \(code.rawValue): \(detail)" }
}
