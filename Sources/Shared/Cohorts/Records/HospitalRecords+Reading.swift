// SPDX-License-Identifier: Apache-2.0

func readPatients(_ directory: MIMICDirectory) throws(CohortError) -> [Patient] {
  let reader = try TableReader(.patients, in: directory, columns: ["SUBJECT_ID", "GENDER", "DOB", "DOD"])
  var patients: [Patient] = []
  var seen: Set<Int64> = []
  while try reader.next() {
    let subjectID = try reader.requiredInteger(0)
    guard seen.insert(subjectID).inserted else { throw reader.repeatedKey(0) }
    patients.append(
      Patient(
        subjectID: subjectID, gender: reader.text(1), birth: try reader.requiredTime(2), deathDay: try reader.time(3)))
  }
  try reader.requireRows()
  return patients.sorted { $0.subjectID < $1.subjectID }
}

func readAdmissions(
  _ directory: MIMICDirectory, patientIndex: IdentifierIndex
) throws(CohortError) -> [Admission] {
  let reader = try TableReader(
    .admissions, in: directory,
    columns: [
      "SUBJECT_ID", "HADM_ID", "ADMITTIME", "DISCHTIME", "DEATHTIME", "HOSPITAL_EXPIRE_FLAG", "ADMISSION_TYPE",
      "ADMISSION_LOCATION", "DISCHARGE_LOCATION", "INSURANCE", "LANGUAGE", "MARITAL_STATUS", "ETHNICITY",
      "EDREGTIME", "EDOUTTIME",
    ])
  var admissions: [Admission] = []
  var seen: Set<Int64> = []
  while try reader.next() {
    guard let patient = patientIndex.index(of: try reader.requiredInteger(0)) else {
      throw reader.unknownKey(0, in: .patients)
    }
    let hadmID = try reader.requiredInteger(1)
    guard seen.insert(hadmID).inserted else { throw reader.repeatedKey(1) }
    admissions.append(
      Admission(
        hadmID: hadmID, patient: patient, admitTime: try reader.requiredTime(2), dischargeTime: try reader.time(3),
        deathTime: try reader.time(4), isMarkedDead: try reader.integer(5) == 1, type: reader.text(6)?.uppercased(),
        location: reader.text(7)?.uppercased(), dischargeLocation: reader.text(8)?.uppercased(),
        insurance: reader.text(9)?.uppercased(), language: reader.text(10)?.uppercased(),
        maritalStatus: reader.text(11)?.uppercased(), ethnicity: reader.text(12)?.uppercased(),
        emergencyStart: try reader.time(13), emergencyEnd: try reader.time(14)))
  }
  try reader.requireRows()
  return admissions.sorted { ($0.patient, $0.admitTime, $0.hadmID) < ($1.patient, $1.admitTime, $1.hadmID) }
}

func readStays(
  _ directory: MIMICDirectory, admissions: [Admission], admissionIndex: IdentifierIndex
) throws(CohortError) -> [ICUStay] {
  let reader = try TableReader(
    .icustays, in: directory, columns: ["HADM_ID", "ICUSTAY_ID", "FIRST_CAREUNIT", "INTIME", "OUTTIME"],
    optional: ["LAST_CAREUNIT", "FIRST_WARDID", "LAST_WARDID", "LOS"])
  var stays: [ICUStay] = []
  var seen: Set<Int64> = []
  while try reader.next() {
    guard let admission = admissionIndex.index(of: try reader.requiredInteger(0)) else {
      throw reader.unknownKey(0, in: .admissions)
    }
    let stayID = try reader.requiredInteger(1)
    guard seen.insert(stayID).inserted else { throw reader.repeatedKey(1) }
    stays.append(
      ICUStay(
        stayID: stayID, admission: admission, firstCareUnit: reader.text(2)?.uppercased(),
        lastCareUnit: reader.text(5)?.uppercased(), firstWard: try reader.integer(6), lastWard: try reader.integer(7),
        days: try reader.decimal(8), inTime: try reader.requiredTime(3), outTime: try reader.time(4)))
  }
  try reader.requireRows()
  return stays.sorted {
    (admissions[$0.admission].patient, $0.inTime, $0.stayID) < (admissions[$1.admission].patient, $1.inTime, $1.stayID)
  }
}

extension TableReader {
  /// To be called behind the last row.
  ///
  /// - Throws: `tableEmpty`.
  package func requireRows() throws(CohortError) {
    guard rowCount == 0 else { return }
    throw CohortError(
      .tableEmpty, path: path, expected: "at least one row", found: "a header and no rows",
      advice: "copy the table again, as PhysioNet ships it")
  }

  func repeatedKey(_ column: Int) -> CohortError {
    keyError(.keyRepeated, column, expected: "each key once", found: "one that an earlier line has")
  }

  func unknownKey(_ column: Int, in table: MIMICTable) -> CohortError {
    keyError(.keyUnknown, column, expected: "a key that \(table.rawValue) has", found: "another one")
  }
}
