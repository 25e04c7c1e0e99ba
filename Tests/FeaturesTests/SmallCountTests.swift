// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Foundation
import Shards
import Sweeps
import Testing

@testable import Features

/// What `muster data prepare` says of 1 to 10: nothing.
@Suite struct SmallCountTests {
  private func shown(_ counts: [Int]) -> [Int?] {
    SmallCells.shown(counts.enumerated().map { CohortStep(reason: "\($0)", count: $1) }).map(\.count)
  }

  @Test func flow_hidesFew_andWhateverTellsThem() {
    #expect(shown([100, 40, 0, 60]) == [100, 40, 0, 60])
    // One hidden would be the start less the others: the least other goes too.
    #expect(shown([100, 4, 20, 30, 46]) == [100, nil, nil, 30, 46])
    #expect(shown([100, 10, 40, 50]) == [100, nil, nil, 50] && shown([100, 11, 39, 50]) == [100, 11, 39, 50])
    #expect(shown([100, 8, 9, 83]) == [100, nil, nil, 83])
    // No other to hide: the start goes.
    #expect(shown([100, 4, 0, 96]) == [nil, nil, 0, 96])
    #expect(shown([100, 3, 4, 93]) == [nil, nil, nil, 93])
    // Few remain: they are a cell too.
    #expect(shown([100, 40, 53, 7]) == [100, nil, 53, nil] && shown([9, 0, 9]) == [nil, 0, nil])
    #expect(shown([100, 0, 93, 7]) == [100, 0, nil, nil] && shown([8, 8]) == [nil, nil])
  }

  /// In real life: a report and a manifest leave the hospital; two charted errors, one impossible value and one child are in them.
  @Test func reportAndManifest_holdNoSmallCount() throws {
    var hospital = SmallHospital()
    hospital.patients[1][2] = "2149-06-01 00:00:00"
    // Patient 3 has one more.
    for hour in 0..<12 { hospital.addChart(211, Double(hour), "80") }
    hospital.addChart(211, 13, "-1")
    hospital.chart.append([SmallHospital.time(14), "211", "7", "70", "90", "90", "1"])
    let folder = try hospital.prepare([.icuMortality])
    let report = folder.report
    #expect(report.errorRowCount == 1)
    #expect(report.text.contains("rows marked as errors and dropped: hidden"))
    let heartRate = try #require(report.text.split(separator: "\n").first { $0.contains("heart_rate") })
    #expect(heartRate.split(separator: " ").suffix(3).map(String.init) == ["13", "0", "hidden"])
    let json = try #require(try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any])
    #expect(json["errorRowCount"] is NSNull)
    let channels = try #require(json["channels"] as? [[String: Any]])
    let values = try #require(channels.first { $0["name"] as? String == "heart_rate" }?["values"] as? [String: Any])
    #expect(values["kept"] as? Int == 13 && values["dropped"] is NSNull)
    let flow = try #require(report.outcomes.first).flow
    #expect(flow.contains { $0.reason.contains("18") && $0.count == nil } && flow.first?.count == nil, "\(flow)")
    #expect(report.text.contains(/left out: [^\n]*18[^\n]* hidden/))
  }

  // In real life: progress goes to a log that others read. Two patients, two admissions, few rows: no digit of a count is in it.
  @Test func progress_holdsNoSmallCount() throws {
    let folder = try TableFolder()
    try SmallHospital().write(to: folder)
    var lines: [String] = []
    _ = try prepareDatasets(
      mimicDirectory: folder.path, outputDirectory: folder.path + "/out",
      settings: PreparationSettings(outcomes: [.icuMortality], createdBy: "test"), report: { lines.append($0) })
    #expect(lines.contains("hidden patients, hidden admissions, hidden ICU stays"), "\(lines)")
    #expect(lines.contains("CHARTEVENTS: hidden rows, hidden used"), "\(lines)")
    #expect(lines.allSatisfy { !$0.contains(/\b([1-9]|10) (rows|used|patients|admissions|ICU)/) }, "\(lines)")
  }
}
