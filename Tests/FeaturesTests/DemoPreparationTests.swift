// SPDX-License-Identifier: Apache-2.0

import Features
import Foundation
import Shards
import Sweeps
import Testing

/// The open MIMIC-III demo beside the repository, where there is one.
private let demoPath: String? = {
  var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
  while folder.path != "/" {
    folder.deleteLastPathComponent()
    let isRoot = FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path)
    let demo = folder.deletingLastPathComponent().appendingPathComponent("shared/mimic-iii-demo")
    if isRoot, FileManager.default.fileExists(atPath: demo.path) { return demo.path }
  }
  return nil
}()

@Suite(.enabled(if: demoPath != nil, "not run: the MIMIC-III demo is not beside the repository"))
struct DemoPreparationTests {
  // Goal: the real thing goes through, and its figures are those found apart from this code. Method: counts by hand with
  // csv and gzip in Python.
  @Test func demo_prepared_hasTheKnownCounts() throws {
    let demo = try #require(demoPath)
    let folder = try TableFolder()
    let prepared = try Prepared(folder: folder, outcomes: PreparationSettings.usualOutcomes, mimicDirectory: demo)
    let report = prepared.report
    #expect(report.source == "mimic3-demo" && report.warnings.isEmpty)
    #expect(report.tables.first { $0.table == "CHARTEVENTS" }?.rowCount == 758_355)
    #expect(report.tables.first { $0.table == "LABEVENTS" }?.rowCount == 76_074)
    #expect(report.outcomes.map(\.rowCount) == [88, 71, 110])
    #expect(report.outcomes.map(\.positiveCount) == [11, 17, nil])
    let pressure = try #require(report.channels.first { $0.name == "systolic_pressure" })
    // One systolic pressure of the demo has five digits.
    #expect(pressure.values.dropped == 1)

    let dataset = try #require(prepared.datasets[.readmission30d])
    #expect(dataset.groups == dataset.groups.sorted())
    #expect(Set(dataset.groups) == Set(0..<Int64(66)))
    let names = dataset.manifest.columns.map(\.name)
    let rows = (0..<dataset.rowCount).map { Array(dataset.tabularRow($0)) }
    func column(_ name: String) throws -> [Float] {
      let place = try #require(names.firstIndex(of: name))
      return rows.map { $0[place] }
    }
    // The seed's faults by name: vitals that never arrive, codes that map to nothing, ages at death, swapped units.
    #expect(try column("vital_heart_rate_mean").count { !$0.isNaN } > 80)
    #expect(try column("charlson_index").count { $0 > 0 } > 70)
    #expect(try column("age").allSatisfy { $0 >= 18 && $0 <= 91.4 })
    #expect(try column("vital_temperature_mean").allSatisfy { $0.isNaN || (34...40).contains($0) })
    #expect(try column("vital_gcs_motor_max").allSatisfy { $0.isNaN || (1...6).contains($0) })
    let last = names.indices.filter { place in rows.allSatisfy { $0[place].isNaN } }
    #expect(last.isEmpty, "columns without a value: \(last.map { names[$0] })")
  }
}
