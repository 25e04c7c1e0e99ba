// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// The ICU stays of mimic3-benchmarks: one stay an admission, without a change of unit or ward, of adults.
struct BenchmarkCohort: Sendable {
  struct Stay: Hashable, Sendable {
    /// Index into `HospitalRecords.stays`.
    let stay: Int
    let patient: Int
    let admission: Int
    /// From 1, in order of time among the patient's stays here.
    let episode: Int
    let inTime: Int64
    let outTime: Int64?
    /// LOS of ICUSTAYS times 24; nil where it is empty.
    let losHours: Double?
    let diedInHospital: Bool
    /// From the time in to DEATHTIME; nil for those who left alive.
    let livedHours: Double?
    /// Bit i: `Phenotype.all[i]`.
    let phenotypes: UInt32
    /// Whether DIAGNOSES_ICD has a code of it that D_ICD_DIAGNOSES knows: without, no task has it.
    let hasDiagnosis: Bool
  }

  /// Ascending by patient, then time in.
  let stays: [Stay]
  let flow: [CohortStep]
  /// By admission; -1 for none.
  let stayOfAdmission: [Int32]

  /// - Parameters:
  ///   - phenotypes: by admission.
  ///   - hasDiagnosis: by admission.
  init(records: HospitalRecords, phenotypes: [UInt32], hasDiagnosis: [Bool]) {
    var flow = CohortFlowCounter(start: "ICU stays in ICUSTAYS", count: records.stays.count)
    let steady = records.stays.indices.filter { index in
      let stay = records.stays[index]
      let isSteady =
        stay.firstCareUnit == stay.lastCareUnit && stay.firstWard == stay.lastWard
        && stay.firstCareUnit != nil && stay.firstWard != nil
      if !isSteady { flow.leaveOut("moved between units or wards") }
      return isSteady
    }
    var countOfAdmission = [Int](repeating: 0, count: records.admissions.count)
    for index in steady { countOfAdmission[records.stays[index].admission] += 1 }
    var stays: [Stay] = []
    var stayOfAdmission = [Int32](repeating: -1, count: records.admissions.count)
    var episodes: [Int: Int] = [:]
    let ordered = steady.sorted { left, right in
      let (a, b) = (records.stays[left], records.stays[right])
      return (records.patient(of: a), a.inTime, a.outTime ?? .max) < (
        records.patient(of: b), b.inTime, b.outTime ?? .max
      )
    }
    for index in ordered {
      let stay = records.stays[index]
      guard countOfAdmission[stay.admission] == 1 else {
        flow.leaveOut("several stays in one admission")
        continue
      }
      let admission = records.admissions[stay.admission]
      let patient = records.patients[admission.patient]
      // Years of 365 days, as the benchmark counts them. The aged, born 300 years back, are of age anyhow.
      guard Double(stay.inTime - patient.birth) / 3_600 / 24 / 365 >= 18 else {
        flow.leaveOut("under 18 years at the time in")
        continue
      }
      episodes[admission.patient, default: 0] += 1
      stayOfAdmission[stay.admission] = Int32(stays.count)
      stays.append(
        Stay(
          stay: index, patient: admission.patient, admission: stay.admission,
          episode: episodes[admission.patient, default: 1], inTime: stay.inTime, outTime: stay.outTime,
          losHours: stay.days.map { 24.0 * $0 }, diedInHospital: Self.died(patient, admission),
          livedHours: admission.deathTime.map { Double($0 - stay.inTime) / 3_600 },
          phenotypes: phenotypes[stay.admission], hasDiagnosis: hasDiagnosis[stay.admission]))
    }
    self.stays = stays
    self.stayOfAdmission = stayOfAdmission
    self.flow = flow.steps + [CohortStep(reason: "stays", count: stays.count)]
  }

  /// DOD, a day, or DEATHTIME within the admission.
  private static func died(_ patient: Patient, _ admission: Admission) -> Bool {
    [patient.deathDay, admission.deathTime].contains { time in
      guard let time, let discharge = admission.dischargeTime else { return false }
      return admission.admitTime <= time && discharge >= time
    }
  }
}

/// Counts those left out, by reason, in the order in which reasons first apply.
struct CohortFlowCounter {
  private let start: CohortStep
  private var reasons: [(reason: String, count: Int)] = []

  init(start: String, count: Int) { self.start = CohortStep(reason: start, count: count) }

  mutating func leaveOut(_ reason: String) {
    if let place = reasons.firstIndex(where: { $0.reason == reason }) {
      reasons[place].count += 1
    } else {
      reasons.append((reason, 1))
    }
  }

  var steps: [CohortStep] { [start] + reasons.map { CohortStep(reason: "left out: " + $0.reason, count: $0.count) } }
}
