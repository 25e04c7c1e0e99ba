// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Reporting
import Tracking

struct TrackerImportCommand: ParsableCommand {
  enum Tool: String, CaseIterable, ExpressibleByArgument { case optuna, mlflow, muster }
  enum Direction: String, CaseIterable, ExpressibleByArgument { case maximize, minimize }

  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Enter a sweep of another tool's file: Optuna, MLflow, or another tracker of ours.",
    discussion: """
      optuna: the SQLite file of a storage, schema 12 (Optuna 3.2 to 5.0). A study is a sweep.
      mlflow: the SQLite file of a backend store. An experiment is a sweep, a run a trial, its nested runs are folds.
      muster: another tracker, of any schema. The sweep comes whole and can be gone on with here.
      The tracker is made where there is none. Nothing is overwritten.

      Examples:
        muster tracker import study.db --from optuna --tracker runs/all.db
        muster tracker import mlflow.db --from mlflow --sweep churn --metric val_auc --direction maximize
        muster tracker import other/tracker.db --from muster --sweep demo --as demo-node2
      """)

  @Argument(help: ArgumentHelp("The file to read; it is not changed.", valueName: "file"))
  var file: String

  @Option(help: ArgumentHelp("optuna, mlflow or muster.", valueName: "tool"))
  var from: Tool

  @Option(help: ArgumentHelp("Which study, experiment or sweep of the file. Default: the only one.", valueName: "name"))
  var sweep: String?

  @Option(name: .customLong("as"), help: ArgumentHelp("The sweep's name here. Default: the same.", valueName: "name"))
  var name: String?

  @Option(help: ArgumentHelp("The objective; for MLflow, which knows none.", valueName: "name"))
  var metric: String?

  @Option(help: ArgumentHelp("maximize or minimize; for MLflow.", valueName: "which"))
  var direction: Direction?

  @Option(help: ArgumentHelp("The tracker's file. Default: $MUSTER_TRACKER.", valueName: "file"))
  var tracker: String?

  @Flag(help: "One JSON object instead of words.")
  var json = false

  @OptionGroup var options: ConsoleOptions

  func run() throws {
    let path = try trackerPath(tracker)
    guard FileManager.default.fileExists(atPath: file) else {
      throw CommandFailure(.inputMissing, "no file \(file)")
    }
    let choice = ImportChoice(
      there: sweep, name: name, metric: metric, isMaximized: direction.map { $0 == .maximize })
    let report = try asCommand { () throws -> ImportReport in
      let store = try TrackerStore(path: path, codeVersion: codeVersion, at: wallMilliseconds())
      defer { _ = try? store.close() }
      switch from {
      case .optuna: return try store.importOptuna(file, choice, at: wallMilliseconds())
      case .mlflow: return try store.importMLflow(file, choice, at: wallMilliseconds())
      case .muster: return try store.importTracker(file, choice, at: wallMilliseconds())
      }
    }
    if json {
      return options.console.print(
        JSONText.object([
          ("schema", .text("muster.import/v1")), ("sweep", .text(report.sweep)),
          ("trials", .integer(Int64(report.trials))), ("folds", .integer(Int64(report.folds))),
          ("remarks", .list(report.remarks.map { .text($0) })),
        ]).description)
    }
    options.console.print("\(report.sweep): \(report.trials) trials, \(report.folds) folds, from \(from.rawValue)")
    if !options.quiet { for remark in report.remarks { options.console.note(remark) } }
  }
}
