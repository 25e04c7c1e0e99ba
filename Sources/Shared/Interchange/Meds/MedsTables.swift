// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// The tables that a MEDS data set can fill.
final class MedsTables {
  private let patients, admissions, stays, charts, labs, outputs, drugs, diagnoses, procedures, services,
    transfers: TableWriter
  private var nextAdmission: Int64 = 0
  private var nextStay: Int64 = 0
  /// Whether events may be given to an admission by their time: where the data set names no admissions at all.
  private let placesByTime: Bool
  private(set) var unusedCounts: [String: Int] = [:]
  /// Subjects without a birth: there is no age to be had.
  private(set) var leftOutCount = 0

  static let tables: [MIMICTable] = [
    .patients, .admissions, .icustays, .chartevents, .labevents, .outputevents, .prescriptions, .diagnosesIcd,
    .proceduresIcd, .services, .transfers,
  ]

  init(directory: String, placesByTime: Bool) {
    self.placesByTime = placesByTime
    let writers = Self.tables.map { TableWriter($0, directory: directory) }
    patients = writers[0]
    admissions = writers[1]
    stays = writers[2]
    charts = writers[3]
    labs = writers[4]
    outputs = writers[5]
    drugs = writers[6]
    diagnoses = writers[7]
    procedures = writers[8]
    services = writers[9]
    transfers = writers[10]
  }

  private var all: [TableWriter] {
    [patients, admissions, stays, charts, labs, outputs, drugs, diagnoses, procedures, services, transfers]
  }

  func append(_ subject: MedsSubject) throws(InterchangeError) {
    for event in subject.events {
      if case .other(let family) = event.code { unusedCounts[family, default: 0] += 1 }
    }
    let found = MedsAdmissions(subject.events, nextAdmission: &nextAdmission, nextStay: &nextStay)
    guard let birth = found.birth else {
      leftOutCount += 1
      return
    }
    let subjectID = "\(subject.subjectID)"
    try patients.append([
      "SUBJECT_ID": subjectID, "GENDER": found.gender, "DOB": CivilTime.text(birth),
      "DOD": found.death.map { CivilTime.text($0 - $0 % CivilTime.secondsPerDay) },
      "EXPIRE_FLAG": found.death == nil ? "0" : "1",
    ])
    for admission in found.admissions { try append(admission, found, subjectID) }
    for stay in found.stays { try append(stay, found, subjectID) }
    var place = 0
    for event in subject.events {
      place += 1
      try append(event, found, subjectID, place)
    }
  }

  private func append(
    _ admission: MedsAdmissions.Admission, _ found: MedsAdmissions, _ subjectID: String
  ) throws(InterchangeError) {
    guard case .admission(let type, let location) = admission.event.code else { return }
    let death = found.death(in: admission)
    try admissions.append([
      "SUBJECT_ID": subjectID, "HADM_ID": "\(admission.hadmID)", "ADMITTIME": CivilTime.text(admission.start),
      "DISCHTIME": admission.end.map(CivilTime.text), "DEATHTIME": death.time.map(CivilTime.text),
      "ADMISSION_TYPE": type.map(Self.admissionType), "ADMISSION_LOCATION": location,
      "DISCHARGE_LOCATION": admission.dischargeLocation, "INSURANCE": admission.event[.insurance],
      "LANGUAGE": admission.event[.language], "MARITAL_STATUS": admission.event[.maritalStatus],
      "ETHNICITY": admission.event[.race], "EDREGTIME": admission.emergencyStart.map(CivilTime.text),
      "EDOUTTIME": admission.emergencyEnd.map(CivilTime.text), "HOSPITAL_EXPIRE_FLAG": death.isDead ? "1" : "0",
    ])
  }

  /// MIMIC-IV's names of what MIMIC-III calls EMERGENCY.
  private static func admissionType(_ text: String) -> String {
    ["EW EMER.", "DIRECT EMER."].contains(text) ? "EMERGENCY" : text
  }

