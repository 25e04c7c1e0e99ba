// SPDX-License-Identifier: Apache-2.0

/// How many events a patient has.
package enum SynthesisDensity: String, CaseIterable, Hashable, Sendable {
  /// Enough for every feature: about 400 charted rows a patient.
  case light
  /// As many as MIMIC-III: about 7,000 charted rows a patient, most of them of no use to a model.
  case full
}

/// What to synthesize. Equal options give equal bytes.
package struct SynthesisOptions: Hashable, Sendable {
  package var patientCount: Int
  package var seed: UInt64
  package var directory: String
  /// `.csv.gz` as PhysioNet ships MIMIC-III, or `.csv` as its demo.
  package var isCompressed = true
  package var density = SynthesisDensity.light

  package init(
    patientCount: Int, seed: UInt64, directory: String, isCompressed: Bool = true, density: SynthesisDensity = .light
  ) {
    self.density = density
    self.patientCount = patientCount
    self.seed = seed
    self.directory = directory
    self.isCompressed = isCompressed
  }
}

package struct SynthesisSummary: Hashable, Sendable {
  /// Rows by table, in the order of `MIMICTable`.
  package let rowCounts: [(table: String, count: Int64)]

  /// Of all tables, unpacked.
  package var byteCount = 0

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
