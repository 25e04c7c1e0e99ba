// SPDX-License-Identifier: Apache-2.0

/// A column of one row group, row by row.
package struct ParquetColumn: Sendable {
  package enum Values: Sendable {
    /// Integers and flags; times in ticks, see `ticksPerSecond`.
    case integers([Int64])
    /// `isSingle`: they were 32-bit floats.
    case decimals([Double], isSingle: Bool)
    case texts(TextColumn)
  }

  package internal(set) var values: Values
  /// Empty where no value is missing.
  package internal(set) var isMissing: [Bool] = []
  package let ticksPerSecond: Int64?
  package let isDate: Bool

  @inline(__always)
  package func isMissing(_ row: Int) -> Bool { isMissing.isEmpty ? false : isMissing[row] }
}

/// Texts, each distinct one of a dictionary page once.
package struct TextColumn: Sendable {
  package internal(set) var distinct: [String] = []
  /// Place in `distinct`, by row; 0 where the value is missing.
  package internal(set) var places: [Int32] = []
}
