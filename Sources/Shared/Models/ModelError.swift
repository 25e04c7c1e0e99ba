// SPDX-License-Identifier: Apache-2.0

/// Why a model's file cannot be read, or not be used as was asked. Names files, tensors and columns, never a value of a row.
package struct ModelError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, CaseIterable, Hashable, Sendable {
    case fileMissing
    case unreadable
    /// A file of something else.
    case notAModel
    /// A file that ends before its contents do, or says so.
    case truncated
    /// A header, a tensor or a text that contradicts itself or its description.
    case damaged
    /// Written by a version that knows more, or did not yet write what is needed.
    case versionUnknown
    /// Another data set than one of the model's columns.
    case otherColumns
    /// What this learner has not.
    case unsupported
    /// Rows that the data set has not, or too few of them to be shown together.
    case badRows
  }

  package let code: Code
  /// The file it is about.
  package let path: String
  /// The part of it; empty where the path says it all.
  package let subject: String
  package let expected: String
  package let found: String
  package let advice: String

  init(_ code: Code, path: String, subject: String = "", expected: String, found: String, advice: String) {
    self.code = code
    self.path = path
    self.subject = subject
    self.expected = expected
    self.found = found
    self.advice = advice
  }

  package var description: String {
    let place = subject.isEmpty ? path : "\(path): \(subject)"
    return "\(place): \(code.rawValue): expected \(expected), found \(found); \(advice)"
  }
}

extension ModelError {
  static let fitAgain = "fit the model again with `muster sweep refit`"
}
