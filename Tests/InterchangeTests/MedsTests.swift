// SPDX-License-Identifier: Apache-2.0

import Features
import Foundation
import PeerKit
import Shards
import Sweeps
import Testing

@testable import Interchange

private let demo = PeerPython.repository.deletingLastPathComponent().appendingPathComponent("shared/mimic-iii-demo")
  .path
private let canRun = FileManager.default.fileExists(atPath: demo) && PeerPython.has("pandas, pyarrow")

@Suite struct MedsTests {
  // Goal: MEDS events are input like any other. Method: the open demo written as MEDS by pandas; the data sets made from it
  // are those made from the demo's tables: cohorts, labels, and every column to the 24 bits that MEDS gives a value.
  @Test(.enabled(if: canRun, "not run: the MIMIC-III demo or a Python with pandas and pyarrow is absent"))
  func demo_writtenAsMedsByPandas_givesTheSameDataSets() throws {
    let folder = try ScratchFolder()
    let script = PeerPython.repository.path + "/Tests/InterchangeTests/Peers/mimic_to_meds.py"
    let made = try PeerPython.run([script, demo, folder.path + "/meds"])
    try #require(made.status == 0, "\(made.output)")
    let report = try convertMeds(from: folder.path + "/meds", to: folder.path + "/tables")
    #expect(report.subjectCount == 100 && report.name == "mimic" && report.unused.isEmpty && report.leftOutCount == 0)
    #expect(report.tables.first { $0.table == "CHARTEVENTS" }?.rowCount ?? 0 > 700_000)
    let settings = PreparationSettings(outcomes: PreparationSettings.usualOutcomes, createdBy: "test")
    _ = try prepareDatasets(mimicDirectory: demo, outputDirectory: folder.path + "/own", settings: settings)
    _ = try prepareDatasets(
      mimicDirectory: folder.path + "/tables", outputDirectory: folder.path + "/other", settings: settings)
    for outcome in PreparationSettings.usualOutcomes {
      let own = try Dataset(directory: "\(folder.path)/own/\(outcome.rawValue)")
      let other = try Dataset(directory: "\(folder.path)/other/\(outcome.rawValue)")
      #expect(own.rowIDs == other.rowIDs && own.labels == other.labels && own.groups == other.groups)
      let names = own.manifest.columns.map(\.name)
      var differing: Set<String> = []
      for row in 0..<own.rowCount {
        for (place, (left, right)) in zip(own.tabularRow(row), other.tabularRow(row)).enumerated()
        where !isClose(left, right) { differing.insert(names[place]) }
        let sequences = zip(own.sequenceRow(row), other.sequenceRow(row))
        if !sequences.allSatisfy({ isClose($0, $1) }) { differing.insert("a sequence") }
      }
      #expect(differing.isEmpty, "\(outcome): \(differing.sorted())")
    }
  }

  private func isClose(_ left: Float, _ right: Float) -> Bool {
    left.isNaN || right.isNaN ? left.isNaN && right.isNaN : abs(left - right) <= 1e-5 * max(1, abs(left))
  }

