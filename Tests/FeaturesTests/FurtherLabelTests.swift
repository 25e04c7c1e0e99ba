// SPDX-License-Identifier: Apache-2.0

import Foundation
import Shards
import Sweeps
import Testing

@testable import Features

/// `muster data prepare --also`: labels of other outcomes beside a row's own.
@Suite struct FurtherLabelTests {
  private func prepare(
    _ outcomes: [Outcome], also further: [Outcome], _ hospital: SmallHospital = SmallHospital()
  ) throws -> (report: PreparationReport, folder: TableFolder) {
    let folder = try TableFolder()
    try hospital.write(to: folder)
    var settings = PreparationSettings(outcomes: outcomes, createdBy: "test")
    settings.further = further
    let report = try prepareDatasets(
      mimicDirectory: folder.path, outputDirectory: folder.path + "/out", settings: settings)
    return (report, folder)
  }

  /// Patient 7 comes back after 20 days; patient 3 dies on the ward five days after the ICU.
  private func eventful() -> SmallHospital {
    var hospital = SmallHospital()
    hospital.admissions.append(
      [
        "71", "7", "2150-01-29 12:00:00", "2150-01-31 12:00:00", "", "0", "EMERGENCY", "", "HOME", "", "", "", "", "",
        "",
      ])
    hospital.admissions[1][3] = "2150-02-10 10:00:00"
    hospital.admissions[1][4] = "2150-02-10 10:00:00"
    hospital.admissions[1][5] = "1"
    return hospital
  }

  /// Goal: each label beside its own row. Method: two stays of known ends, in the order patient 3, patient 7.
  @Test func labels_areJoinedToTheirRows() throws {
    let (_, folder) = try prepare(
      [.icuMortality], also: [.readmission30d, .hospitalLengthOfStay, .inHospitalMortality, .lengthOfStay], eventful())
    let dataset = try Dataset(directory: folder.path + "/out/icu_mortality")
    #expect(dataset.rowIDs == [300, 700] && dataset.labels == [0, 0])
    let names: [Outcome] = [.readmission30d, .lengthOfStay, .inHospitalMortality, .hospitalLengthOfStay]
    #expect(dataset.manifest.further.map(\.outcome) == names)
    func labels(_ row: Int) -> [Float] {
      names.indices.map { dataset.furtherLabel($0, row: row) }.map { $0.isNaN ? -1 : $0 }
    }
    // 48 h into four days in the ICU, both; discharge on 9 January 12:00, death on 10 February 10:00.
    #expect(labels(0) == [-1, 2, 1, 7])
    #expect(labels(1) == [1, 2, 0, Float(6 + 2.0 / 24)])
  }

