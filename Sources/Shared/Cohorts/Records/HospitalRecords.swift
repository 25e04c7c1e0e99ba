// SPDX-License-Identifier: Apache-2.0

/// PATIENTS, ADMISSIONS and ICUSTAYS in memory (about 30 MB for all of MIMIC-III), ordered and indexed.
package struct HospitalRecords: Sendable {
  /// Ascending by SUBJECT_ID.
  package let patients: [Patient]
  /// Ascending by (patient, admission time, HADM_ID).
  package let admissions: [Admission]
  /// Ascending by (patient, time in, ICUSTAY_ID).
  package let stays: [ICUStay]
  /// Indexes into `admissions`, by patient.
  package let admissionsOfPatient: [Range<Int>]
  /// Indexes into `stays`, ascending by time, by admission.
  package let staysOfAdmission: [[Int]]
  package let patientIndex: IdentifierIndex
  package let admissionIndex: IdentifierIndex

  /// Reads the three tables.
  ///
  /// - Throws: what `TableReader` throws; `tableEmpty`, `fieldMissing`, `keyRepeated`, `keyUnknown` (an admission without
  ///   its patient, a stay without its admission).
  package init(directory: MIMICDirectory) throws(CohortError) {
    let patients = try readPatients(directory)
    let patientIndex = IdentifierIndex(patients.map(\.subjectID))
    let admissions = try readAdmissions(directory, patientIndex: patientIndex)
    let admissionIndex = IdentifierIndex(admissions.map(\.hadmID))
    let stays = try readStays(directory, admissions: admissions, admissionIndex: admissionIndex)

    var ranges = [Range<Int>](repeating: 0..<0, count: patients.count)
    for (index, admission) in admissions.enumerated() {
      let range = ranges[admission.patient]
      ranges[admission.patient] = range.isEmpty ? index..<(index + 1) : range.lowerBound..<(index + 1)
    }
    var staysOfAdmission = [[Int]](repeating: [], count: admissions.count)
    for (index, stay) in stays.enumerated() { staysOfAdmission[stay.admission].append(index) }

    self.patients = patients
    self.patientIndex = patientIndex
    self.admissions = admissions
    self.admissionIndex = admissionIndex
    self.stays = stays
    admissionsOfPatient = ranges
    self.staysOfAdmission = staysOfAdmission
  }

  package func patient(of stay: ICUStay) -> Int { admissions[stay.admission].patient }
}
