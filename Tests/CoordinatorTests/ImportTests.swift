// SPDX-License-Identifier: Apache-2.0

import Foundation
import PeerKit
import Testing
import TrackerKit
import Tracking

/// Other tools' files come in; our own exports come back.
@Suite struct ImportTests {
  private final class Desk {
    let scratch: ScratchFolder
    var path: String { scratch.path + "/tracker.db" }
    func file(_ name: String) -> String { scratch.path + "/" + name }

    init() throws {
      scratch = try ScratchFolder()
      try GeneratedTracker.fill(path, trials: 60, steps: 4)
    }

    func store() throws -> TrackerStore { try TrackerStore(path: path, codeVersion: "test", at: 1) }
    func rows(_ sql: String) throws -> [[SQLTable.Value]] { try TrackerReader(path: path).sql(sql).rows }
  }

  private static let scores = """
    SELECT t.trial, t.learner, t.state, t.objective, f.fold, f.metric, f.value FROM trials t JOIN fold_metrics f USING(trial_id)
    WHERE t.sweep = '$SWEEP' AND f.metric LIKE 'valid/%' ORDER BY t.trial, f.fold, f.metric
    """
  private static let parameters = "SELECT trial, params FROM trials WHERE sweep = '$SWEEP' ORDER BY trial"
  private static let curves = """
    SELECT trial, fold, metric, step, value FROM learning_curves WHERE sweep = '$SWEEP' ORDER BY trial, fold, metric, step
    """

  private func compare(_ desk: Desk, _ sql: String, with other: String) throws {
    let ours = try desk.rows(sql.replacingOccurrences(of: "$SWEEP", with: "readmission"))
    #expect(!ours.isEmpty)
    #expect(try desk.rows(sql.replacingOccurrences(of: "$SWEEP", with: other)) == ours)
  }

  /// Optuna's file has no curves of folds; all else comes back to the bit.
  @Test func optunaExport_comesBack() throws {
    let desk = try Desk()
    let reader = try TrackerReader(path: desk.path)
    try reader.exportOptuna(reader.sweep(named: "readmission"), to: desk.file("optuna.db"))
    let store = try desk.store()
    let report = try store.importOptuna(desk.file("optuna.db"), ImportChoice(name: "back"), at: 5)
    try store.close()
    #expect(report.trials == 54)
    try compare(desk, Self.scores, with: "back")
    try compare(desk, Self.parameters, with: "back")
    try compare(
      desk, "SELECT trial, ci_low, ci_high, reason FROM trials WHERE sweep = '$SWEEP' ORDER BY trial", with: "back")
    #expect(try desk.rows("SELECT DISTINCT dataset FROM sweeps") == [[.text("readmission_30d")]])
    #expect(try desk.rows("SELECT count(*) FROM pragma_foreign_key_check") == [[.integer(0)]])
  }

