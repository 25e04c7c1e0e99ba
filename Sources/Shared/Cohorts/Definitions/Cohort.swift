// SPDX-License-Identifier: Apache-2.0

/// One row of a cohort: whom it is about, when the prediction is made, and what came of it.
package struct CohortUnit: Hashable, Sendable {
  /// Indexes into the arrays of `HospitalRecords`.
  package let patient: Int
  package let admission: Int
  /// nil where the unit is a hospital admission.
  package let stay: Int?
  /// HADM_ID, or ICUSTAY_ID where the unit is an ICU stay.
  package let rowID: Int64
  /// Where the unit begins: the admission (or its emergency registration), or the time into the ICU.
  package let start: Int64
  /// Only what is recorded before this moment may be known of the unit.
  package let indexTime: Int64
  package let label: Float
}

/// One line of the flow: how many there were at the start, how many left for one reason, or how many remained.
package struct CohortStep: Hashable, Sendable {
  package let reason: String
  package let count: Int

  package init(reason: String, count: Int) {
    self.reason = reason
    self.count = count
  }
}

/// Units in the order (patient, start, row), and how they were come by.
package struct Cohort: Hashable, Sendable {
  package let units: [CohortUnit]
  package let flow: [CohortStep]

  package init(units: [CohortUnit], flow: [CohortStep]) {
    self.units = units
    self.flow = flow
  }

  package var patientCount: Int { Set(units.map(\.patient)).count }
  package var positiveCount: Int { units.count { $0.label == 1 } }
}

/// Counts those that leave a cohort, each for the first reason that applies.
struct CohortFlow {
  private let start: CohortStep
  private var reasons: [CohortStep]

  init(start: String, count: Int, reasons: [String]) {
    self.start = CohortStep(reason: start, count: count)
    self.reasons = reasons.map { CohortStep(reason: "left out: " + $0, count: 0) }
  }

  mutating func leaveOut(_ reason: Int) {
    reasons[reason] = CohortStep(reason: reasons[reason].reason, count: reasons[reason].count + 1)
  }

  func cohort(_ units: [CohortUnit]) -> Cohort {
    let sorted = units.sorted { ($0.patient, $0.start, $0.rowID) < ($1.patient, $1.start, $1.rowID) }
    return Cohort(units: sorted, flow: [start] + reasons + [CohortStep(reason: "rows", count: units.count)])
  }
}
