// SPDX-License-Identifier: Apache-2.0

/// A death in hospital, as exactly as it is recorded.
package enum Death: Hashable, Sendable {
  case at(Int64)
  /// Only the day is known; its midnight.
  case onDay(Int64)

  /// Certainly before `time`: a day counts once it is over.
  package func isBefore(_ time: Int64) -> Bool {
    switch self {
    case .at(let moment): moment < time
    case .onDay(let midnight): midnight + CivilTime.secondsPerDay <= time
    }
  }

  /// Within `start` to `end`, both included; a day where any of it lies there.
  package func isWithin(_ start: Int64, _ end: Int64) -> Bool {
    switch self {
    case .at(let moment): moment >= start && moment <= end
    case .onDay(let midnight): midnight + CivilTime.secondsPerDay > start && midnight <= end
    }
  }
}

extension HospitalRecords {
  /// The death that ended this admission: DEATHTIME; where that is empty though HOSPITAL_EXPIRE_FLAG is 1, the day of
  /// PATIENTS.DOD. nil for all who left alive.
  package func death(in admission: Int) -> Death? {
    let record = admissions[admission]
    if let time = record.deathTime { return .at(time) }
    guard record.isMarkedDead, let day = patients[record.patient].deathDay else { return nil }
    return .onDay(day)
  }

  /// Whether the patient died between the time in and the time out of this ICU stay, both included.
  package func diedInICU(_ stay: Int, graceHours: Int = 0) -> Bool {
    let record = stays[stay]
    guard let outTime = record.outTime, let death = death(in: record.admission) else { return false }
    return death.isWithin(record.inTime, outTime + Int64(graceHours) * CivilTime.secondsPerHour)
  }

  /// Days of 24 h from the time in to the time out; NaN without a time out.
  package func daysInICU(_ stay: Int) -> Double {
    guard let outTime = stays[stay].outTime else { return .nan }
    return Double(outTime - stays[stay].inTime) / Double(CivilTime.secondsPerDay)
  }
}
