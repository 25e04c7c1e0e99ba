// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Testing

/// Three small tables; times as "MM-DD HH:MM" of 2150, births in 2100 unless given.
struct SmallHospital {
  var patients = "SUBJECT_ID,GENDER,DOB,DOD\n"
  var admissions =
    "SUBJECT_ID,HADM_ID,ADMITTIME,DISCHTIME,DEATHTIME,HOSPITAL_EXPIRE_FLAG,ADMISSION_TYPE,ADMISSION_LOCATION,"
    + "DISCHARGE_LOCATION,INSURANCE,LANGUAGE,MARITAL_STATUS,ETHNICITY,EDREGTIME,EDOUTTIME\n"
  var stays = "HADM_ID,ICUSTAY_ID,FIRST_CAREUNIT,INTIME,OUTTIME\n"

  private func time(_ text: String) -> String { text.isEmpty ? "" : "2150-\(text):00" }

  mutating func patient(_ id: Int, birth: String = "2100-01-01 00:00:00", died: String = "") {
    patients += "\(id),F,\(birth),\(died.isEmpty ? "" : "2150-\(died) 00:00:00")\n"
  }

  mutating func admission(
    _ id: Int, of patient: Int, _ start: String, _ end: String, type: String = "EMERGENCY", death: String = "",
    isDead: Bool = false
  ) {
    let flag = isDead || !death.isEmpty ? 1 : 0
    admissions += "\(patient),\(id),\(time(start)),\(time(end)),\(time(death)),\(flag),\(type),,,,,,,,\n"
  }

  mutating func stay(_ id: Int, in admission: Int, _ start: String, _ end: String) {
    stays += "\(admission),\(id),MICU,\(time(start)),\(time(end))\n"
  }

  func read() throws -> HospitalRecords {
    let folder = try TableFolder()
    try folder.write("PATIENTS.csv", patients)
    try folder.write("ADMISSIONS.csv", admissions)
    try folder.write("ICUSTAYS.csv", stays)
    return try HospitalRecords(directory: MIMICDirectory(path: folder.path))
  }
}

@Suite struct CohortTests {
  private func labels(_ cohort: Cohort) -> [Int64: Float] {
    Dictionary(uniqueKeysWithValues: cohort.units.map { ($0.rowID, $0.label) })
  }

  @Test func readmission_atTheEndsOfTheWindow_countsBothEnds() throws {
    var hospital = SmallHospital()
    for (index, next) in ["01-10 12:00", "02-09 12:00", "02-09 12:01"].enumerated() {
      hospital.patient(index + 1)
      hospital.admission(10 + index, of: index + 1, "01-01 08:00", "01-10 12:00")
      hospital.admission(20 + index, of: index + 1, next, "06-01 00:00", type: "ELECTIVE")
    }
    hospital.stay(1, in: 10, "01-01 08:00", "01-02 08:00")
    let cohort = try hospital.read().readmissionCohort()
    #expect(labels(cohort) == [10: 1, 11: 1, 12: 0, 20: 0, 21: 0, 22: 0])
    #expect(cohort.positiveCount == 2 && cohort.patientCount == 3)
  }

  // In real life: a transfer is booked before the first admission is closed; a newborn is admitted under its mother's
  // visit; a patient comes back to die.
  @Test func readmission_overlapNewbornAndDeath_followTheDefinition() throws {
    var hospital = SmallHospital()
    hospital.patient(1)
    hospital.admission(10, of: 1, "01-01 00:00", "01-10 00:00")
    hospital.admission(11, of: 1, "01-09 00:00", "01-20 00:00")
    hospital.admission(12, of: 1, "02-08 00:00", "02-11 00:00", death: "02-11 00:00")
    hospital.patient(2, birth: "2150-01-01 00:00:00")
    hospital.admission(20, of: 2, "01-01 00:00", "01-05 00:00", type: "NEWBORN")
    hospital.admission(21, of: 2, "01-06 00:00", "01-09 00:00")
    hospital.patient(3)
    hospital.admission(30, of: 3, "01-05 00:00", "01-05 00:00")
    hospital.patient(4, birth: "2132-01-01 00:00:00")
    hospital.admission(40, of: 4, "01-01 00:00", "01-02 00:00")
    hospital.patient(5, birth: "2132-01-01 00:01:00")
    hospital.admission(50, of: 5, "01-01 00:00", "01-02 00:00")
    hospital.stay(1, in: 10, "01-01 08:00", "01-02 08:00")
    let cohort = try hospital.read().readmissionCohort()
    // 10: the overlapping 11 is looked past, and 12 starts 29 days after discharge. 40 turns 18 on the day.
    #expect(labels(cohort) == [10: 1, 11: 1, 40: 0])
    #expect(cohort.flow.map(\.count) == [8, 1, 2, 1, 1, 3])
    #expect(try hospital.read().readmissionCohort(ReadmissionDefinition(windowDays: 18)).positiveCount == 0)
  }