  private func append(
    _ stay: MedsAdmissions.Stay, _ found: MedsAdmissions, _ subjectID: String
  ) throws(InterchangeError) {
    guard let hadmID = found.hadmID(of: stay) else { return }
    try stays.append([
      "SUBJECT_ID": subjectID, "HADM_ID": "\(hadmID)", "ICUSTAY_ID": "\(stay.stayID)", "FIRST_CAREUNIT": stay.firstUnit,
      "LAST_CAREUNIT": stay.lastUnit, "INTIME": CivilTime.text(stay.start), "OUTTIME": stay.end.map(CivilTime.text),
      "LOS": stay.end.map { "\(Double($0 - stay.start) / Double(CivilTime.secondsPerDay))" },
    ])
  }

  private func append(
    _ event: MedsEvent, _ found: MedsAdmissions, _ subjectID: String, _ place: Int
  ) throws(InterchangeError) {
    guard let time = event.time else { return }
    let moment = CivilTime.text(time)
    var hadmID = event.hadmID
    if hadmID == nil, placesByTime { hadmID = found.admission(at: time) }
    let (admission, stay) = (hadmID.map { "\($0)" }, event.stayID.map { "\($0)" })
    switch event.code {
    case .item(let item, let unit):
      if MedsCode.labItems.contains(item) {
        try labs.append([
          "SUBJECT_ID": subjectID, "HADM_ID": admission, "ITEMID": "\(item)", "CHARTTIME": moment,
          "VALUE": event.text ?? event.number, "VALUENUM": event.number, "VALUEUOM": unit, "FLAG": event[.flag],
        ])
      } else {
        try charts.append([
          "SUBJECT_ID": subjectID, "HADM_ID": admission, "ICUSTAY_ID": stay, "ITEMID": "\(item)", "CHARTTIME": moment,
          "VALUE": event.text ?? event.number, "VALUENUM": event.number, "VALUEUOM": unit,
          "ERROR": event[.error].map { $0 == "1" || $0 == "1.0" ? "1" : "0" },
        ])
      }
    case .output(let item, let unit):
      try outputs.append([
        "SUBJECT_ID": subjectID, "HADM_ID": admission, "ICUSTAY_ID": stay, "CHARTTIME": moment, "ITEMID": "\(item)",
        "VALUE": event.number, "VALUEUOM": unit,
        "ISERROR": event[.error].map { $0 == "1" || $0 == "1.0" ? "1" : "0" },
      ])
    case .diagnosis(let code):
      try diagnoses.append([
        "SUBJECT_ID": subjectID, "HADM_ID": admission, "SEQ_NUM": "\(place)", "ICD9_CODE": code,
      ])
    case .procedure(let code):
      try procedures.append([
        "SUBJECT_ID": subjectID, "HADM_ID": admission, "SEQ_NUM": "\(place)", "ICD9_CODE": code,
      ])
    case .drug(let drug):
      // The published conversion gives orders no admission.
      let owner = hadmID ?? found.admission(at: time)
      try drugs.append([
        "SUBJECT_ID": subjectID, "HADM_ID": owner.map { "\($0)" }, "STARTDATE": CivilTime.text(time - time % 86_400),
        "DRUG_TYPE": event[.drugType], "DRUG": drug,
      ])
    case .transfer(let type, let unit):
      try transfers.append([
        "SUBJECT_ID": subjectID, "HADM_ID": admission, "EVENTTYPE": type, "CURR_CAREUNIT": unit, "INTIME": moment,
      ])
    case .service(let service):
      try services.append([
        "SUBJECT_ID": subjectID, "HADM_ID": admission, "TRANSFERTIME": moment, "CURR_SERVICE": service,
      ])
    default: break
    }
  }

  func close() throws(InterchangeError) -> [(table: String, rowCount: Int)] {
    for writer in all { try writer.close() }
    return all.map { ($0.table.rawValue, $0.rowCount) }
  }
}

extension MedsEvent {
  fileprivate subscript(_ detail: MedsColumns.Detail) -> String? { details[detail.rawValue] }
}
