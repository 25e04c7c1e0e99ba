// SPDX-License-Identifier: Apache-2.0

import Parquet

/// Why another format could not be taken over. Names files, columns and codes, never a patient or a value.
package struct InterchangeError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, CaseIterable, Hashable, Sendable {
    case inputMissing = "input missing"
    case inputInvalid = "input invalid"
    /// Something that is not ours lies where the tables would go.
    case occupied = "folder in use"
    case cannotWrite = "cannot write"
  }

  package let code: Code
  package let path: String
  package let expected: String
  package let found: String
  package let advice: String

  init(_ code: Code, path: String, expected: String, found: String, advice: String) {
    self.code = code
    self.path = path
    self.expected = expected
    self.found = found
    self.advice = advice
  }

  init(_ error: ParquetError) {
    self.init(
      error.code == .fileMissing ? .inputMissing : .inputInvalid,
      path: error.column.map { "\(error.path), column \($0)" } ?? error.path,
      expected: error.expected, found: error.found, advice: error.advice)
  }

  package var description: String { "\(path): \(code.rawValue): expected \(expected), found \(found); \(advice)" }
}
