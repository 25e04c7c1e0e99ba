// SPDX-License-Identifier: Apache-2.0

import Foundation
import Parquet
import PeerKit
import Testing
import TrackerKit
import Tracking

@testable import Coordinator

@Suite struct ExportTests {
  /// A generated tracker and room beside it.
  private final class Desk {
    let folder = NSTemporaryDirectory() + "exports-" + UUID().uuidString
    var path: String { folder + "/tracker.db" }

    init() throws {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try GeneratedTracker.fill(path, trials: 120, steps: 6)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func reader() throws -> (TrackerReader, SweepSummary) {
      let reader = try TrackerReader(path: path)
      return (reader, try reader.sweep(named: "readmission"))
    }
  }

  private static let canOpen = PeerPython.has("mlflow, optuna, optuna_dashboard, pandas")

  /// In real life: an analyst opens the files in MLflow 3.17, Optuna 5.0, optuna-dashboard and pandas.
  @Test(
    .enabled(if: canOpen, "not run: needs a Python with mlflow, optuna, optuna-dashboard and pandas (MUSTER_PEERS)"))
  func exports_openInTheToolsTheyAreFor() throws {
    let desk = try Desk()
    let (reader, sweep) = try desk.reader()
    let files = ["mlflow.db", "optuna.db", "rows"].map { desk.folder + "/" + $0 }
    try reader.exportMLflow(sweep, to: files[0])
    try reader.exportOptuna(sweep, to: files[1])
    try RowFolder(files[2], .csv).write(sweep.name, reader)
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Peers/check_exports.py")
    let (status, text) = try PeerPython.run([script.path] + files + [desk.path])
    #expect(status == 0, "\(text.suffix(3_000))")
  }

  /// The files by themselves, where none of the tools is: foreign keys hold, and every trial and fold is there.
  @Test func exports_areWhole() throws {
    let desk = try Desk()
    let (reader, sweep) = try desk.reader()
    let (mlflow, optuna) = (desk.folder + "/mlflow.db", desk.folder + "/optuna.db")
    try reader.exportMLflow(sweep, to: mlflow)
    try reader.exportOptuna(sweep, to: optuna)
    func count(_ sql: String) throws -> Int { try #require(reader.sql(sql).rows.first?.first?.integer) }
    let trials = try count("SELECT count(*) FROM trials WHERE sweep = 'readmission'")
    let folds = try count("SELECT count(*) FROM fold_results WHERE sweep = 'readmission'")
    let expected = [
      (mlflow, "SELECT count(*) FROM runs", trials + folds),
      (mlflow, "SELECT count(*) FROM pragma_foreign_key_check", 0),
      (mlflow, "SELECT count(*) FROM tags WHERE key = 'mlflow.parentRunId'", folds),
      (mlflow, "SELECT count(*) FROM runs WHERE length(run_uuid) <> 32 OR user_id IS NULL", 0),
      (optuna, "SELECT count(*) FROM trials", trials), (optuna, "SELECT count(*) FROM pragma_foreign_key_check", 0),
      (optuna, "SELECT count(*) FROM trial_intermediate_values", folds),
      (optuna, "SELECT count(DISTINCT distribution_json) = count(DISTINCT param_name) FROM trial_params", 1),
    ]
    for (file, sql, value) in expected {
      #expect(try SQLiteFile.integer(sql, in: file) == value, "\(sql)")
    }
  }

  @Test func nothing_isOverwritten() throws {
    let desk = try Desk()
    let (reader, sweep) = try desk.reader()
    let taken = desk.folder + "/taken"
    try Data("mine".utf8).write(to: URL(fileURLWithPath: taken))
    #expect { try reader.exportMLflow(sweep, to: taken) } throws: { ($0 as? TrackerError)?.code == .refused }
    #expect { try reader.exportOptuna(sweep, to: taken) } throws: { ($0 as? TrackerError)?.code == .refused }
    #expect(throws: (any Error).self) { try RowFolder(taken, .jsonl).write(sweep.name, reader) }
    #expect(try String(contentsOfFile: taken, encoding: .utf8) == "mine")
    let left = try FileManager.default.contentsOfDirectory(atPath: desk.folder).filter { $0.contains(".part") }
    #expect(left == [])
  }

  /// A Parquet file a view, read by our own reader; other tools' are tested with the writer.
  @Test func parquetFiles_holdEveryRow() throws {
    let desk = try Desk()
    let (reader, sweep) = try desk.reader()
    let folder = desk.folder + "/rows"
    try RowFolder(folder, .parquet).write(sweep.name, reader)
    for view in RowFolder.views {
      let file = try ParquetFile(path: "\(folder)/\(view).parquet")
      let rows = try reader.sql("SELECT * FROM \(view) WHERE sweep = 'readmission'")
      #expect(file.columnNames == rows.columns, "\(view)")
      #expect((0..<file.rowGroupCount).reduce(0) { $0 + file.rowCount(ofGroup: $1) } == rows.rows.count, "\(view)")
    }
    let trials = try ParquetFile(path: "\(folder)/trials.parquet")
    guard case .decimals(let objectives, _)? = try trials.read("objective", group: 0)?.values else {
      Issue.record("objective: expected reals")
      return
    }
    let best = try reader.sql("SELECT objective FROM trials WHERE sweep = 'readmission' AND trial = 1").rows[0][0].real
    #expect(objectives.contains { $0 == best })
  }

  /// Every row of every view, with the columns in their order.
  @Test(arguments: [true, false]) func rowFiles_holdEveryRow(isCSV: Bool) throws {
    let desk = try Desk()
    let (reader, sweep) = try desk.reader()
    let folder = desk.folder + "/rows"
    try RowFolder(folder, isCSV ? .csv : .jsonl).write(sweep.name, reader)
    for view in RowFolder.views {
      let text = try String(contentsOfFile: "\(folder)/\(view).\(isCSV ? "csv" : "jsonl")", encoding: .utf8)
      let rows = try reader.sql("SELECT * FROM \(view) WHERE sweep = 'readmission'")
      #expect(text.split(separator: "\n").count == rows.rows.count + (isCSV ? 1 : 0), "\(view)")
      if isCSV { #expect(text.hasPrefix(rows.columns.joined(separator: ",") + "\n")) }
    }
  }
}
