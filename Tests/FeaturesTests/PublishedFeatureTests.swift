// SPDX-License-Identifier: Apache-2.0

import Features
import Foundation
import Shards
import Sweeps
import Testing

/// The full set beside the 714 features of mimic3-benchmarks. docs/Cohorts.md has the list of what either lacks.
@Suite struct PublishedFeatureTests {
  /// Ours, and the benchmark's variable.
  private static let channels = [
    ("diastolic_pressure", "diastolic_blood_pressure"), ("glucose", "glucose"), ("heart_rate", "heart_rate"),
    ("height", "height"), ("mean_pressure", "mean_blood_pressure"), ("oxygen_saturation", "oxygen_saturation"),
    ("respiratory_rate", "respiratory_rate"), ("systolic_pressure", "systolic_blood_pressure"),
    ("temperature", "temperature"), ("weight", "weight"), ("ph", "ph"), ("capillary_refill", "capillary_refill_rate"),
    ("gcs_eye", "glascow_coma_scale_eye_opening"), ("gcs_motor", "glascow_coma_scale_motor_response"),
    ("gcs_verbal", "glascow_coma_scale_verbal_response"), ("gcs_total", "glascow_coma_scale_total"),
  ]

  private func row(_ folder: TableFolder, isBenchmark: Bool) throws -> [String: Float] {
    let out = folder.path + (isBenchmark ? "/benchmark" : "/full")
    var settings = PreparationSettings(outcomes: isBenchmark ? [] : [.inHospitalMortality], createdBy: "test")
    settings.featureSet = .full
    if isBenchmark {
      _ = try prepareBenchmark(
        mimicDirectory: folder.path, outputDirectory: out, settings: settings, benchmark: BenchmarkSettings())
    } else {
      _ = try prepareDatasets(mimicDirectory: folder.path, outputDirectory: out, settings: settings)
    }
    let dataset = try Dataset(directory: out + "/in_hospital_mortality")
    let index = try #require(dataset.rowIDs.firstIndex(of: 700))
    return Dictionary(uniqueKeysWithValues: zip(dataset.manifest.columns.map(\.name), dataset.tabularRow(index)))
  }

  // Goal: where the two sets define the same thing they say the same. Method: values that no rule of either treats apart (in
  // range, one a time, no error, two digits where the benchmark sorts texts), then least, greatest, mean and count over 48 h.
  @Test func sameDefinitions_giveTheSameValues() throws {
    var hospital = SmallHospital()
    let items: [(item: Int, first: Double, step: Double)] = [
      (8368, 60, 2), (211, 70, 3), (52, 75, 1), (646, 91, 1), (618, 12, 1), (51, 110, 4), (676, 36.5, 0.25),
      (763, 80, 0.5),
    ]
    for (item, first, step) in items {
      for hour in 0..<8 { hospital.addChart(item, Double(hour) * 6 + 0.5, "\(first + Double(hour) * step)") }
    }
    for hour in 0..<4 {
      hospital.addLab(50_931, Double(hour) * 10 + 1, "\(100 + hour * 7)")
      hospital.addLab(50_820, Double(hour) * 10 + 1, "7.\(31 + hour)")
    }
    hospital.addChart(184, 2, "4", text: "4 Spontaneously")
    hospital.addChart(184, 9, "3", text: "3 To speech")
    hospital.addChart(454, 2, "6", text: "6 Obeys Commands")
    hospital.addChart(723, 2, "4", text: "4 Confused")
    hospital.addChart(198, 2, "14")
    hospital.addChart(115, 2, "", text: "Normal <3 secs")
    let folder = try TableFolder()
    try hospital.write(to: folder, forBenchmark: true)
    let benchmark = try row(folder, isBenchmark: true)
    try hospital.write(to: folder)
    let full = try row(folder, isBenchmark: false)
    var comparedCount = 0
    for (ours, theirs) in Self.channels {
      for statistic in ["min", "max", "mean", "count"] {
        let left = try #require(full["vital_\(ours)_48h_\(statistic)"])
        let right = try #require(benchmark["\(theirs)_all_\(statistic)"], "\(theirs)")
        if right.isNaN {
          #expect(left.isNaN || (statistic == "count" && left == 0), "\(ours) \(statistic)")
          continue
        }
        comparedCount += 1
        #expect(abs(left - right) <= 1e-5 * max(1, abs(right)), "\(ours) \(statistic): \(left) and \(right)")
      }
    }
    #expect(comparedCount == 15 * 4, "all but height, which is not charted here")
  }

  // What the documentation says is in one set and not in the other, by the names of the columns.
  @Test func sets_differAsDocumented() {
    let full = Set(featureColumns(for: .inHospitalMortality, .full).map(\.name))
    let benchmark = Set(BenchmarkSettings.featureNames)
    #expect(benchmark.count == 714 && full.isDisjoint(with: benchmark))
    #expect(benchmark.allSatisfy { name in !name.hasSuffix("_last") && !name.hasSuffix("_slope") })
    #expect(full.allSatisfy { name in !name.hasSuffix("_skew") && !name.contains("_first10_") })
    let channels = sequenceChannels.map(\.name)
    #expect(channels.allSatisfy { full.contains("vital_\($0)_48h_slope") })
    #expect(full.contains("lab_lactate_24h_last") && full.contains("elixhauser_score"))
  }
}
