// SPDX-License-Identifier: Apache-2.0

/// What to synthesize. Equal options give equal bytes.
package struct SynthesisOptions: Hashable, Sendable {
  package var patientCount: Int
  package var seed: UInt64
  package var directory: String
  /// `.csv.gz` as PhysioNet ships MIMIC-III, or `.csv` as its demo.
  package var isCompressed = true

  package init(patientCount: Int, seed: UInt64, directory: String, isCompressed: Bool = true) {
    self.patientCount = patientCount
    self.seed = seed
    self.directory = directory
    self.isCompressed = isCompressed
  }
}

package struct SynthesisSummary: Hashable, Sendable {
  /// Rows by table, in the order of `MIMICTable`.
  package let rowCounts: [(table: String, count: Int64)]

  package static func == (left: Self, right: Self) -> Bool {
    left.rowCounts.elementsEqual(right.rowCounts) { $0 == $1 }
  }

  package func hash(into hasher: inout Hasher) {
    for entry in rowCounts {
      hasher.combine(entry.table)
      hasher.combine(entry.count)
    }
  }
}

/// Tables that could not be made.
package struct SynthesisError: Error, Sendable, CustomStringConvertible {
  package let what: String
  package let detail: String
  package var description: String { "\(what): \(detail)" }
}
