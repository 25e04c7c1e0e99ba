// SPDX-License-Identifier: Apache-2.0

/// Typed fields of the row at hand. Empty is NULL, and nil.
extension TableReader {
  package func isNull(_ column: Int) -> Bool { bytes(column).isEmpty }

  /// - Throws: `fieldInvalid`.
  package func integer(_ column: Int) throws(CohortError) -> Int64? {
    let field = bytes(column)
    if field.isEmpty { return nil }
    guard let value = FieldParsing.integer(field) else { throw invalid(column, expected: "an integer") }
    return value
  }

  /// - Throws: `fieldInvalid`; "nan" and "inf" are no numbers.
  package func decimal(_ column: Int) throws(CohortError) -> Double? {
    let field = bytes(column)
    if field.isEmpty { return nil }
    guard let value = FieldParsing.decimal(field) else { throw invalid(column, expected: "a number") }
    return value
  }

  /// Seconds, see `CivilTime`; a date alone is its midnight.
  ///
  /// - Throws: `fieldInvalid`.
  package func time(_ column: Int) throws(CohortError) -> Int64? {
    let field = bytes(column)
    if field.isEmpty { return nil }
    guard let value = FieldParsing.time(field) else {
      throw invalid(column, expected: "a time YYYY-MM-DD HH:MM:SS in the years 1800 to 2300")
    }
    return value
  }

  package func text(_ column: Int) -> String? {
    let field = bytes(column)
    if field.isEmpty { return nil }
    return FieldParsing.text(field, hasDoubledQuotes: hasDoubledQuotes(column))
  }

  /// Whether the field begins with these ASCII letters, in any case.
  package func hasPrefix(_ prefix: StaticString, _ column: Int) -> Bool {
    let field = bytes(column)
    guard field.count >= prefix.utf8CodeUnitCount else { return false }
    return prefix.withUTF8Buffer { wanted in
      wanted.indices.allSatisfy { (field[$0] ^ wanted[$0]) & 0xDF == 0 }
    }
  }

  /// The first letter or digit of the field.
  package func firstByte(_ column: Int) -> UInt8? { bytes(column).first }

  /// - Throws: `fieldMissing`, `fieldInvalid`.
  package func requiredInteger(_ column: Int) throws(CohortError) -> Int64 {
    guard let value = try integer(column) else { throw missing(column) }
    return value
  }

  /// - Throws: `fieldMissing`, `fieldInvalid`.
  package func requiredTime(_ column: Int) throws(CohortError) -> Int64 {
    guard let value = try time(column) else { throw missing(column) }
    return value
  }

  private func invalid(_ column: Int, expected: String) -> CohortError {
    CohortError(
      .fieldInvalid, path: path, line: line, column: columns[column], expected: expected, found: "something else",
      advice: "look at that line")
  }

  private func missing(_ column: Int) -> CohortError {
    CohortError(
      .fieldMissing, path: path, line: line, column: columns[column], expected: "a value", found: "nothing",
      advice: "this column may not be empty")
  }

  func keyError(_ code: CohortError.Code, _ column: Int, expected: String, found: String) -> CohortError {
    CohortError(
      code, path: path, line: line, column: columns[column], expected: expected, found: found,
      advice: "take all tables from one and the same release")
  }
}
