// SPDX-License-Identifier: Apache-2.0

/// Why a recurrent net was not fitted. Names positions, never a value of the data.
package struct RecurrentNetError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, Hashable, Sendable {
    /// `progress` answered false.
    case cancelled
    /// Counts that do not fit together, or no rows.
    case badShape
    /// A NaN or an infinity among the inputs, or a negative elapsed time.
    case badInput
    /// A label that the objective cannot take.
    case badLabel
    /// Labels of one class only: nothing to tell apart.
    case oneClass
    /// The working memory of a mini-batch would not fit.
    case tooLarge
    /// The loss or the gradient left the finite numbers.
    case diverged
    /// Bytes that are no checkpoint of this fit.
    case badCheckpoint
  }

  package let code: Code
  /// What it concerns: "train inputs, row 3, step 0, channel 12".
  package let subject: String
  package let expected: String
  package let found: String

  package init(_ code: Code, subject: String, expected: String, found: String) {
    self.code = code
    self.subject = subject
    self.expected = expected
    self.found = found
  }

  package static let cancelled = RecurrentNetError(
    .cancelled, subject: "LSTM fit", expected: "to go on", found: "a request to stop")

  package var description: String { "\(subject): \(code.rawValue): expected \(expected), found \(found)" }
}
