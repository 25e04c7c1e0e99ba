// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Reporting
import Tracking

struct ExportCommand: ParsableCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument { case mlflow, optuna, csv, jsonl, parquet }

  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a sweep for another tool: MLflow, Optuna, or files of rows.",
    discussion: """
      mlflow: one SQLite file, for mlflow ui --backend-store-uri sqlite:///FILE (which brings it to its own schema).
      optuna: one SQLite file, for optuna-dashboard sqlite:///FILE and optuna.load_study.
      csv, jsonl, parquet: a folder with a file a view. Works while a sweep runs: all is of one moment. Nothing is overwritten.

      Examples:
        muster tracker export demo mlflow.db --to mlflow
        muster tracker export demo demo-rows --to parquet
      """)

  @Argument(help: ArgumentHelp("The sweep's name.", valueName: "sweep"))
  var sweep: String

  @Argument(
    help: ArgumentHelp("A file or, for csv, jsonl and parquet, a folder that is not there yet.", valueName: "out"))
  var out: String

  @Option(help: ArgumentHelp("mlflow, optuna, csv, jsonl or parquet.", valueName: "tool"))
  var to: Format

  @Option(help: ArgumentHelp("The tracker's file. Default: $MUSTER_TRACKER.", valueName: "file"))
  var tracker: String?

  @OptionGroup var options: ConsoleOptions

  func run() throws {
    let path = try trackerPath(tracker)
    try asCommand {
      let reader = try TrackerReader(path: path)
      let summary = try reader.sweep(named: sweep)
      switch to {
      case .mlflow, .optuna: try writeFile(summary, reader)
      case .csv: try RowFolder(out, .csv, options.console, isQuiet: options.quiet).write(sweep, reader)
      case .jsonl: try RowFolder(out, .jsonl, options.console, isQuiet: options.quiet).write(sweep, reader)
      case .parquet: try RowFolder(out, .parquet, options.console, isQuiet: options.quiet).write(sweep, reader)
      }
    }
    if !options.quiet { options.console.note("\(sweep) → \(out)") }
  }

  private func writeFile(_ summary: SweepSummary, _ reader: TrackerReader) throws {
    // Nearly all rows are points of curves; MLflow's file has their means over folds too.
    let points = try reader.curvePointCount(of: summary)
    let total = to == .mlflow ? points + points / max(summary.foldCount, 1) : nil
    var line = ProgressLine(options.console, unit: "rows", total: total, isQuiet: options.quiet)
    defer { line.end() }
    if to == .mlflow {
      try reader.exportMLflow(summary, to: out) { line.show($0) }
    } else {
      try reader.exportOptuna(summary, to: out) { line.show($0) }
    }
  }
}