  @Test func folderThatIsNoMeds_isRefusedByName() throws {
    let folder = try ScratchFolder()
    #expect { try convertMeds(from: folder.path, to: folder.path + "/out") } throws: { error in
      let text = "\(error)"
      return text.contains("/data: input missing") && text.contains("holds data/ and metadata/")
    }
    try FileManager.default.createDirectory(
      atPath: folder.path + "/data/train", withIntermediateDirectories: true)
    try Data("PAR1, but no more than that".utf8).write(to: URL(fileURLWithPath: folder.path + "/data/train/0.parquet"))
    #expect { try convertMeds(from: folder.path, to: folder.path + "/out") } throws: { error in
      "\(error)".contains("train/0.parquet: input invalid") && "\(error)".contains("it was cut")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/out"))
  }

  // In real life: --out names the folder of the real tables.
  @Test(.enabled(if: canRun, "not run: the MIMIC-III demo or a Python with pandas and pyarrow is absent"))
  func otherVocabulary_orOutFolderInUse_isRefused() throws {
    let folder = try ScratchFolder()
    let write = """
      import pandas as pd, os
      os.makedirs("\(folder.path)/meds/data"); os.makedirs("\(folder.path)/repeated/data")
      row = {"subject_id": 1, "time": pd.Timestamp("2101-01-01"), "code": "LOINC//1", "numeric_value": 1.0}
      pd.DataFrame([row]).to_parquet("\(folder.path)/meds/data/0.parquet")
      pd.DataFrame([{**row, "subject_id": s} for s in (1, 2, 1)]).to_parquet("\(folder.path)/repeated/data/0.parquet")
      """
    #expect(try PeerPython.run(["-c", write]).status == 0)
    #expect { try convertMeds(from: folder.path + "/meds", to: folder.path + "/out") } throws: { error in
      "\(error)".contains("LOINC") && "\(error)".contains("HOSPITAL_ADMISSION")
    }
    #expect { try convertMeds(from: folder.path + "/repeated", to: folder.path + "/out") } throws: { error in
      "\(error)".contains("a subject that begins again")
    }
    try Data().write(to: URL(fileURLWithPath: folder.path + "/PATIENTS.csv"))
    #expect { try convertMeds(from: folder.path + "/meds", to: folder.path) } throws: { error in
      "\(error)".contains("folder in use")
    }
    #expect(FileManager.default.fileExists(atPath: folder.path + "/PATIENTS.csv"))
  }

  // In real life: MIMIC-IV from 2015 on is coded in ICD-10, two subjects' worth of it here; the log goes to a ticket.
  //
  // Goal: no code is dropped unsaid, and few are counted in no line and no file. Method: pandas writes both codings.
  @Test(.enabled(if: canRun, "not run: the MIMIC-III demo or a Python with pandas and pyarrow is absent"))
  func codesOfICD10_areNamedAsNotUsed_andFewAreNotCounted() throws {
    let folder = try ScratchFolder()
    let write = """
      import pandas as pd, os
      os.makedirs("\(folder.path)/meds/data")
      day = lambda d: pd.Timestamp("2101-01-01") + pd.Timedelta(days=d)
      rows = []
      for s in (1, 2):
          add = lambda d, code: rows.append({"subject_id": s, "time": day(d), "code": code, "hadm_id": s + 10})
          rows.append({"subject_id": s, "time": pd.NaT, "code": "GENDER//F", "hadm_id": None})
          add(-20000, "MEDS_BIRTH"); add(0, "HOSPITAL_ADMISSION//URGENT//UNK"); add(0.1, "ICU_ADMISSION//MICU")
          add(0.2, "LAB//220045//bpm"); add(0.3, "LAB//RESULT//50912//mg/dL"); add(2, "ICU_DISCHARGE//MICU")
          add(3, "HOSPITAL_DISCHARGE//HOME"); add(3, "DIAGNOSIS//ICD//9//4280"); add(3, "PROCEDURE//ICD//10//0BH17EZ")
          for code in ("I509", "E119", "N179", "J9600", "A419", "I10", "Z7901"): add(3, "DIAGNOSIS//ICD//10//" + code)
      pd.DataFrame(rows).to_parquet("\(folder.path)/meds/data/0.parquet")
      """
    let made = try PeerPython.run(["-c", write])
    try #require(made.status == 0, "\(made.output)")
    var lines: [String] = []
    let report = try convertMeds(from: folder.path + "/meds", to: folder.path + "/out", report: { lines.append($0) })
    #expect(report.unused.map(\.family) == ["DIAGNOSIS//ICD//10", "PROCEDURE//ICD//10"])
    #expect(report.unused.map(\.count) == [14, 2] && report.hasOtherCodings)
    #expect(report.tables.first { $0.table == "DIAGNOSES_ICD" }?.rowCount == 2)
    #expect(lines == ["1 of 1 files: 34 events of few subjects"], "\(lines)")
    let mark = try String(contentsOfFile: folder.path + "/out/MEDS.json", encoding: .utf8)
    #expect(mark.contains("\"events\":34") && !mark.contains("subjects"), "\(mark)")
  }
}
