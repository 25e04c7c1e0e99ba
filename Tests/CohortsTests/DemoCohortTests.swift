// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Foundation
import Testing

/// Counts that were found apart from this code (docs/Cohorts.md).
@Suite(.enabled(if: Demo.path != nil, "not run: the MIMIC-III demo is not beside the repository"))
struct DemoCohortTests {
  private func records() throws -> HospitalRecords {
    try HospitalRecords(directory: MIMICDirectory(path: #require(Demo.path)))
  }

  @Test func readmission_onTheDemo_is11Of89() throws {
    let cohort = try records().readmissionCohort(ReadmissionDefinition(ageYearsMin: 0))
    #expect(cohort.units.count == 89 && cohort.positiveCount == 11)
    #expect(Set(cohort.units.filter { $0.label == 1 }.map(\.patient)).count == 9)
  }

  @Test func readmission_onTheDemo_agreesWithLabelsComputedElsewhere() throws {
    let records = try records()
    let folder = try #require(Demo.path)
    let text = try String(contentsOfFile: folder + "/labels/admissions.csv", encoding: .utf8)
    var compared = 0
    for line in text.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      let hadmID = try #require(Int64(fields[1]))
      let index = try #require(records.admissionIndex.index(of: hadmID))
      #expect(records.admissions[index].endsInDeath == (fields[3] == "1"))
      guard fields[3] == "0" else { continue }
      #expect(records.isReadmitted(after: index, withinDays: 30) == (fields[7] == "1"))
      compared += 1
    }
    #expect(compared == 89)
  }

  @Test func icuDeaths_onTheDemo_are29Of136() throws {
    let records = try records()
    #expect(records.stays.count == 136)
    #expect(records.stays.indices.count { records.diedInICU($0) } == 29)
    #expect(records.admissions.count { $0.endsInDeath } == 40)
    let days = records.stays.indices.map { records.daysInICU($0) }.sorted()
    // clinical.md: median 2.11 d (of 136, between the 68th and the 69th).
    #expect(abs((days[67] + days[68]) / 2 - 2.11) < 0.005)
  }

  @Test func flows_onTheDemo_addUp() throws {
    let records = try records()
    for cohort in [records.readmissionCohort(), records.icuMortalityCohort(), records.lengthOfStayCohort()] {
      let counts = cohort.flow.map(\.count)
      #expect(counts.first == counts.dropFirst().reduce(0, +))
      #expect(cohort.flow.last?.count == cohort.units.count)
    }
  }
}
