// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Testing

/// Goal: each setting of a definition moves the rows that its name says, and no others. Method: five patients, one for each
/// setting, all discharged on 10 January at noon.
@Suite struct CohortOptionTests {
  /// HADM_ID by case: 10 back after 5 days, elective; 20 elective, back after 40 days; 30 to a hospice; 40 left against
  /// advice; 50 dead after 8 days at home.
  private func records() throws -> HospitalRecords {
    let folder = try TableFolder()
    try folder.write(
      "PATIENTS.csv",
      "SUBJECT_ID,GENDER,DOB,DOD\n"
        + (1...5).map { "\($0),F,2100-01-01 00:00:00,\($0 == 5 ? "2150-01-18 00:00:00" : "")\n" }.joined())
    func admission(_ patient: Int, _ id: Int, _ start: String, _ end: String, _ type: String, _ to: String) -> String {
      "\(patient),\(id),2150-\(start):00,2150-\(end):00,,0,\(type),,\(to),,,,,,\n"
    }
    let header =
      "SUBJECT_ID,HADM_ID,ADMITTIME,DISCHTIME,DEATHTIME,HOSPITAL_EXPIRE_FLAG,ADMISSION_TYPE,ADMISSION_LOCATION,"
      + "DISCHARGE_LOCATION,INSURANCE,LANGUAGE,MARITAL_STATUS,ETHNICITY,EDREGTIME,EDOUTTIME\n"
    let (from, to) = ("01-01 08:00", "01-10 12:00")
    try folder.write(
      "ADMISSIONS.csv",
      header + admission(1, 10, from, to, "EMERGENCY", "HOME")
        + admission(1, 11, "01-15 12:00", "01-16 12:00", "ELECTIVE", "HOME")
        + admission(1, 12, "02-08 12:00", "02-09 12:00", "URGENT", "HOME")
        + admission(2, 20, from, to, "ELECTIVE", "HOME")
        + admission(2, 21, "02-19 12:00", "02-20 12:00", "EMERGENCY", "HOME")
        + admission(3, 30, from, to, "EMERGENCY", "HOSPICE-HOME")
        + admission(4, 40, from, to, "EMERGENCY", "LEFT AGAINST MEDICAL ADVI")
        + admission(5, 50, from, to, "EMERGENCY", "HOME"))
    try folder.write(
      "ICUSTAYS.csv",
      "HADM_ID,ICUSTAY_ID,FIRST_CAREUNIT,INTIME,OUTTIME\n"
        + "10,100,MICU,2150-01-01 10:00:00,2150-01-04 10:00:00\n50,500,MICU,2150-01-01 10:00:00,2150-01-09 10:00:00\n")
    return try HospitalRecords(directory: MIMICDirectory(path: folder.path))
  }

  private func labels(_ change: (inout ReadmissionDefinition) -> Void) throws -> [Int64: Float] {
    var definition = ReadmissionDefinition()
    change(&definition)
    let units = try records().readmissionCohort(definition).units
    return Dictionary(uniqueKeysWithValues: units.map { ($0.rowID, $0.label) })
  }

  private static let usual: [Int64: Float] = [10: 1, 11: 1, 12: 0, 20: 0, 21: 0, 30: 0, 40: 0, 50: 0]

  @Test func noSetting_keepsAll() throws { #expect(try labels { _ in } == Self.usual) }

  @Test(arguments: [(7, [10]), (30, [10, 11]), (60, [10, 11, 20]), (4, [])] as [(Int, [Int64])])
  func window_countsSoManyDays(days: Int, readmitted: [Int64]) throws {
    let found = try labels { $0.windowDays = days }
    #expect(found.filter { $0.value == 1 }.keys.sorted() == readmitted)
    #expect(found.count == 8)
  }

  // The elective return after 5 days is looked past; the urgent one after 29 days is found.
  @Test func unplannedOnly_looksPastElectiveReturns() throws {
    #expect(try labels { $0.countsUnplannedOnly = true } == Self.usual)
    let within7 = try labels {
      $0.countsUnplannedOnly = true
      $0.windowDays = 7
    }
    #expect(within7[10] == 0)
  }

  @Test func exclusions_leaveOutTheirOwn() throws {
    let cases: [((inout ReadmissionDefinition) -> Void, [Int64])] = [
      ({ $0.excludesElective = true }, [11, 20]), ({ $0.excludesHospice = true }, [30]),
      ({ $0.excludesAgainstAdvice = true }, [40]), ({ $0.excludesDeathInWindow = true }, [50]),
    ]
    for (change, gone) in cases {
      var expected = Self.usual
      for id in gone { expected[id] = nil }
      #expect(try labels(change) == expected)
      var definition = ReadmissionDefinition()
      change(&definition)
      #expect(definition.departures.count == 1)
      let flow = try records().readmissionCohort(definition).flow
      #expect(flow.dropFirst().dropLast().reduce(0) { $0 + $1.count } == gone.count)
    }
  }

  @Test(arguments: [(0.99, 0), (1, 1), (7.9, 7), (8, 8), (13.9, 8), (14, 9), (200, 9)])
  func classes_areTheBenchmarks(days: Double, expected: Int) { #expect(lengthOfStayClass(days: days) == expected) }

  @Test func hospitalStay_countsFromTheAdmission() throws {
    let cohort = try records().hospitalLengthOfStayCohort()
    #expect(cohort.units.map(\.label).allSatisfy { abs($0 - 9.166_667) < 1e-5 } && cohort.units.count == 2)
    #expect(try records().lengthOfStayClassCohort().units.map(\.label) == [3, 8])
    #expect(try records().hospitalMortalityCohort().units.map(\.label) == [0, 0])
  }
}
