// SPDX-License-Identifier: Apache-2.0

/// Why a booster was not fitted. Names positions, never a value of the data.
package struct BoosterError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, Hashable, Sendable {
    /// `progress` answered false.
    case cancelled
    /// Counts that do not fit together, or no rows.
    case badShape
    /// A NaN or an infinity among the labels.
    case notFinite
    /// A label that the objective cannot take.
    case badLabel
    /// Training labels of one class only: the log-odds that growth starts from would be infinite.
    case oneClass
    /// A loss that does not go with the outcome.
    case badLoss
    /// More rows than the histograms' 32-bit sums can resolve.
    case tooLarge
    /// A file of another library that is no sound model.
    case badModel
    /// A sound model that cannot be served or written so that it predicts the same.
    case unsupportedModel
    /// Bytes that are no whole checkpoint of this version.
    case badCheckpoint
    /// Bytes that are no whole binned data set of this version.
    case badBins
    /// A checkpoint of a training on other data, or with other options or another seed.
    case foreignCheckpoint
  }

  package let code: Code
  /// What it concerns: "training labels, row 3".
  package let subject: String
  package let expected: String
  package let found: String

  package init(_ code: Code, subject: String, expected: String, found: String) {
    self.code = code
    self.subject = subject
    self.expected = expected
    self.found = found
  }

  package static let cancelled = BoosterError(
    .cancelled, subject: "booster fit", expected: "to go on", found: "a request to stop")

  package var description: String { "\(subject): \(code.rawValue): expected \(expected), found \(found)" }
}
