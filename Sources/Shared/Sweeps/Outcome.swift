// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// What is predicted. The definitions, with unit, denominator and index time, are in `docs/Cohorts.md`.
package enum Outcome: String, CaseIterable, Hashable, Sendable {
  case readmission30d = "readmission_30d"
  case icuMortality = "icu_mortality"
  case lengthOfStay = "length_of_stay"

  package var objective: ObjectiveKind { self == .lengthOfStay ? .regression : .binary }
}