  /// They are labels: no feature, no own label and no byte of a data set that is made without them changes.
  @Test func furtherLabels_moveNothingElse() throws {
    let without = try prepare(PreparationSettings.usualOutcomes, also: [], eventful())
    let with = try prepare(
      PreparationSettings.usualOutcomes, also: [.readmission7d, .inHospitalMortality], eventful())
    for outcome in PreparationSettings.usualOutcomes {
      let plain = try Dataset(directory: without.folder.path + "/out/\(outcome.rawValue)")
      let also = try Dataset(directory: with.folder.path + "/out/\(outcome.rawValue)")
      #expect(plain.labels == also.labels && plain.rowIDs == also.rowIDs && plain.groups == also.groups)
      #expect(plain.manifest.columns == also.manifest.columns && plain.manifest.format == 2)
      for row in 0..<plain.rowCount {
        #expect(plain.tabularRow(row).map(\.bitPattern) == also.tabularRow(row).map(\.bitPattern))
        #expect(plain.sequenceRow(row).map(\.bitPattern) == also.sequenceRow(row).map(\.bitPattern))
      }
      // At a discharge alive a death in hospital is no longer to come: such rows have only the other readmissions.
      #expect(
        also.manifest.further.map(\.outcome)
          == (outcome == .readmission30d ? [.readmission7d] : [.inHospitalMortality, .readmission7d]))
    }
  }

  @Test func labelThatNoRowCanHave_isRefused() throws {
    func refusal(_ outcomes: [Outcome], _ further: [Outcome]) -> String? {
      do {
        _ = try prepare(outcomes, also: further)
        return nil
      } catch { return "\(error)" }
    }
    let text = refusal([.readmission30d], [.icuMortality])
    #expect(text?.contains("--also") == true && text?.contains("found icu_mortality") == true, "\(text ?? "")")
    #expect(text?.contains("one of readmission_7d, readmission_60d, readmission_90d,") == true, "\(text ?? "")")
    #expect(refusal([.icuMortality], [.icuMortality]) != nil && refusal([.icuMortality], [.phenotype]) != nil)
    #expect(refusal([.icuMortality, .readmission30d], [.icuMortality]) != nil)
    #expect(refusal([.lengthOfStay, .readmission30d], [.icuMortality]) == nil)
  }

  /// In real life: the report and the page leave the hospital. Of two patients they say nothing.
  @Test func fewRows_areNotTold() throws {
    let (report, folder) = try prepare([.icuMortality], also: [.readmission30d, .lengthOfStay], eventful())
    #expect(report.text.contains("also: readmission_30d, share known hidden, label 1 hidden"))
    #expect(report.text.contains("also: length_of_stay, share known hidden, mean hidden"))
    let json = try #require(JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any])
    let outcome = try #require((json["outcomes"] as? [[String: Any]])?.first)
    #expect(
      outcome["further"] as? [[String: String]] == [["outcome": "readmission_30d"], ["outcome": "length_of_stay"]])
    let portrait = DatasetPortrait(try Dataset(directory: folder.path + "/out/icu_mortality"))
    #expect(portrait.text.contains("also readmission_30d, share known hidden"))
    #expect(portrait.html.contains("length_of_stay, share known hidden"))
  }

  /// In real life: a column from after the index time tells not this outcome but another. It is a leak all the same.
  @Test func columnThatTellsAFurtherLabel_isAProblem() throws {
    let folder = try TableFolder()
    func column(_ name: String) -> FeatureColumn {
      FeatureColumn(name: name, item: "made up", unit: "1", window: "first 48 h in the ICU", statistic: "value")
    }
    let further: [Outcome] = [.inHospitalMortality, .lengthOfStay, .readmission30d, .readmission7d]
    let writer = try DatasetWriter(
      directory: folder.path + "/set",
      description: DatasetDescription(
        name: "planted", outcome: .icuMortality, source: "synthetic", indexTime: "48 h after the time into the ICU",
        columns: ["honest", "ward", "days", "gone"].map(column), channels: [column("s")], stepCount: 1, flow: [],
        createdBy: "test", further: further))
    for row in 0..<300 {
      let noise = Float((row &* 2_654_435_761) % 9_973) / 9_973
      let (dies, days, isKnown) = (row % 7 == 0, Float(row % 23) / 4, row % 11 != 0)
      try writer.append(
        ShardRow(
          tabular: [noise, noise + (dies ? 2 : 0), isKnown ? -days : noise, row % 3 == 0 ? .nan : noise],
          sequence: [noise], label: row % 5 == 0 ? 1 : 0, group: Int64(row), rowID: Int64((row &* 7_919) % 10_007),
          further: [dies ? 1 : 0, isKnown ? days : .nan, .nan, 0]))
    }
    _ = try writer.finish()
    let findings = DatasetAudit(try Dataset(directory: folder.path + "/set")).findings
    let problems = findings.filter { $0.severity == .problem }.map { "\($0.subject): \($0.detail)" }
    #expect(problems.count == 2, "\(problems)")
    #expect(problems.contains { $0.hasPrefix("ward: alone it separates") && $0.hasSuffix("in_hospital_mortality") })
    #expect(problems.contains { $0 == "days: its rank correlation is -1.00 with the further label length_of_stay" })
    let notices = findings.filter { $0.severity == .notice }.map { "\($0.subject) \($0.detail)" }
    #expect(notices.contains("further label readmission_30d is known in no row"))
    #expect(notices.contains { $0.hasPrefix("further label readmission_7d has one and the same value") })
  }
}
