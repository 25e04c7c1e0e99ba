// SPDX-License-Identifier: Apache-2.0

/// What goes back to the browser.
package struct PageAnswer: Sendable {
  package let status: Int
  package let contentType: String
  package let body: String

  package init(status: Int = 200, contentType: String = "text/html; charset=utf-8", body: String) {
    (self.status, self.contentType, self.body) = (status, contentType, body)
  }
}

/// A page that is not there, or was asked for in a way that makes no sense; its words are shown.
struct PageError: Error {
  let status: Int
  let message: String

  static func notFound(_ message: String) -> PageError { PageError(status: 404, message: message) }
  static func badRequest(_ message: String) -> PageError { PageError(status: 400, message: message) }
}