  @Test func mlflowExport_comesBack_withItsCurves() throws {
    let desk = try Desk()
    let reader = try TrackerReader(path: desk.path)
    try reader.exportMLflow(reader.sweep(named: "readmission"), to: desk.file("mlflow.db"))
    let store = try desk.store()
    _ = try store.importMLflow(desk.file("mlflow.db"), ImportChoice(name: "back"), at: 5)
    try store.close()
    try compare(desk, Self.scores, with: "back")
    try compare(desk, Self.curves, with: "back")
    try compare(desk, Self.parameters, with: "back")
    #expect(
      try desk.rows("SELECT metric, direction FROM sweeps WHERE sweep = 'back'") == [
        [.text("valid/auroc"), .text("maximize")]
      ])
  }

  /// Another tracker's sweep comes whole: what can be asked of one can be asked of the other.
  @Test func otherTracker_comesWhole() throws {
    let desk = try Desk()
    let other = desk.file("other.db")
    try GeneratedTracker.fill(other, trials: 40, steps: 3)
    let store = try desk.store()
    let report = try store.importTracker(other, ImportChoice(there: "readmission", name: "theirs"), at: 5)
    try store.close()
    #expect(report.trials == 36)
    let theirs = try TrackerReader(path: other)
    for view in [
      "trials", "fold_metrics", "learning_curves", "score_bins", "trial_metrics", "tags", "notes", "attempts",
      "lineage",
    ] {
      // Ids and attempts' numbers are given anew.
      func rows(_ reader: TrackerReader, _ name: String) throws -> Set<[SQLTable.Value]> {
        let table = try reader.sql("SELECT * FROM \(view) WHERE sweep = '\(name)'")
        let kept = table.columns.indices.filter {
          !table.columns[$0].hasSuffix("_id") && !["sweep", "epoch", "number"].contains(table.columns[$0])
        }
        return Set(table.rows.map { row in kept.map { row[$0] } })
      }
      #expect(try rows(TrackerReader(path: desk.path), "theirs") == rows(theirs, "readmission"), "\(view)")
    }
    #expect(try desk.rows("SELECT count(*) FROM pragma_foreign_key_check") == [[.integer(0)]])
    #expect(
      try desk.rows("SELECT tool, name_there FROM imported_sweep") == [[.text("muster"), .text("readmission")]])
    let left = try FileManager.default.contentsOfDirectory(atPath: desk.scratch.path).filter { $0.contains(".import") }
    #expect(left == [])
  }

  /// Nothing is overwritten, nothing is half there, and what is asked of the user is said.
  @Test func whatCannotBeEntered_isSaid_andLeavesNothing() throws {
    let desk = try Desk()
    let reader = try TrackerReader(path: desk.path)
    try reader.exportOptuna(reader.sweep(named: "readmission"), to: desk.file("optuna.db"))
    let before = try desk.rows("SELECT count(*) FROM main.trial")
    let store = try desk.store()
    func refusal(_ body: () throws -> ImportReport) -> String {
      do {
        _ = try body()
        return "taken"
      } catch { return "\(error)" }
    }
    #expect(refusal { try store.importOptuna(desk.file("optuna.db"), ImportChoice(), at: 1) }.contains("--as"))
    #expect(
      refusal { try store.importMLflow(desk.file("optuna.db"), ImportChoice(), at: 1) }.contains("file of mlflow"))
    #expect(refusal { try store.importOptuna(desk.file("none.db"), ImportChoice(), at: 1) }.contains("no such file"))
    let wanted = ImportChoice(there: "churn", name: "a")
    #expect(refusal { try store.importOptuna(desk.file("optuna.db"), wanted, at: 1) }.contains("it has readmission"))
    try store.close()
    #expect(try desk.rows("SELECT count(*) FROM main.trial") == before)
    #expect(try desk.rows("SELECT count(*) FROM event WHERE kind = 'imported'") == [[.integer(0)]])
  }

  private static let canMake = PeerPython.has("mlflow, optuna")

  /// In real life: studies that Optuna 5.0 and MLflow 3.17 made themselves.
  @Test(.enabled(if: canMake, "not run: needs a Python with mlflow and optuna (MUSTER_PEERS)"))
  func filesOfTheToolsThemselves_comeIn() throws {
    let desk = try Desk()
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Peers/make_studies.py")
    let (status, text) = try PeerPython.run([script.path, desk.file("optuna.db"), desk.file("mlflow.db")])
    #expect(status == 0, "\(text.suffix(2_000))")
    let store = try desk.store()
    let optuna = try store.importOptuna(desk.file("optuna.db"), ImportChoice(), at: 5)
    let choice = ImportChoice(there: "churn", name: "churn-mlflow", metric: "val_auc", isMaximized: true)
    let mlflow = try store.importMLflow(desk.file("mlflow.db"), choice, at: 5)
    try store.close()
    #expect(optuna.remarks == ["1 trials that had not begun were left out"])
    // What the script prints is what the tools themselves say.
    let said = Dictionary(
      uniqueKeysWithValues: text.split(separator: "\n").compactMap { line -> (String, String)? in
        let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
        return parts.count == 2 ? (parts[0], parts[1]) : nil
      })
    func one(_ sql: String) throws -> String { try #require(try desk.rows(sql).first?.first).text }
    #expect(try one("SELECT best FROM sweeps WHERE sweep = 'churn'") == said["optuna-best"])
    #expect(try one("SELECT trial FROM leaderboard WHERE sweep = 'churn' AND rank = 1") == said["optuna-best-trial"])
    for state in ["completed", "pruned", "failed"] {
      #expect(
        try one("SELECT count(*) FROM trials WHERE sweep = 'churn' AND state = '\(state)'") == said["optuna-\(state)"],
        "\(state)")
    }
    let steps = "SELECT count(*) FROM learning_curves WHERE sweep = 'churn'"
    #expect(try one(steps) == said["optuna-steps"])
    #expect(
      try one("SELECT params ->> '$.kind' FROM trials WHERE sweep = 'churn' AND trial = 0") == said["optuna-kind"])
    #expect(mlflow.trials == 4 && mlflow.folds == 3 * 3 + 1)
    #expect(try one("SELECT best FROM sweeps WHERE sweep = 'churn-mlflow'") == said["mlflow-best"])
    #expect(try one("SELECT count(*) FROM learning_curves WHERE sweep = 'churn-mlflow'") == said["mlflow-points"])
  }
}
