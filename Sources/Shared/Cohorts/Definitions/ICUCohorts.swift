// SPDX-License-Identifier: Apache-2.0

/// Adults still in the ICU, alive, a fixed time after they came. The definitions in full are in `docs/Cohorts.md`.
package struct ICUDefinition: Hashable, Sendable {
  /// From the time into the ICU to the index time.
  package var hoursToIndex: Int
  package var ageYearsMin: Int
  /// A death so many hours after the time out still counts as one in the ICU.
  package var graceHours = 0

  package init(hoursToIndex: Int, ageYearsMin: Int = 18) {
    self.hoursToIndex = hoursToIndex
    self.ageYearsMin = ageYearsMin
  }

  /// In words, for the manifest: what differs from the definition without any setting.
  package var departures: [String] {
    var words: [String] = []
    if ageYearsMin != 18 { words.append("from \(ageYearsMin) years on") }
    if graceHours != 0 { words.append("deaths to \(graceHours) h after the time out count") }
    return words
  }
}

extension HospitalRecords {
  /// Label: death in the ICU after the index time. Index time: 48 h after the time in.
  package func icuMortalityCohort(_ definition: ICUDefinition = ICUDefinition(hoursToIndex: 48)) -> Cohort {
    icuCohort(definition) { stay in diedInICU(stay, graceHours: definition.graceHours) ? 1 : 0 }
  }

  /// Label: death in hospital after the index time. Index time: 48 h after the time in.
  package func hospitalMortalityCohort(_ definition: ICUDefinition = ICUDefinition(hoursToIndex: 48)) -> Cohort {
    icuCohort(definition) { stay in admissions[stays[stay].admission].endsInDeath ? 1 : 0 }
  }

  /// Label: days from the time in to the time out, fractions included. Index time: 24 h after the time in.
  package func lengthOfStayCohort(_ definition: ICUDefinition = ICUDefinition(hoursToIndex: 24)) -> Cohort {
    icuCohort(definition) { stay in Float(daysInICU(stay)) }
  }

  /// Label: the class of the days in the ICU, 0 to 9: each day to the eighth, 8 to 14 days, more.
  ///
  /// - Source: Harutyunyan et al. 2019, the 10 classes of length of stay.
  package func lengthOfStayClassCohort(_ definition: ICUDefinition = ICUDefinition(hoursToIndex: 24)) -> Cohort {
    icuCohort(definition) { stay in Float(lengthOfStayClass(days: daysInICU(stay))) }
  }

  /// Label: days from the admission to the discharge, fractions included. Index time: 24 h after the time into the ICU.
  package func hospitalLengthOfStayCohort(_ definition: ICUDefinition = ICUDefinition(hoursToIndex: 24)) -> Cohort {
    icuCohort(definition, needsDischarge: true) { stay in
      let admission = admissions[stays[stay].admission]
      let discharge = admission.dischargeTime ?? admission.admitTime
      return Float(Double(discharge - admission.admitTime) / Double(CivilTime.secondsPerDay))
    }
  }

  private func icuCohort(
    _ definition: ICUDefinition, needsDischarge: Bool = false, label: (Int) -> Float
  ) -> Cohort {
    let hours = definition.hoursToIndex
    var flow = CohortFlow(
      start: "ICU stays in ICUSTAYS", count: stays.count,
      reasons: [
        "no time out, or one not after the time in", "under \(definition.ageYearsMin) years at the time in",
        "died before \(hours) h in the ICU", "left the ICU before \(hours) h",
      ] + (needsDischarge ? ["no discharge time, or one not after the admission"] : []))
    var units: [CohortUnit] = []
    for (index, stay) in stays.enumerated() {
      let patient = patient(of: stay)
      let indexTime = stay.inTime + Int64(hours) * CivilTime.secondsPerHour
      guard let outTime = stay.outTime, outTime > stay.inTime else {
        flow.leaveOut(0)
        continue
      }
      let admission = admissions[stay.admission]
      if !patients[patient].hasReached(age: definition.ageYearsMin, at: stay.inTime) {
        flow.leaveOut(1)
      } else if death(in: stay.admission)?.isBefore(indexTime) == true {
        flow.leaveOut(2)
      } else if outTime < indexTime {
        flow.leaveOut(3)
      } else if needsDischarge, (admission.dischargeTime ?? .min) <= admission.admitTime {
        flow.leaveOut(4)
      } else {
        units.append(
          CohortUnit(
            patient: patient, admission: stay.admission, stay: index, rowID: stay.stayID, start: stay.inTime,
            indexTime: indexTime, label: label(index)))
      }
    }
    return flow.cohort(units)
  }
}

/// 0 to 7 for so many whole days, 8 for 8 to 14 days, 9 for more.
package func lengthOfStayClass(days: Double) -> Int {
  if days < 8 { return max(0, Int(days)) }
  return days < 14 ? 8 : 9
}
