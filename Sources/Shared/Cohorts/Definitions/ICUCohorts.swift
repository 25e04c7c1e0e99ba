// SPDX-License-Identifier: Apache-2.0

/// Adults still in the ICU, alive, a fixed time after they came. The definitions in full are in `docs/Cohorts.md`.
package struct ICUDefinition: Hashable, Sendable {
  /// From the time into the ICU to the index time.
  package let hoursToIndex: Int
  package let ageYearsMin: Int

  package init(hoursToIndex: Int, ageYearsMin: Int = 18) {
    self.hoursToIndex = hoursToIndex
    self.ageYearsMin = ageYearsMin
  }
}

extension HospitalRecords {
  /// Label: death in the ICU after the index time. Index time: 48 h after the time in.
  package func icuMortalityCohort(_ definition: ICUDefinition = ICUDefinition(hoursToIndex: 48)) -> Cohort {
    icuCohort(definition) { stay in diedInICU(stay) ? 1 : 0 }
  }

  /// Label: days from the time in to the time out, fractions included. Index time: 24 h after the time in.
  package func lengthOfStayCohort(_ definition: ICUDefinition = ICUDefinition(hoursToIndex: 24)) -> Cohort {
    icuCohort(definition) { stay in Float(daysInICU(stay)) }
  }

  private func icuCohort(_ definition: ICUDefinition, label: (Int) -> Float) -> Cohort {
    let hours = definition.hoursToIndex
    var flow = CohortFlow(
      start: "ICU stays in ICUSTAYS", count: stays.count,
      reasons: [
        "no time out, or one not after the time in", "under \(definition.ageYearsMin) years at the time in",
        "died before \(hours) h in the ICU", "left the ICU before \(hours) h",
      ])
    var units: [CohortUnit] = []
    for (index, stay) in stays.enumerated() {
      let patient = patient(of: stay)
      let indexTime = stay.inTime + Int64(hours) * CivilTime.secondsPerHour
      guard let outTime = stay.outTime, outTime > stay.inTime else {
        flow.leaveOut(0)
        continue
      }
      if !patients[patient].hasReached(age: definition.ageYearsMin, at: stay.inTime) {
        flow.leaveOut(1)
      } else if death(in: stay.admission)?.isBefore(indexTime) == true {
        flow.leaveOut(2)
      } else if outTime < indexTime {
        flow.leaveOut(3)
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
