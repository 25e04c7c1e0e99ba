// SPDX-License-Identifier: Apache-2.0

/// Why a linear model was not fitted. Names positions, never a value of the data.
package struct LinearModelError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, Hashable, Sendable {
    /// `progress` answered false.
    case cancelled
    /// Counts that do not fit together, or no rows.
    case badShape
    /// A NaN or an infinity among the values or labels.
    case notFinite
    /// A label that the objective cannot take.
    case badLabel
    /// Labels of one class only: the unpenalised intercept would have no finite optimum.
    case oneClass
    /// The normal matrix of this many columns would not fit into memory.
    case tooLarge
  }

  package let code: Code
  /// What it concerns: "values, row 3, column 12".
  package let subject: String
  package let expected: String
  package let found: String

  package init(_ code: Code, subject: String, expected: String, found: String) {
    self.code = code
    self.subject = subject
    self.expected = expected
    self.found = found
  }

  package static let cancelled = LinearModelError(
    .cancelled, subject: "linear fit", expected: "to go on", found: "a request to stop")

  package var description: String { "\(subject): \(code.rawValue): expected \(expected), found \(found)" }
}
