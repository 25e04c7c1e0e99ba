// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Shards

/// The frame `patients`: the columns of MIMIC-Extract's schema of it, and `max_hours`.
///
/// - Source: MIMIC-Extract, resources/static_data_spec.json. Its queries also fetch severity scores (SOFA, SAPS II, OASIS), which that
///   schema leaves out before the file is written.
struct ExtractStatics {
  let records: HospitalRecords
  let stays: [ExtractStay]
  /// By stay.
  let codeStatus: [ExtractCare.CodeStatus]
  /// By HADM_ID.
  let diagnoses: [Int64: String]

  /// DIAGNOSIS of ADMISSIONS, the text at admission.
  static func diagnoses(_ directory: MIMICDirectory) throws(CohortError) -> [Int64: String] {
    let reader = try TableReader(.admissions, in: directory, columns: ["HADM_ID"], optional: ["DIAGNOSIS"])
    var found: [Int64: String] = [:]
    while try reader.next() { found[try reader.requiredInteger(0)] = reader.text(1) }
    return found
  }

  /// Whether the patient's next stay in an ICU begins within 30 days after this one's end.
  private func isReadmitted(_ stay: ExtractStay) -> Bool {
    // Stays ascend by patient and time.
    let next = records.stays[(stay.place + 1)...].prefix { records.patient(of: $0) == stay.patient }
      .first { $0.inTime > stay.outTime }
    return next.map { $0.inTime - stay.outTime <= 30 * CivilTime.secondsPerDay } ?? false
  }

  func write(to file: PandasFileWriter, rows: [(name: String, values: [Int64])]) throws(ShardError) {
    let units = stays.map { records.stays[$0.place] }
    let admissions = units.map { records.admissions[$0.admission] }
    func ranks() -> [Int64] {
      zip(units, stays).map { unit, stay in
        Int64(unit.admission - records.admissionsOfPatient[stay.patient].lowerBound + 1)
      }
    }
    let isDead: [Int64] = admissions.map { $0.endsInDeath ? 1 : 0 }
    let integers: [(name: String, values: [Int64])] = [
      ("max_hours", stays.map { Int64($0.hourMax) }),
      ("mort_icu", stays.map { records.diedInICU($0.place) ? 1 : 0 }), ("mort_hosp", isDead),
      ("hospital_expire_flag", isDead), ("hospstay_seq", ranks()),
      ("readmission_30", stays.map { isReadmitted($0) ? 1 : 0 }),
    ]
    let times: [(name: String, values: [Int64?])] = [
      ("admittime", admissions.map(\.admitTime)), ("dischtime", admissions.map(\.dischargeTime)),
      ("deathtime", admissions.map(\.deathTime)), ("intime", units.map(\.inTime)), ("outtime", units.map(\.outTime)),
      ("dnr_first_charttime", codeStatus.map(\.firstNoResuscitation)),
      ("timecmo_chart", codeStatus.map(\.firstComfortOnly)),
    ]
    let texts: [(name: String, values: [String?])] = [
      ("gender", stays.map { records.patients[$0.patient].gender }), ("ethnicity", admissions.map(\.ethnicity)),
      ("insurance", admissions.map(\.insurance)), ("admission_type", admissions.map(\.type)),
      ("first_careunit", units.map(\.firstCareUnit)),
      ("diagnosis_at_admission", admissions.map { diagnoses[$0.hadmID] }),
      ("discharge_location", admissions.map(\.dischargeLocation)),
    ]
    let numbers = [
      "age", "los_icu", "fullcode_first", "dnr_first", "fullcode", "dnr", "cmo_first", "cmo_last", "cmo",
    ]
    let writer = try file.begin(
      "patients", columnLevels: [""], columns: numbers.map { [$0] }, rows: rows, integers: integers, times: times,
      texts: texts)
    for ((stay, unit), code) in zip(zip(stays, units), codeStatus) {
      try writer.append([
        records.patients[stay.patient].age(at: unit.inTime), records.daysInICU(stay.place),
        code.beganWith(CareMark.fullCode), code.beganWith(CareMark.noResuscitation), code.everWas(CareMark.fullCode),
        code.everWas(CareMark.noResuscitation), code.beganWith(CareMark.comfortOnly),
        code.endedWith(CareMark.comfortOnly), code.everWas(CareMark.comfortOnly),
      ])
    }
  }
}