  // In real life: tables that gave a mother the admission of her child. A newborn's admission is no return; the next one is.
  @Test func newbornAdmission_isNoReturn() throws {
    var hospital = SmallHospital()
    hospital.patient(1)
    hospital.admission(10, of: 1, "01-01 00:00", "01-05 00:00")
    hospital.admission(11, of: 1, "01-06 00:00", "01-09 00:00", type: "NEWBORN")
    hospital.patient(2)
    hospital.admission(20, of: 2, "01-01 00:00", "01-05 00:00")
    hospital.admission(21, of: 2, "01-06 00:00", "01-09 00:00", type: "NEWBORN")
    hospital.admission(22, of: 2, "01-20 00:00", "01-21 00:00")
    hospital.stay(1, in: 10, "01-01 08:00", "01-02 08:00")
    #expect(labels(try hospital.read().readmissionCohort()) == [10: 0, 20: 1, 22: 0])
  }

  @Test func icuMortality_labelsDeathInTheStayOnly() throws {
    var hospital = SmallHospital()
    let cases: [(out: String, death: String)] = [
      ("01-05 00:00", "01-05 00:00"), ("01-05 00:00", "01-05 00:01"), ("01-05 00:00", ""),
      ("01-05 00:00", "01-02 23:59"), ("01-02 23:59", ""), ("01-03 00:00", "01-03 00:00"), ("", ""),
    ]
    for (index, example) in cases.enumerated() {
      hospital.patient(index + 1)
      hospital.admission(10 + index, of: index + 1, "01-01 00:00", "01-06 00:00", death: example.death)
      hospital.stay(100 + index, in: 10 + index, "01-01 00:00", example.out)
    }
    let cohort = try hospital.read().icuMortalityCohort()
    #expect(labels(cohort) == [100: 1, 101: 0, 102: 0, 105: 1])
    #expect(cohort.flow.map(\.count) == [7, 1, 0, 1, 1, 4])
    #expect(cohort.units.allSatisfy { $0.indexTime - $0.start == 48 * 3_600 })
  }

  @Test func death_knownByDayOnly_countsWhereTheDayTouchesTheStay() throws {
    var hospital = SmallHospital()
    hospital.patient(1, died: "01-05")
    hospital.admission(10, of: 1, "01-01 00:00", "01-06 00:00", isDead: true)
    hospital.stay(100, in: 10, "01-01 00:00", "01-05 09:00")
    hospital.stay(101, in: 10, "01-01 00:00", "01-04 09:00")
    // Died at home: the day of death lies outside the admission and no flag is set.
    hospital.patient(2, died: "01-05")
    hospital.admission(20, of: 2, "01-01 00:00", "01-06 00:00")
    hospital.stay(200, in: 20, "01-01 00:00", "01-05 09:00")
    #expect(labels(try hospital.read().icuMortalityCohort()) == [100: 1, 101: 0, 200: 0])
  }

  // The index time is 3 January, 06:00: who died that day, at whatever hour, may still have lived then; who died the day before not.
  @Test func death_knownByDayOnly_leavesOutOnceTheDayIsOver() throws {
    var hospital = SmallHospital()
    for (patient, day) in [(1, "01-03"), (2, "01-02")] {
      hospital.patient(patient, died: day)
      hospital.admission(patient * 10, of: patient, "01-01 00:00", "01-06 00:00", isDead: true)
      hospital.stay(patient * 100, in: patient * 10, "01-01 06:00", "01-04 09:00")
    }
    #expect(labels(try hospital.read().icuMortalityCohort()) == [100: 1])
  }

  @Test func lengthOfStay_isInDaysOfThoseThereAt24h() throws {
    var hospital = SmallHospital()
    hospital.patient(1)
    hospital.admission(10, of: 1, "01-01 00:00", "01-09 00:00", death: "01-03 12:00")
    hospital.stay(100, in: 10, "01-01 00:00", "01-03 12:00")
    hospital.stay(101, in: 10, "01-04 00:00", "01-04 23:59")
    #expect(labels(try hospital.read().lengthOfStayCohort()) == [100: 2.5])
  }

  @Test func age_over89_isWithheld() throws {
    var hospital = SmallHospital()
    hospital.patient(1, birth: "1850-01-01 00:00:00")
    hospital.patient(2, birth: "2061-01-02 00:00:00")
    hospital.admission(10, of: 1, "01-01 00:00", "01-09 00:00")
    hospital.stay(100, in: 10, "01-01 00:00", "01-03 12:00")
    let records = try hospital.read()
    let time = records.admissions[0].admitTime
    #expect(records.patients[0].age(at: time) == 91.4)
    #expect(abs(records.patients[1].age(at: time) - 89) < 0.01)
  }

  @Test func keys_repeatedOrUnknown_areRefusedByLine() throws {
    var hospital = SmallHospital()
    hospital.patient(1)
    hospital.admission(10, of: 1, "01-01 00:00", "01-09 00:00")
    hospital.stay(100, in: 10, "01-01 00:00", "01-03 12:00")
    var repeated = hospital
    repeated.admission(10, of: 1, "02-01 00:00", "02-09 00:00")
    let twice = #expect(throws: CohortError.self) { try repeated.read() }
    #expect(twice?.code == .keyRepeated && twice?.line == 3 && twice?.column == "HADM_ID")
    hospital.stay(101, in: 11, "01-01 00:00", "01-03 12:00")
    let unknown = #expect(throws: CohortError.self) { try hospital.read() }
    #expect(unknown?.code == .keyUnknown && unknown?.line == 3 && unknown?.column == "HADM_ID")
  }
}
