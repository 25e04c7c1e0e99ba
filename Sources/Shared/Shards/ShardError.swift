// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a data set, its manifest or one of its shards.
///
/// Names files, columns and rows, never the content of a row: these messages go to logs, trackers and screens.
package struct ShardError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, CaseIterable, Hashable, Sendable {
    /// A directory that holds no `manifest.json`.
    case manifestMissing
    /// A manifest that is not JSON, lacks a key or contradicts itself.
    case manifestInvalid
    /// A manifest of a format that this version does not read.
    case formatUnknown
    case fileMissing
    case sizeMismatch
    /// The bytes are not those that the manifest promises.
    case digestMismatch
    case shapeMismatch
    /// An HDF5 dataset of another type or layout than ours: it cannot be mapped.
    case layoutUnusable
    /// libhdf5 refused.
    case hdf5
    /// A row or a description handed to the writer that a data set cannot hold.
    case rowInvalid
    case descriptionInvalid
    case empty
    /// Another process writes this data set at the moment.
    case busy
    /// The writer would have to replace something that is no data set of ours.
    case occupied
    /// The operating system refused.
    case system
    /// Memory, disk space or file descriptors ran out.
    case resources
  }

  package let code: Code
  /// The file or directory it is about.
  package let path: String
  /// The part of it: an HDF5 dataset, a key of the manifest, a row. Empty where the path says it all.
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

extension ShardError {
  static let prepareAgain = "prepare the data set again"
}
