// SPDX-License-Identifier: Apache-2.0

/// An admission without its events: enough to count outcomes by.
package struct HistoryEntry: Hashable, Sendable {
  package let admit: Int64
  package let discharge: Int64
  package let isDead: Bool
  package let ageYears: Double
}

/// The admissions of each patient that `synthesizeMIMIC` would write, in order, without writing anything.
package func synthesizeHistories(patientCount: Int, seed: UInt64) -> [[HistoryEntry]] {
  (0..<patientCount).map { index in
    Patient.draw(index: index, seed: seed).admissions.map { admission in
      HistoryEntry(
        admit: admission.admit, discharge: admission.discharge, isDead: admission.death != nil,
        ageYears: admission.ageYears)
    }
  }
}
