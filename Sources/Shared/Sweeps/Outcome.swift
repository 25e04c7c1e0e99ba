// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// What is predicted. The definitions, with unit, denominator and index time, are in `docs/Cohorts.md`.
package enum Outcome: String, CaseIterable, Hashable, Sendable {
  case readmission30d = "readmission_30d"
  case icuMortality = "icu_mortality"
  case lengthOfStay = "length_of_stay"
  case inHospitalMortality = "in_hospital_mortality"
  case hospitalLengthOfStay = "hospital_length_of_stay"
  case lengthOfStayClass = "length_of_stay_class"
  case decompensation
  case remainingLengthOfStay = "remaining_length_of_stay"
  case phenotype
  case readmission7d = "readmission_7d"
  case readmission60d = "readmission_60d"
  case readmission90d = "readmission_90d"

  /// Days after discharge that count, of a readmission.
  package var readmissionDays: Int? {
    switch self {
    case .readmission7d: 7
    case .readmission30d: 30
    case .readmission60d: 60
    case .readmission90d: 90
    default: nil
    }
  }

  package var objective: ObjectiveKind {
    switch self {
    case .readmission7d, .readmission30d, .readmission60d, .readmission90d, .icuMortality, .inHospitalMortality,
      .decompensation, .phenotype:
      .binary
    case .lengthOfStay, .hospitalLengthOfStay, .lengthOfStayClass, .remainingLengthOfStay: .regression
    }
  }
}
