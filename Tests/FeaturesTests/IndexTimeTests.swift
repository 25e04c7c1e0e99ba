// SPDX-License-Identifier: Apache-2.0

import Foundation
import Shards
import Sweeps
import Testing

@testable import Cohorts
@testable import Features

@Suite struct IndexTimeTests {
  private let index = IndexTime(
    CohortUnit(
      patient: 0, admission: 0, stay: nil, rowID: 1, start: 0, indexTime: 10 * CivilTime.secondsPerDay, label: 1))

  @Test func time_isObserved_onlyBeforeTheIndexTime() {
    let end = 10 * CivilTime.secondsPerDay
    let observed = index.observe(7, at: end - 1)
    #expect(observed?.value == 7 && observed?.time == end - 1 && observed?.secondsBefore == 1)
    for later in [0, 1, 3_600, Int64.max - end] { #expect(index.observe(7, at: end + later) == nil) }
  }

  // In real life: a drug ordered on the day of discharge may have been ordered after it.
  @Test func day_isObserved_onlyWhenItIsOver() {
    #expect(index.observe(7, onDay: 9 * CivilTime.secondsPerDay)?.value == 7)
    #expect(index.observe(7, onDay: 9 * CivilTime.secondsPerDay + 1) == nil)
    #expect(index.observe(7, onDay: 10 * CivilTime.secondsPerDay) == nil)
  }

  @Test func stretch_endsAtTheIndexTime() {
    let end = 10 * CivilTime.secondsPerDay
    #expect(index.seconds(from: end - 100, to: end + 50) == 100)
    #expect(index.seconds(from: end - 100, to: end - 60) == 40)
    #expect(index.seconds(from: end + 10, to: end + 50) == 0)
  }

  /// Goal: features tell nothing of identifiers. Method: all numbers of patients, admissions and stays exchanged for others, of
  /// the same order; every bit stays.
  @Test func identifiers_renumbered_moveNoFeature() throws {
    var hospital = SmallHospital()
    for hour in 1..<40 {
      hospital.addChart(211, Double(hour), "\(60 + hour)")
      hospital.addLab(50971, Double(hour), "\(3 + hour % 3)")
    }
    var other = hospital
    func renumber(_ rows: inout [[String]], _ columns: [Int]) {
      for row in rows.indices {
        for column in columns where !rows[row][column].isEmpty {
          rows[row][column] = "\((Int(rows[row][column]) ?? 0) * 13 + 90_001)"
        }
      }
    }
    renumber(&other.patients, [0])
    renumber(&other.admissions, [0, 1])
    renumber(&other.stays, [0, 1])
    renumber(&other.chart, [2, 3])
    renumber(&other.labs, [2, 3])
    other.diagnoses.mutate { renumber(&$0, [0]) }
    other.procedures.mutate { renumber(&$0, [0]) }
    other.services.mutate { renumber(&$0, [0]) }
    other.transfers.mutate { renumber(&$0, [0]) }
    other.prescriptions.mutate { renumber(&$0, [0, 1]) }
    other.outputs.mutate { renumber(&$0, [0, 1]) }
    let outcomes = PreparationSettings.preparedOutcomes
    let (before, after) = (try hospital.prepare(outcomes), try other.prepare(outcomes))
    for outcome in outcomes {
      let id: Int64 = outcome.readmissionDays == nil ? 700 : 70
      let (old, new) = (try before.row(outcome, id), try after.row(outcome, id * 13 + 90_001))
      #expect(old.bits == new.bits && old.label == new.label && old.group == new.group, "\(outcome)")
    }
  }

  /// Goal: the preset's features end where the benchmark ends them, 48 h after the time in. Method: as LeakTests; with the
  /// same values earlier the features do move.
  @Test func presetsFeatures_areMovedByNothingLater() throws {
    func row(_ later: Double?) throws -> [UInt32] {
      let folder = try TableFolder()
      var hospital = SmallHospital()
      hospital.addChart(211, 3, "80")
      if let later { for item in [211, 220045, 618, 646, 676, 198] { hospital.addChart(item, later, "99") } }
      try hospital.write(to: folder, forBenchmark: true)
      _ = try prepareBenchmark(
        mimicDirectory: folder.path, outputDirectory: folder.path + "/out",
        settings: PreparationSettings(outcomes: [], createdBy: "test"), benchmark: BenchmarkSettings(phenotypes: []))
      let dataset = try Dataset(directory: folder.path + "/out/in_hospital_mortality")
      let place = try #require(dataset.rowIDs.firstIndex(of: 700))
      return (Array(dataset.tabularRow(place)) + Array(dataset.sequenceRow(place))).map {
        $0.isNaN ? 0x7FC0_0000 : $0.bitPattern
      }
    }
    let before = try row(nil)
    for hours in [48 + 1.0 / 3_600, 50, 90] { #expect(try row(hours) == before, "\(hours) h") }
    #expect(try row(47) != before)
  }
}

extension Optional {
  fileprivate mutating func mutate(_ change: (inout Wrapped) -> Void) {
    guard var value = self else { return }
    change(&value)
    self = value
  }
}
