// SPDX-License-Identifier: Apache-2.0

/// A row of PATIENTS.
package struct Patient: Hashable, Sendable {
  package let subjectID: Int64
  /// F or M as recorded.
  package let gender: String?
  /// Seconds. Patients over 89 at their first admission were given a birth about 300 years before it.
  package let birth: Int64
  /// Midnight of the day of death, in hospital or out of it.
  package let deathDay: Int64?

  /// Years at `time`; 91.4, their median in MIMIC-III, for all over 89, whose true age is withheld.
  ///
  /// - Source: https://mimic.mit.edu/docs/iii/tables/patients/ (DOB).
  package func age(at time: Int64) -> Double {
    let years = Double(time - birth) / Double(CivilTime.secondsPerYear)
    return years > 89 ? 91.4 : years
  }

  /// By birthdays, not by mean years.
  package func hasReached(age: Int, at time: Int64) -> Bool { time >= CivilTime.adding(years: age, to: birth) }
}
