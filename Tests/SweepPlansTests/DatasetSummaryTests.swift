// SPDX-License-Identifier: Apache-2.0

import Foundation
import SweepPlans
import Sweeps
import Testing

@Suite struct DatasetSummaryTests {
  private static let manifest = """
    {"format": 1, "name": "demo", "outcome": "readmission_30d", "source": "synthetic", "index_time": "discharge",
     "created_by": "test", "rows": 2000, "patients": 1500, "labels": {"kind": "binary", "prevalence": 0.12}, "steps": 48,
     "columns": [{"name": "age"}, {"name": "los"}, {"name": "labs"}], "channels": [{"name": "heart_rate"}],
     "flow": [], "files": []}
    """

  /// A folder with a manifest of `text`, gone when `body` ends.
  private func withDataset(_ text: String?, _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "summary-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try text.map { try Data($0.utf8).write(to: folder.appending(path: "manifest.json")) }
    try body(folder.path)
  }

  @Test func manifest_isSummedUp() throws {
    try withDataset(Self.manifest) { path in
      let summary = try DatasetSummary(directory: path)
      #expect(summary.name == "demo" && summary.outcome == .readmission30d && summary.source == "synthetic")
      #expect(summary.rowCount == 2_000 && summary.patientCount == 1_500)
      #expect(summary.columnCount == 3 && summary.channelCount == 1 && summary.stepCount == 48)
      #expect(summary.prevalence == 0.12)
      #expect(summary.digest.hex == "dff862b41c2db0cff22526553d1ac25c8af0ad984858da05d705d50134d110ff")
    }
  }

