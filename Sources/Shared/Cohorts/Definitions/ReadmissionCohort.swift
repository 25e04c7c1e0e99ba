// SPDX-License-Identifier: Apache-2.0

/// Readmission of any cause after a discharge alive. The definition in full is in `docs/Cohorts.md`.
package struct ReadmissionDefinition: Hashable, Sendable {
  package let windowDays: Int
  package let ageYearsMin: Int

  package init(windowDays: Int = 30, ageYearsMin: Int = 18) {
    self.windowDays = windowDays
    self.ageYearsMin = ageYearsMin
  }
}

extension HospitalRecords {
  /// Unit: admission discharged alive. Index time: discharge.
  package func readmissionCohort(_ definition: ReadmissionDefinition = ReadmissionDefinition()) -> Cohort {
    var flow = CohortFlow(
      start: "admissions in ADMISSIONS", count: admissions.count,
      reasons: [
        "newborn admission (ADMISSION_TYPE NEWBORN)", "under \(definition.ageYearsMin) years at admission",
        "died in hospital", "no discharge time, or one not after the admission",
      ])
    var units: [CohortUnit] = []
    for (index, admission) in admissions.enumerated() {
      if admission.isNewborn {
        flow.leaveOut(0)
      } else if !patients[admission.patient].hasReached(age: definition.ageYearsMin, at: admission.admitTime) {
        flow.leaveOut(1)
      } else if admission.endsInDeath {
        flow.leaveOut(2)
      } else if let discharge = admission.dischargeTime, discharge > admission.admitTime {
        let isReadmitted = isReadmitted(after: index, withinDays: definition.windowDays)
        units.append(
          CohortUnit(
            patient: admission.patient, admission: index, stay: nil, rowID: admission.hadmID, start: admission.start,
            indexTime: discharge, label: isReadmitted ? 1 : 0))
      } else {
        flow.leaveOut(3)
      }
    }
    return flow.cohort(units)
  }

  /// Whether the patient's next admission, whatever its type but newborn, starts 0 to `days` × 24 h after the discharge,
  /// both ends included.
  ///
  /// An admission that starts before this discharge (overlapping records) is not the next one and is looked past.
  package func isReadmitted(after index: Int, withinDays days: Int) -> Bool {
    let admission = admissions[index]
    guard let discharge = admission.dischargeTime else { return false }
    let range = admissionsOfPatient[admission.patient]
    let next = range.first { other in
      other != index && !admissions[other].isNewborn && admissions[other].admitTime >= discharge
    }
    guard let next else { return false }
    return admissions[next].admitTime - discharge <= Int64(days) * CivilTime.secondsPerDay
  }
}
