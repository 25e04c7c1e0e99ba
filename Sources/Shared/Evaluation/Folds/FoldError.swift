// SPDX-License-Identifier: Apache-2.0

/// Rows that cannot be dealt to folds as the plan asks.
package struct FoldError: Error, Hashable, Sendable, CustomStringConvertible {
  package let expected: String
  package let found: String

  package var description: String { "folds: expected \(expected), found \(found); use fewer folds or more patients" }
}
