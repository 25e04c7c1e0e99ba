// SPDX-License-Identifier: Apache-2.0

import Features
import Foundation
import Shards
import Sweeps
import Testing

/// The folder `shared/NAME` beside the repository, where there is one.
private func shared(_ name: String) -> String? {
  var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
  while folder.path != "/" {
    folder.deleteLastPathComponent()
    let isRoot = FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path)
    let found = folder.deletingLastPathComponent().appendingPathComponent("shared/\(name)")
    if isRoot, FileManager.default.fileExists(atPath: found.path) { return found.path }
  }
  return nil
}

private let demo = shared("mimic-iii-demo")
private let expected = shared("mimic3-benchmarks").map { $0 + "/demo-train.tar.zst" }
private let hasBoth = demo != nil && expected.map { FileManager.default.fileExists(atPath: $0) } == true

@Suite struct BenchmarkTests {
  private static let tasks = ["in-hospital-mortality", "decompensation", "length-of-stay", "phenotyping"]

  private func prepare(_ tables: String, _ out: String, phenotypes: [String] = []) throws -> PreparationReport {
    try prepareBenchmark(
      mimicDirectory: tables, outputDirectory: out,
      settings: PreparationSettings(outcomes: [], createdBy: "test"),
      benchmark: BenchmarkSettings(phenotypes: phenotypes))
  }

