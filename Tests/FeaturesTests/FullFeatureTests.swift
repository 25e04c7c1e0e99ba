// SPDX-License-Identifier: Apache-2.0

import Features
import Foundation
import Shards
import Sweeps
import Testing

@Suite struct FullFeatureTests {
  private func row(_ hospital: SmallHospital, _ outcome: Outcome) throws -> [String: Float] {
    let folder = try TableFolder()
    try hospital.write(to: folder)
    var settings = PreparationSettings(outcomes: [outcome], createdBy: "test")
    settings.featureSet = .full
    _ = try prepareDatasets(mimicDirectory: folder.path, outputDirectory: folder.path + "/out", settings: settings)
    let dataset = try Dataset(directory: "\(folder.path)/out/\(outcome.rawValue)")
    let index = try #require(dataset.rowIDs.firstIndex(of: outcome == .readmission30d ? 70 : 700))
    let names = dataset.manifest.columns.map(\.name)
    return Dictionary(uniqueKeysWithValues: zip(names, dataset.tabularRow(index)))
  }

  // Potassium 3 at 1 h, 4 at 30 h, 6 at 46 h; the index time is 48 h. By hand: the slope of (-18, 4), (-2, 6) is 1/8 per h.
  @Test func windows_endAtTheIndexTime_andHoldTheirStatistics() throws {
    var hospital = SmallHospital()
    for (hours, value) in [(1.0, "3"), (30, "4"), (46, "6"), (48, "9")] {
      hospital.addLab(50971, hours, value, flag: value == "6" ? "abnormal" : "")
    }
    let row = try row(hospital, .icuMortality)
    #expect(row["lab_potassium_6h_count"] == 1 && row["lab_potassium_6h_last"] == 6)
    #expect(row["lab_potassium_6h_slope"]?.isNaN == true)
    #expect(row["lab_potassium_24h_count"] == 2 && row["lab_potassium_24h_mean"] == 5)
    #expect(row["lab_potassium_24h_slope"] == 0.125)
    #expect(row["lab_potassium_24h_abnormal"] == 0.5)
    #expect(row["lab_potassium_48h_min"] == 3 && row["lab_potassium_all_max"] == 6)
    #expect(row["lab_sodium_24h_count"] == 0 && row["lab_sodium_24h_mean"]?.isNaN == true)
  }

  // Six hours before the index time is the first second of the last six hours.
  @Test func window_holdsItsFirstSecond() throws {
    var hospital = SmallHospital()
    hospital.addLab(50971, 42, "3")
    hospital.addLab(50971, 42 - 1.0 / 3_600, "5")
    let row = try row(hospital, .icuMortality)
    #expect(row["lab_potassium_6h_count"] == 1 && row["lab_potassium_6h_last"] == 3)
    #expect(row["lab_potassium_24h_count"] == 2)
  }

  // Heart failure 7, liver disease 11, obesity -4: by the table of van Walraven 2009.
  @Test func elixhauser_countsByItsTable() throws {
    var hospital = SmallHospital()
    hospital.diagnoses = [["70", "4280"], ["70", "5712"], ["70", "27801"], ["30", "25000"]]
    let row = try row(hospital, .readmission30d)
    #expect(row["elixhauser_score"] == 14)
    #expect(row["elixhauser_heart_failure"] == 1 && row["elixhauser_liver"] == 1 && row["elixhauser_obesity"] == 1)
    #expect(row["elixhauser_alcohol"] == 1, "alcoholic cirrhosis counts twice, as in Quan 2005")
    #expect(row["elixhauser_diabetes"] == 0)
  }

  @Test(arguments: [
    ("40201", "hypertension_complicated"), ("4251", ""), ("4255", "alcohol"), ("29604", "psychosis"),
    ("2962", "depression"), ("20310", ""), ("1739", ""), ("1740", "solid_tumour"), ("V6542", "drugs"),
  ])
  func codes_belongToTheConditionsOfQuan2005(code: String, name: String) {
    let found = ElixhauserCondition.all.filter { $0.contains(code: code) }.map(\.name)
    #expect(name.isEmpty ? found.isEmpty : found.contains(name), "\(found)")
  }

  // Emergency 1, procedure 1, stay of 8 days 2, sodium of 130 1; haemoglobin never taken counts as normal.
  @Test func hospitalScore_isTheSumOfItsPoints() throws {
    var hospital = SmallHospital()
    hospital.addLab(50983, 20, "130")
    #expect(try row(hospital, .readmission30d)["hospital_score"] == 5)
    hospital.services = [["70", "2150-01-01 08:00:00", "OMED"]]
    #expect(try row(hospital, .readmission30d)["hospital_score"] == 7)
  }

  // Goal: nothing at or behind the index time moves a column of the full set either. Method: as LeakTests.
  @Test(arguments: [Outcome.icuMortality, .lengthOfStay, .readmission30d])
  func records_atTheIndexTime_moveNoColumn(outcome: Outcome) throws {
    let hours = outcome == .readmission30d ? 194.0 : outcome == .icuMortality ? 48 : 24
    var planted = SmallHospital()
    planted.addLab(50971, hours, "9")
    planted.addChart(211, hours, "150")
    planted.addChart(211, hours + 3, "150")
    let (before, after) = (try row(SmallHospital(), outcome), try row(planted, outcome))
    for (name, value) in before { #expect(after[name]?.bitPattern == value.bitPattern, "\(name)") }
    var earlier = SmallHospital()
    earlier.addChart(211, hours - 1, "150")
    #expect(try row(earlier, outcome)["vital_heart_rate_6h_max"] == 150)
  }

  @Test func everyColumn_hasAPlainNameAndItsItems() {
    for outcome in PreparationSettings.preparedOutcomes {
      let columns = featureColumns(for: outcome, .full)
      #expect(Set(columns.map(\.name)).count == columns.count)
      #expect(Set(columns.map(\.label)).count == columns.count)
      for column in columns {
        #expect(!column.label.isEmpty && !column.unit.isEmpty && !column.window.isEmpty && !column.statistic.isEmpty)
        #expect(!column.label.contains("_"), "\(column.label)")
        let isMeasured =
          column.name.hasPrefix("vital_") || (column.name.hasPrefix("lab_") && column.name != "lab_count")
        #expect(!isMeasured || !column.items.isEmpty, "\(column.name)")
      }
    }
  }
}
