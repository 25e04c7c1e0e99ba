// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Sweeps

/// What may be known of a unit. Its label and its identifier are not in here.
struct KnownUnit: Hashable, Sendable {
  let patient: Int
  let admission: Int
  let stay: Int?
  let indexTime: IndexTime

  init(_ unit: CohortUnit) {
    patient = unit.patient
    admission = unit.admission
    stay = unit.stay
    indexTime = IndexTime(unit)
  }
}

/// An admission that had ended when the unit's admission began.
struct EarlierAdmission: Sendable {
  let admitTime: Int64
  let dischargeTime: Int64
  let type: String?
  let icuStayCount: Int
  let icuSeconds: Int64
  fileprivate let index: Int
}

/// The door between patients' records and the families: nothing behind the index time comes through it, no outcome, and no
/// identifier. Families see records in no other way.
struct FeatureSources {
  let accumulator: OutcomeAccumulator
  let hasOutputs: Bool
  let hasPrescriptions: Bool
  private let records: HospitalRecords
  private let tables: AdmissionTables

  init(
    records: HospitalRecords, tables: AdmissionTables, accumulator: OutcomeAccumulator, hasOutputs: Bool,
    hasPrescriptions: Bool
  ) {
    self.records = records
    self.tables = tables
    self.accumulator = accumulator
    self.hasOutputs = hasOutputs
    self.hasPrescriptions = hasPrescriptions
  }

  var outcome: Outcome { accumulator.outcome }
  func unit(_ index: Int) -> KnownUnit { accumulator.unit(index) }

  func gender(of unit: KnownUnit) -> String? { records.patients[unit.patient].gender }
  func ageAtAdmission(of unit: KnownUnit) -> Double {
    records.patients[unit.patient].age(at: records.admissions[unit.admission].admitTime)
  }
  func admission(of unit: KnownUnit) -> KnownAdmission {
    KnownAdmission(records.admissions[unit.admission], at: unit.indexTime, isOver: outcome.isAtDischarge)
  }

  /// The patient's admissions that had ended when this unit's admission began, in order of time.
  func earlierAdmissions(of unit: KnownUnit) -> [EarlierAdmission] {
    let admitTime = records.admissions[unit.admission].admitTime
    return records.admissionsOfPatient[unit.patient].compactMap { other in
      let admission = records.admissions[other]
      guard other != unit.admission, let discharge = admission.dischargeTime, discharge <= admitTime else { return nil }
      let stays = records.staysOfAdmission[other].map { records.stays[$0] }
      return EarlierAdmission(
        admitTime: admission.admitTime, dischargeTime: discharge, type: admission.type, icuStayCount: stays.count,
        icuSeconds: stays.reduce(0) { $0 + max(0, ($1.outTime ?? $1.inTime) - $1.inTime) }, index: other)
    }
  }

  /// Codes of the admissions whose codes are known: this one's at its discharge, earlier ones' before. Empty: there is no such
  /// admission; nil: there is no table.
  func diagnoses(of unit: KnownUnit) -> [AdmissionTables.Diagnoses]? {
    tables.diagnoses.map { all in codedAdmissions(of: unit).map { all[$0] } }
  }

  /// As `diagnoses`, how many procedures.
  func procedureCounts(of unit: KnownUnit) -> [Int]? {
    tables.procedureCounts.map { all in codedAdmissions(of: unit).map { all[$0] } }
  }

  private func codedAdmissions(of unit: KnownUnit) -> [Int] {
    outcome.isAtDischarge ? [unit.admission] : earlierAdmissions(of: unit).map(\.index)
  }

  /// In order of time; nil where there is no table.
  func services(of unit: KnownUnit) -> [Observed<String>]? {
    tables.services?[unit.admission].compactMap { unit.indexTime.observe($0.name, at: $0.time) }
  }

  /// Moves between wards.
  func transfers(of unit: KnownUnit) -> [Observed<Void>]? {
    tables.transfers?[unit.admission].compactMap { unit.indexTime.observe((), at: $0) }
  }

  /// Seconds in the ICU of each stay that had begun, up to the index time.
  func icuSeconds(of unit: KnownUnit) -> [Observed<Int64>] {
    records.staysOfAdmission[unit.admission].map { records.stays[$0] }.compactMap { stay in
      let seconds = unit.indexTime.seconds(from: stay.inTime, to: stay.outTime ?? stay.inTime)
      return unit.indexTime.observe(seconds, at: stay.inTime)
    }
  }

  /// Of the unit's stay, or else of the admission's first.
  func careUnit(of unit: KnownUnit) -> String? {
    if let stay = unit.stay { return records.stays[stay].firstCareUnit }
    let stays = records.staysOfAdmission[unit.admission].map { records.stays[$0] }
    return stays.first { unit.indexTime.observe((), at: $0.inTime) != nil }?.firstCareUnit
  }
}
