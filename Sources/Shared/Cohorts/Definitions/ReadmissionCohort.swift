// SPDX-License-Identifier: Apache-2.0

/// Readmission after a discharge alive. The definition in full is in `docs/Cohorts.md`.
package struct ReadmissionDefinition: Hashable, Sendable {
  package var windowDays: Int
  package var ageYearsMin: Int
  /// Only a next admission of type EMERGENCY or URGENT makes the label 1; an elective one is looked past.
  package var countsUnplannedOnly = false
  /// Leaves elective admissions out of the denominator.
  package var excludesElective = false
  /// Leaves discharges to a hospice out.
  package var excludesHospice = false
  /// Leaves those out who left against medical advice.
  package var excludesAgainstAdvice = false
  /// Leaves those out who die within the window without having come back: they could not.
  package var excludesDeathInWindow = false

  package init(windowDays: Int = 30, ageYearsMin: Int = 18) {
    self.windowDays = windowDays
    self.ageYearsMin = ageYearsMin
  }

  /// In words, for the manifest: nil for the definition as it is without any setting.
  package var departures: [String] {
    var words: [String] = []
    if ageYearsMin != 18 { words.append("from \(ageYearsMin) years on") }
    if countsUnplannedOnly { words.append("unplanned readmissions only") }
    if excludesElective { words.append("elective admissions left out") }
    if excludesHospice { words.append("discharges to a hospice left out") }
    if excludesAgainstAdvice { words.append("discharges against advice left out") }
    if excludesDeathInWindow { words.append("deaths within the window left out") }
    return words
  }
}

extension HospitalRecords {
  /// Unit: admission discharged alive. Index time: discharge.
  package func readmissionCohort(_ definition: ReadmissionDefinition = ReadmissionDefinition()) -> Cohort {
    let optional = optionalReasons(definition)
    var flow = CohortFlow(
      start: "admissions in ADMISSIONS", count: admissions.count,
      reasons: [
        "newborn admission (ADMISSION_TYPE NEWBORN)", "under \(definition.ageYearsMin) years at admission",
        "died in hospital", "no discharge time, or one not after the admission",
      ] + optional.map(\.reason))
    var units: [CohortUnit] = []
    for (index, admission) in admissions.enumerated() {
      if admission.isNewborn {
        flow.leaveOut(0)
      } else if !patients[admission.patient].hasReached(age: definition.ageYearsMin, at: admission.admitTime) {
        flow.leaveOut(1)
      } else if admission.endsInDeath {
        flow.leaveOut(2)
      } else if let discharge = admission.dischargeTime, discharge > admission.admitTime {
        let isReadmitted = isReadmitted(after: index, definition)
        if let reason = optional.firstIndex(where: { $0.applies(admission, isReadmitted) }) {
          flow.leaveOut(4 + reason)
          continue
        }
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

  private struct OptionalReason {
    let reason: String
    let applies: (Admission, _ isReadmitted: Bool) -> Bool
  }

  private func optionalReasons(_ definition: ReadmissionDefinition) -> [OptionalReason] {
    var reasons: [OptionalReason] = []
    if definition.excludesElective {
      reasons.append(.init(reason: "elective admission") { admission, _ in admission.type == "ELECTIVE" })
    }
    if definition.excludesHospice {
      reasons.append(
        .init(reason: "discharged to a hospice") { admission, _ in
          admission.dischargeLocation?.hasPrefix("HOSPICE") == true
        })
    }
    if definition.excludesAgainstAdvice {
      reasons.append(
        .init(reason: "left against advice") { admission, _ in
          admission.dischargeLocation?.hasPrefix("LEFT AGAINST") == true
        })
    }
    if definition.excludesDeathInWindow {
      let days = Int64(definition.windowDays)
      reasons.append(
        .init(reason: "died within \(days) days, not readmitted") { admission, isReadmitted in
          guard !isReadmitted, let discharge = admission.dischargeTime,
            let death = patients[admission.patient].deathDay
          else { return false }
          return death - discharge <= days * CivilTime.secondsPerDay
        })
    }
    return reasons
  }

  /// Whether the patient's next admission, whatever its type but newborn, starts 0 to `days` × 24 h after the discharge,
  /// both ends included.
  package func isReadmitted(after index: Int, withinDays days: Int) -> Bool {
    isReadmitted(after: index, ReadmissionDefinition(windowDays: days))
  }

  /// An admission that starts before this discharge (overlapping records) is not the next one and is looked past; so is
  /// an elective one where only unplanned ones count.
  package func isReadmitted(after index: Int, _ definition: ReadmissionDefinition) -> Bool {
    let admission = admissions[index]
    guard let discharge = admission.dischargeTime else { return false }
    let range = admissionsOfPatient[admission.patient]
    let next = range.first { other in
      other != index && !admissions[other].isNewborn && admissions[other].admitTime >= discharge
        && (!definition.countsUnplannedOnly || admissions[other].type != "ELECTIVE")
    }
    guard let next else { return false }
    return admissions[next].admitTime - discharge <= Int64(definition.windowDays) * CivilTime.secondsPerDay
  }
}