  @Test func missingFolder_namesTheNextCommand() {
    let error = #expect(throws: SweepPlanError.self) { try DatasetSummary(directory: "runs/none/readmission_30d") }
    #expect(
      error?.description == """
        error: there is no data set runs/none/readmission_30d [E-dataset-missing]
        help: muster data prepare --mimic DIR --out runs/none
        """)
  }

  @Test func folderWithoutManifest_isNoDataset() throws {
    try withDataset(nil) { path in
      let error = #expect(throws: SweepPlanError.self) { try DatasetSummary(directory: path) }
      #expect(error?.code == .datasetMissing)
      #expect(error?.message == "\(path) is no data set: it has no manifest.json")
    }
  }

  @Test(arguments: [
    ("\"rows\": 2000", "\"rows\": \"2000\"", "`rows`: expected Int"), ("\"rows\": 2000,", "", "missing key `rows`"),
    ("{\"format\": 1", "\"format\": 1", "expected a JSON object"),
    ("\"format\": 1", "\"format\": 4", "expected format 1 to 3"),
    ("readmission_30d", "sepsis", "outcome: expected readmission_30d"), ("1500", "2001", "found 2001 of 2000"),
  ]) func wrongManifest_isRefused(old: String, new: String, says: String) throws {
    try withDataset(Self.manifest.replacing(old, with: new)) { path in
      let error = #expect(throws: SweepPlanError.self) { try DatasetSummary(directory: path) }
      #expect(error?.code == .datasetInvalid)
      #expect(error?.description.contains(says) == true, "\(String(describing: error))")
    }
  }

  @Test func datasetOfAnotherPlan_isRefused() throws {
    try withDataset(Self.manifest) { path in
      let summary = try DatasetSummary(directory: path)
      let here = ["data.dataset=\(path)"]
      #expect(try Fixtures.plan(overrides: here).readDataset() == summary)
      let pinned = try Fixtures.plan(overrides: here + ["data.expect_digest=sha256:\(summary.digest)"])
      try pinned.check(summary)

      func refusal(_ override: String) -> String? {
        do { try Fixtures.plan(overrides: here + [override]).check(summary) } catch { return error.message }
        return nil
      }
      #expect(
        refusal("task=icu_mortality")
          == "\(path): expected a data set for icu_mortality, found one for readmission_30d")
      let zeros = String(repeating: "0", count: 64)
      #expect(
        refusal("data.expect_digest=sha256:\(zeros)")
          == "\(path): expected digest sha256:\(zeros), found sha256:\(summary.digest)")
      #expect(refusal("cv.folds=1000") == nil)
    }
  }

  /// Columns are known before a fold is handed out.
  @Test func columnsThatAreNotThere_areRefused() throws {
    try withDataset(Self.manifest) { path in
      func refusal(_ columns: String) -> String? {
        let text = Fixtures.file("trees: {int: [10, 100]}", "trees: {int: [10, 100]}\n        \(columns)")
        do {
          _ = try Fixtures.plan(text, overrides: ["data.dataset=\(path)"]).readDataset()
        } catch { return error.description }
        return nil
      }
      #expect(refusal("monotone: {choice: [\"\", \"+age -l*\"]}") == nil)
      #expect(
        refusal("monotone: {choice: [\"\", \"+agee\"]}") == """
          error: \(path): space.params.monotone: expected columns of the data set, found "agee" [E-dataset-mismatch]
          help: did you mean `age`?
          """)
      #expect(refusal("categorical: {value: sex}")?.contains("data inspect \(path) --columns lists them") == true)
      #expect(refusal("categorical: {value: +age}")?.contains("expected columns, as \"age gcs_*\"") == true)
    }
  }

  /// Further labels are known before a fold is handed out, as columns are.
  @Test func furtherLabelsThatAreNotThere_areRefused() throws {
    func refusal(_ manifest: String, _ parameters: String) throws -> String? {
      var text: String?
      try withDataset(manifest) { path in
        let file = Fixtures.file("decay: {choice: [log, none]}", parameters)
        do {
          _ = try Fixtures.plan(file, overrides: ["data.dataset=\(path)"]).readDataset()
        } catch { text = "\(error)".replacing(path, with: "DIR") }
      }
      return text
    }
    let without = Self.manifest
    let also = without.replacing("\"format\": 1", with: "\"format\": 3").replacing(
      "\"flow\": []",
      with: "\"flow\": [], \"further\": [{\"outcome\": \"readmission_7d\"}, {\"outcome\": \"readmission_90d\"}]")
    for weight in ["{value: 0.5}", "{float: [0, 1]}", "{choice: [0, 2]}"] {
      #expect(
        try refusal(without, "auxiliary_weight: \(weight)") == """
          error: DIR: space.params.auxiliary_weight: expected 0 for a data set without further labels, found more [E-dataset-mismatch]
          help: muster data prepare --also OUTCOME makes them
          """)
      #expect(try refusal(also, "auxiliary_weight: \(weight)") == nil)
    }
    #expect(try refusal(without, "auxiliary_weight: {value: 0}") == nil)
    #expect(try refusal(also, "auxiliary: {choice: [\"\", \"readmission_*\"]}") == nil)
    #expect(
      try refusal(also, "auxiliary: {choice: [\"\", readmision_7d]}") == """
        error: DIR: space.params.auxiliary: expected some of readmission_7d, readmission_90d, found "readmision_7d" [E-dataset-mismatch]
        help: did you mean `readmission_7d`?
        """)
    #expect(try refusal(also, "auxiliary: {value: phenotype}")?.contains("muster data inspect DIR lists them") == true)
    #expect(try refusal(also, "auxiliary: {value: +icu_mortality}")?.contains("expected outcomes, as") == true)
  }

  @Test func moreFoldsThanPatients_isRefused() throws {
    let small = Self.manifest.replacing("\"rows\": 2000", with: "\"rows\": 20").replacing("1500", with: "3")
    try withDataset(small) { path in
      let error = #expect(throws: SweepPlanError.self) {
        try Fixtures.plan(overrides: ["data.dataset=\(path)"]).readDataset()
      }
      #expect(error?.message == "\(path): 4 folds, but only 3 patients, and no patient is in two")
    }
  }
}
