// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a Parquet file, or what of the format is not read here. Names files and columns, never a value.
package struct ParquetError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, CaseIterable, Hashable, Sendable {
    case cannotWrite = "cannot write the file"
    case fileMissing = "cannot open the file"
    case notParquet = "no Parquet file"
    /// Cut, or with bytes that cannot be.
    case damaged = "damaged file"
    case columnMissing = "column missing"
    case columnType = "wrong column type"
    /// A compression or an encoding that is not read here.
    case unsupported = "not supported"
  }

  package let code: Code
  package let path: String
  package let column: String?
  package let expected: String
  package let found: String
  package let advice: String

  package init(
    _ code: Code, path: String, column: String? = nil, expected: String, found: String, advice: String
  ) {
    self.code = code
    self.path = path
    self.column = column
    self.expected = expected
    self.found = found
    self.advice = advice
  }

  package var description: String {
    let place = column.map { "\(path), column \($0)" } ?? path
    return "\(place): \(code.rawValue): expected \(expected), found \(found); \(advice)"
  }
}

/// Bytes that contradict the format; `ParquetFile` says in which file and column.
struct MalformedBytes: Error {
  let expected: String
  let found: String
}
