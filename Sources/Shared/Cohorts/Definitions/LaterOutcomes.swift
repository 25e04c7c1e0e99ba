// SPDX-License-Identifier: Apache-2.0

/// What came of a unit after its own index time, whatever cohort it is in. NaN where it is not known, or means nothing for the unit.
/// The definitions in full are in `docs/Cohorts.md`.
extension HospitalRecords {
  /// 1: died in the ICU stay that the unit is about. Whoever had died before the index time is in no cohort.
  package func diesInICU(_ unit: CohortUnit, graceHours: Int) -> Float {
    guard let stay = unit.stay else { return .nan }
    return diedInICU(stay, graceHours: graceHours) ? 1 : 0
  }

  /// 1: the admission that holds the ICU stay ended in death.
  package func diesInHospital(_ unit: CohortUnit) -> Float {
    guard unit.stay != nil else { return .nan }
    return admissions[unit.admission].endsInDeath ? 1 : 0
  }

  /// Days of 24 h from the index time to the time out of the ICU.
  package func daysLeftInICU(_ unit: CohortUnit) -> Float {
    guard let stay = unit.stay else { return .nan }
    return days(from: unit.indexTime, to: stays[stay].outTime)
  }

  /// Days of 24 h from the index time in the ICU to DISCHTIME, by discharge or death.
  package func daysLeftInHospital(_ unit: CohortUnit) -> Float {
    guard unit.stay != nil else { return .nan }
    return days(from: unit.indexTime, to: admissions[unit.admission].dischargeTime)
  }

  private func days(from start: Int64, to end: Int64?) -> Float {
    guard let end, end >= start else { return .nan }
    return Float(Double(end - start) / Double(CivilTime.secondsPerDay))
  }

  /// Of each admission its label in the readmission cohort; NaN for those that the cohort leaves out, deaths in hospital among them.
  package func readmissionLabels(_ definition: ReadmissionDefinition) -> [Float] {
    var labels = [Float](repeating: .nan, count: admissions.count)
    for unit in readmissionCohort(definition).units { labels[unit.admission] = unit.label }
    return labels
  }

  /// The unit's admission in `labels`; NaN where its discharge is recorded before the index time.
  package func readmissionLabel(_ unit: CohortUnit, in labels: [Float]) -> Float {
    guard let discharge = admissions[unit.admission].dischargeTime, discharge >= unit.indexTime else { return .nan }
    return labels[unit.admission]
  }
}
