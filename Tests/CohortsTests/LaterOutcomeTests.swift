// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Testing

/// What came of a unit after its own index time, against a hospital made by hand.
@Suite struct LaterOutcomeTests {
  /// Stay 100 goes home and comes back; 200 dies on the ward; 300 dies in the ICU; 400 has no discharge time; 500 is discharged, by the
  /// record, before 48 h in the ICU are over, and comes back.
  private func records() throws -> HospitalRecords {
    var hospital = SmallHospital()
    for patient in 1...5 { hospital.patient(patient) }
    hospital.admission(10, of: 1, "01-01 00:00", "01-07 12:00")
    hospital.admission(11, of: 1, "01-20 00:00", "01-21 00:00")
    hospital.admission(20, of: 2, "01-01 00:00", "01-06 00:00", death: "01-06 00:00")
    hospital.admission(30, of: 3, "01-01 00:00", "01-04 00:00", death: "01-04 00:00")
    hospital.admission(40, of: 4, "01-01 00:00", "")
    hospital.admission(50, of: 5, "01-01 00:00", "01-02 12:00")
    hospital.admission(51, of: 5, "01-20 00:00", "01-21 00:00")
    hospital.stay(100, in: 10, "01-01 00:00", "01-05 00:00")
    hospital.stay(200, in: 20, "01-01 00:00", "01-05 00:00")
    hospital.stay(300, in: 30, "01-01 00:00", "01-04 00:00")
    hospital.stay(400, in: 40, "01-01 00:00", "01-05 00:00")
    hospital.stay(500, in: 50, "01-01 00:00", "01-05 00:00")
    return try hospital.read()
  }

  /// By ICUSTAY_ID, -1 for NaN.
  private func table(_ cohort: Cohort, _ label: (CohortUnit) -> Float) -> [Int64: Float] {
    Dictionary(uniqueKeysWithValues: cohort.units.map { ($0.rowID, label($0).isNaN ? -1 : label($0)) })
  }

  @Test func laterOutcomes_areThoseOfTheRow() throws {
    let records = try records()
    let cohort = records.icuMortalityCohort()
    #expect(table(cohort) { records.diesInICU($0, graceHours: 0) } == [100: 0, 200: 0, 300: 1, 400: 0, 500: 0])
    #expect(table(cohort) { records.diesInHospital($0) } == [100: 0, 200: 1, 300: 1, 400: 0, 500: 0])
    #expect(table(cohort) { records.daysLeftInICU($0) } == [100: 2, 200: 2, 300: 1, 400: 2, 500: 2])
    // 400 has no discharge; that of 500 lies before the index time, so what it says of the time after is not to be trusted.
    #expect(table(cohort) { records.daysLeftInHospital($0) } == [100: 4.5, 200: 3, 300: 1, 400: -1, 500: -1])
    let back = records.readmissionLabels(ReadmissionDefinition())
    #expect(table(cohort) { records.readmissionLabel($0, in: back) } == [100: 1, 200: -1, 300: -1, 400: -1, 500: -1])
    let soon = records.readmissionLabels(ReadmissionDefinition(windowDays: 7))
    #expect(table(cohort) { records.readmissionLabel($0, in: soon) } == [100: 0, 200: -1, 300: -1, 400: -1, 500: -1])
  }

  /// The same stays, predicted a day earlier: a day more is left, and the discharge of 500 still lies ahead.
  @Test func earlierIndexTime_leavesMoreAhead() throws {
    let records = try records()
    let cohort = records.lengthOfStayCohort()
    #expect(table(cohort) { records.daysLeftInICU($0) } == [100: 3, 200: 3, 300: 2, 400: 3, 500: 3])
    #expect(table(cohort) { records.daysLeftInHospital($0) } == [100: 5.5, 200: 4, 300: 2, 400: -1, 500: 0.5])
    let back = records.readmissionLabels(ReadmissionDefinition())
    #expect(table(cohort) { records.readmissionLabel($0, in: back) } == [100: 1, 200: -1, 300: -1, 400: -1, 500: 1])
  }

  /// A label of a cohort is the cohort's own wherever both have the row.
  @Test func readmissionOfAnAdmission_isItsCohortsLabel() throws {
    let records = try records()
    let cohort = records.readmissionCohort()
    let labels = records.readmissionLabels(ReadmissionDefinition())
    #expect(cohort.units.count == 4)
    for unit in cohort.units { #expect(records.readmissionLabel(unit, in: labels) == unit.label) }
    // At the discharge no ICU stay is open any more.
    let unit = try #require(cohort.units.first)
    #expect(records.diesInICU(unit, graceHours: 0).isNaN && records.diesInHospital(unit).isNaN)
    #expect(records.daysLeftInICU(unit).isNaN && records.daysLeftInHospital(unit).isNaN)
  }

  @Test func graceHours_moveADeathIntoTheICU() throws {
    let records = try records()
    let unit = try #require(records.icuMortalityCohort().units.first { $0.rowID == 200 })
    #expect(records.diesInICU(unit, graceHours: 23) == 0 && records.diesInICU(unit, graceHours: 24) == 1)
  }
}
