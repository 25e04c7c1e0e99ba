// SPDX-License-Identifier: Apache-2.0

import Features
import Foundation
import PeerKit
import Shards
import Sweeps
import Testing

private let demo = PeerPython.repository.deletingLastPathComponent().appendingPathComponent("shared/mimic-iii-demo")
  .path
private let canRun = FileManager.default.fileExists(atPath: demo) && PeerPython.has("pandas, tables")

@Suite struct ExtractTests {
  private let settings = PreparationSettings(outcomes: [], createdBy: "test")

  // Goal: all_hourly_data.h5 goes both ways. Method: the demo written by us is opened by pandas, its cohort and heart rates
  // held against what pandas makes of the tables, as are treatments by hour and static columns; pandas writes it again, `patients`
  // as a table with categories as MIMIC-Extract does; the data sets of both files are the same bytes.
  @Test(.enabled(if: canRun, "not run: the MIMIC-III demo or a Python with pandas and tables is absent"))
  func demo_writtenForPandas_isReadByIt_andComesBack() throws {
    let folder = try ScratchFolder()
    let path = folder.path + "/all_hourly_data.h5"
    let report = try writeExtract(mimicDirectory: demo, to: path)
    #expect(report.stayCount > 50 && report.variableCount == 45 && report.interventionCount == 14)
    let script = PeerPython.repository.path + "/Tests/InterchangeTests/Peers/check_extract.py"
    let checked = try PeerPython.run([script, path, demo, folder.path + "/again.h5"])
    try #require(checked.status == 0, "\(checked.output)")
    #expect(checked.output.contains("\(report.stayCount) stays, \(report.hourCount) hours"))
    for (file, name) in [(path, "own"), (folder.path + "/again.h5", "again")] {
      let reports = try prepareExtract(path: file, outputDirectory: "\(folder.path)/\(name)", settings: settings)
      #expect(
        reports.map(\.outcome) == ["icu_mortality", "in_hospital_mortality", "length_of_stay", "readmission_30d"])
    }
    for outcome in [Outcome.icuMortality, .inHospitalMortality, .lengthOfStay, .readmission30d] {
      let own = try Dataset(directory: "\(folder.path)/own/\(outcome.rawValue)")
      let again = try Dataset(directory: "\(folder.path)/again/\(outcome.rawValue)")
      #expect(own.rowCount == again.rowCount && own.rowIDs == again.rowIDs && own.labels == again.labels)
      let names = own.manifest.columns.map(\.name)
      #expect(Set(names) == Set(again.manifest.columns.map(\.name)))
      let places = try names.map { name in
        try #require(again.manifest.columns.firstIndex { $0.name == name })
      }
      for row in 0..<own.rowCount {
        let (left, right) = (own.tabularRow(row), again.tabularRow(row))
        let isEqual = places.indices.allSatisfy { left[$0].bitPattern == right[places[$0]].bitPattern }
        #expect(isEqual, "\(outcome), row \(row)")
      }
    }
  }

  // Goal: no hour from the index time on is seen. Method: pandas writes a stay whose later hours hold another value.
  @Test(.enabled(if: canRun, "not run: the MIMIC-III demo or a Python with pandas and tables is absent"))
  func laterHours_plantedByPandas_changeNothing() throws {
    let folder = try ScratchFolder()
    for (name, later) in [("plain", "80"), ("planted", "999")] {
      let write = """
        import pandas as pd, numpy as np
        names = ["subject_id", "hadm_id", "icustay_id", "hours_in"]
        rows = pd.MultiIndex.from_tuples([(s, s + 10, s + 20, h) for s in (1, 2) for h in range(60)], names=names)
        columns = pd.MultiIndex.from_product([["heart rate"], ["mean"]], names=["LEVEL2", "Aggregation Function"])
        values = np.array([[60.0 + h if h < 48 else \(later)] for s in (1, 2) for h in range(60)])
        pd.DataFrame(values, index=rows, columns=columns).to_hdf("\(folder.path)/\(name).h5", key="vitals_labs_mean")
        stays = rows.droplevel(3).unique()
        table = {"age": [70.0, 50], "los_icu": [2.5, 2.5], "mort_icu": [0, 1], "mort_hosp": [0, 1], "gender": ["F", "M"]}
        pd.DataFrame(table, index=stays).to_hdf("\(folder.path)/\(name).h5", key="patients")
        """
      let made = try PeerPython.run(["-c", write])
      try #require(made.status == 0, "\(made.output)")
      _ = try prepareExtract(
        path: "\(folder.path)/\(name).h5", outputDirectory: "\(folder.path)/\(name)", settings: settings)
    }
    let plain = try Dataset(directory: folder.path + "/plain/icu_mortality")
    let planted = try Dataset(directory: folder.path + "/planted/icu_mortality")
    #expect(Array(plain.tabularRow(0)) == [70, 107, 60, 107, 83.5, 48] && plain.labels == [0, 1])
    #expect(Array(plain.sequenceRow(1)) == (0..<48).map { Float(60 + $0) })
    #expect(Array(plain.tabularRow(0)) == Array(planted.tabularRow(0)))
    #expect(Array(plain.sequenceRow(1)) == Array(planted.sequenceRow(1)))
  }

  @Test func otherFiles_areRefusedByName() throws {
    let folder = try ScratchFolder()
    let path = folder.path + "/all_hourly_data.h5"
    #expect { try prepareExtract(path: path, outputDirectory: folder.path, settings: settings) } throws: { error in
      "\(error)".contains(path)
    }
    try Data("no HDF5".utf8).write(to: URL(fileURLWithPath: path))
    #expect { try prepareExtract(path: path, outputDirectory: folder.path, settings: settings) } throws: { error in
      "\(error)".contains(path) && "\(error)".contains("HDF5 file")
    }
    let file = try PandasFileWriter(path: folder.path + "/other.h5")
    let rows: [(name: String, values: [Int64])] = [("x", [1, 2])]
    try file.begin("patients", columnLevels: [""], columns: [["y"]], rows: rows).append([1, 2])
    #expect {
      try prepareExtract(path: folder.path + "/other.h5", outputDirectory: folder.path, settings: settings)
    } throws: { error in
      "\(error)".contains("vitals_labs")
    }
  }
}
