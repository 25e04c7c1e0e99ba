// SPDX-License-Identifier: Apache-2.0

/// Workers that could not be started, found or ended.
package struct LaunchError: Error, Sendable, CustomStringConvertible {
  package enum Code: String, Sendable {
    /// A program or a file that is not there.
    case missing
    /// What was asked for cannot be said to the scheduler.
    case badOrder
    /// A worker that nobody knows.
    case unknown
    /// The scheduler, the host or the disk said no.
    case failed
  }

  package let code: Code
  package let what: String
  package let detail: String
  package var description: String { "\(what): \(detail)" }

  package init(_ code: Code = .missing, what: String, detail: String) {
    self.code = code
    self.what = what
    self.detail = detail
  }
}
