// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Shards

/// What one table gave.
package struct TableReport: Encodable, Hashable, Sendable {
  package let table: String
  /// nil where the table is missing.
  package let file: String?
  package let rowCount: Int
  /// Rows that were read into a feature, for whatever unit.
  package let usedCount: Int
}

/// What was prepared, from what, and what was left out on the way. Counts and names only; counts of 1 to 10 are neither in `text` nor
/// in `json`.
package struct PreparationReport: Encodable, Hashable, Sendable {
  package struct Channel: Encodable, Hashable, Sendable {
    package let name: String
    package let unit: String
    package let values: ValueTally
  }

  package struct OutcomeReport: Encodable, Hashable, Sendable {
    package let outcome: String
    package let directory: String
    package let indexTime: String
    package let flow: [FlowStep]
    package let rowCount: Int
    package let patientCount: Int
    package let columnCount: Int
    /// Rows with label 1; nil for a regression, and where it or its complement is 1 to 10.
    package let positiveCount: Int?
    /// Whether `positiveCount` is nil because it would describe too few.
    package let isPositiveCountHidden: Bool
    /// Mean label of a regression, with at least 11 rows.
    package let labelMean: Double?
    package let fileCount: Int
    /// Labels of other outcomes that its rows have beside their own.
    package var further: [FurtherLabel] = []
  }

  /// "mimic3", "mimic3-demo" or "synthetic".
  package let source: String
  package let tables: [TableReport]
  package let channels: [Channel]
  package let labs: [Channel]
  /// Rows marked as errors among the items that are used.
  package let errorRowCount: Int
  package let outcomes: [OutcomeReport]
  package let warnings: [String]

  /// With keys in alphabetical order.
  package var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    do {
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    } catch {
      fatalError("a report holds texts, counts and finite means, and always encodes: \(error)")
    }
  }
}