  private func lines(_ path: String) throws -> [String] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  // Goal: the preset is the published benchmark. Method: every list file and every event series that the benchmark's own
  // code made of the demo's training patients, letter for letter; lists in any order, for it shuffles them.
  @Test(
    .enabled(if: hasBoth, "skipped: shared/mimic-iii-demo and shared/mimic3-benchmarks are not beside the repository"))
  func demo_prepared_isWhatTheBenchmarksCodeMakes() throws {
    let folder = try TableFolder()
    let archive = try #require(expected)
    let unpack = Process()
    unpack.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    unpack.arguments = ["tar", "--zstd", "-xf", archive, "-C", folder.path]
    try unpack.run()
    unpack.waitUntilExit()
    try #require(unpack.terminationStatus == 0, "tar with zstd is needed to unpack \(archive)")

    let report = try prepare(try #require(demo), folder.path + "/out", phenotypes: ["shock"])
    #expect(report.outcomes.map(\.outcome).contains("in_hospital_mortality"))
    var seriesCount = 0
    for task in Self.tasks {
      let (theirs, ours) = ("\(folder.path)/\(task)/train", "\(folder.path)/out/mimic3-benchmarks/\(task)/train")
      let theirLines = try lines(theirs + "/listfile.csv")
      let patients = Set(theirLines.dropFirst().compactMap { $0.split(separator: "_").first })
      let ourLines = try lines(ours + "/listfile.csv").filter { line in
        line.hasPrefix("stay,") || patients.contains { line.hasPrefix($0 + "_") }
      }
      #expect(theirLines.first == ourLines.first, "\(task)")
      #expect(theirLines.sorted() == ourLines.sorted(), "\(task): the list files differ")
      for name in try FileManager.default.contentsOfDirectory(atPath: theirs) where name != "listfile.csv" {
        let isEqual = FileManager.default.contentsEqual(atPath: "\(theirs)/\(name)", andPath: "\(ours)/\(name)")
        #expect(isEqual, "\(task): one of the event series differs")
        seriesCount += 1
      }
    }
    #expect(seriesCount == 331)
  }

  // The counts that the benchmark's authors' code gives for all patients of the demo.
  @Test(.enabled(if: demo != nil, "skipped: shared/mimic-iii-demo is not beside the repository"))
  func demo_prepared_hasTheBenchmarksCounts() throws {
    let folder = try TableFolder()
    _ = try prepare(try #require(demo), folder.path)
    let counts = try Self.tasks.map { task in
      try lines("\(folder.path)/mimic3-benchmarks/\(task)/train/listfile.csv").count - 1
    }
    #expect(counts == [57, 10_863, 10_941, 113])
    let dataset = try Dataset(directory: folder.path + "/in_hospital_mortality")
    #expect(dataset.rowCount == 57 && dataset.columnCount == 714)
    #expect(dataset.stepCount == 48 && dataset.channelCount == 76)
  }

  // Goal: the 714 features and the tensors, worked out with numpy and scipy (Peers/benchmark_features.py does the same on
  // the demo). Method: a stay with four heart rates, 80 at 1 h, 90 at 2 h, 100 at 6 h, 120 at 11 h.
  @Test func fourValues_haveTheFeaturesThatScipyGives() throws {
    let dataset = try small { hospital in
      for (hours, rate) in [(1.0, 80), (2, 90), (6, 100), (11, 120)] { hospital.addChart(211, hours, "\(rate)") }
    }
    let names = dataset.manifest.columns.map(\.name)
    func value(_ name: String) throws -> Float { dataset.tabularRow(0)[try #require(names.firstIndex(of: name))] }
    #expect(try value("heart_rate_all_mean") == 97.5)
    #expect(try abs(value("heart_rate_all_sd") - 14.790_199) < 1e-5)
    #expect(try abs(value("heart_rate_all_skew") - 0.434_651) < 1e-5)
    #expect(try value("heart_rate_all_count") == 4)
    // The first tenth ends at 2 h, to which 90 belongs; the last quarter begins at 8.5 h.
    #expect(try value("heart_rate_first10_max") == 90)
    #expect(try value("heart_rate_last25_count") == 1)
    #expect(try value("heart_rate_last25_skew").isNaN)
    #expect(try value("glucose_all_mean").isNaN)

    let channels = dataset.manifest.channels.map(\.name)
    let (rate, mask) = (
      try #require(channels.firstIndex(of: "Heart Rate")), try #require(channels.firstIndex(of: "mask->Heart Rate"))
    )
    func step(_ step: Int, _ channel: Int) -> Float { dataset.sequenceRow(0)[step * 76 + channel] }
    // An event on the hour belongs to the hour before; before the first value stands the normal one.
    #expect([0, 1, 2, 5, 47].map { step($0, rate) } == [80, 90, 90, 100, 120])
    #expect([0, 1, 2, 5, 47].map { step($0, mask) } == [1, 1, 0, 1, 0])
    let glucose = try #require(channels.firstIndex(of: "Glucose"))
    #expect(step(0, glucose) == 128)
  }

  // In real life: the same minute has "98" and "101"; the benchmark compares texts, and so 98 is the greater.
  @Test func twoTextsOfOneTime_theGreaterByLettersStays() throws {
    let dataset = try small { hospital in
      hospital.addChart(211, 1, "101")
      hospital.addChart(211, 1, "98")
      // A number that is cleaned is compared as a number.
      hospital.addChart(51, 1, "101")
      hospital.addChart(51, 1, "98")
    }
    let names = dataset.manifest.columns.map(\.name)
    func value(_ name: String) throws -> Float { dataset.tabularRow(0)[try #require(names.firstIndex(of: name))] }
    #expect(try value("heart_rate_all_max") == 98)
    #expect(try value("systolic_blood_pressure_all_max") == 101)
  }

  // Oxygen is divided by 100 whatever it says, Celsius of 79 was Fahrenheit, inches are rounded to centimetres.
  @Test func values_areCleanedAsTheBenchmarkDoes() throws {
    let dataset = try small { hospital in
      hospital.addChart(3420, 1, "50")
      hospital.addChart(676, 1, "98.6")
      hospital.addChart(1394, 1, "70")
      hospital.addChart(3581, 1, "200")
      hospital.addChart(3348, 1, "0", text: "Brisk")
      hospital.addChart(455, 1, "0", text: "120/80")
      hospital.addChart(220277, 1, "0.97")
      hospital.addChart(807, 1, "0", text: "ERROR")
    }
    let names = dataset.manifest.columns.map(\.name)
    func value(_ name: String) throws -> Float { dataset.tabularRow(0)[try #require(names.firstIndex(of: name))] }
    #expect(try value("fraction_inspired_oxygen_all_max") == 0.5)
    #expect(try abs(value("temperature_all_max") - 37) < 1e-5)
    #expect(try value("height_all_max") == 178)
    #expect(try abs(value("weight_all_max") - 90.7184) < 1e-4)
    #expect(try value("capillary_refill_rate_all_max") == 0)
    #expect(try value("systolic_blood_pressure_all_max") == 120)
    #expect(try value("oxygen_saturation_all_max") == 97)
    #expect(try value("glucose_all_count").isNaN)
  }

  @Test func unknownPhenotype_isRefusedWithTheNames() throws {
    let folder = try TableFolder()
    let error = #expect(throws: PreparationError.self) { try prepare(folder.path, folder.path, phenotypes: ["shok"]) }
    #expect(error?.description.contains("septicemia_except_in_labor") == true)
  }

  private func small(_ change: (inout SmallHospital) -> Void) throws -> Dataset {
    let folder = try TableFolder()
    var hospital = SmallHospital()
    hospital.chart = []
    hospital.labs = [["2150-01-01 09:00:00", "50971", "7", "70", "4", ""]]
    change(&hospital)
    try hospital.write(to: folder, forBenchmark: true)
    _ = try prepare(folder.path, folder.path + "/out")
    return try Dataset(directory: folder.path + "/out/in_hospital_mortality")
  }
}
