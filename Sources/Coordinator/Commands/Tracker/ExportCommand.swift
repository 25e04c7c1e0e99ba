// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Reporting
import Tracking

struct ExportCommand: ParsableCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument { case mlflow, optuna, csv, jsonl }

  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a sweep for another tool: MLflow, Optuna, or files of rows.",
    discussion: """
      mlflow: one SQLite file, for mlflow ui --backend-store-uri sqlite:///FILE (which brings it to its own schema).
      optuna: one SQLite file, for optuna-dashboard sqlite:///FILE and optuna.load_study.
      csv, jsonl: a folder with a file a view. Works while a sweep runs: all is of one moment. Nothing is overwritten.

      Examples:
        muster tracker export demo mlflow.db --to mlflow
        muster tracker export demo demo-rows --to csv
      """)

  @Argument(help: ArgumentHelp("The sweep's name.", valueName: "sweep"))
  var sweep: String

  @Argument(help: ArgumentHelp("A file or, for csv and jsonl, a folder that is not there yet.", valueName: "out"))
  var out: String

  @Option(help: ArgumentHelp("mlflow, optuna, csv or jsonl.", valueName: "tool"))
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
      case .mlflow: try reader.exportMLflow(summary, to: out)
      case .optuna: try reader.exportOptuna(summary, to: out)
      case .csv, .jsonl: try RowFolder(out, isCSV: to == .csv).write(sweep, reader)
      }
    }
    if !options.quiet { options.console.note("\(sweep) → \(out)") }
  }
}

/// A folder with a file a view; there whole under its name, or not at all.
struct RowFolder {
  static let views = [
    "trials", "trial_parameters", "trial_metrics", "fold_results", "fold_metrics", "learning_curves", "attempts",
    "lineage",
    "tags", "notes",
  ]

  private let path: String
  private let isCSV: Bool

  init(_ path: String, isCSV: Bool) { (self.path, self.isCSV) = (path, isCSV) }

  func write(_ sweep: String, _ reader: TrackerReader) throws {
    let files = FileManager.default
    guard !files.fileExists(atPath: path) else {
      throw CommandFailure(.badInput, "\(path) is there already", help: "name a folder that is not")
    }
    let part = path + ".part"
    try? files.removeItem(atPath: part)
    do {
      try files.createDirectory(atPath: part, withIntermediateDirectories: true)
      try fill(part, sweep, reader)
      try files.moveItem(atPath: part, toPath: path)
    } catch let error as TrackerError {
      try? files.removeItem(atPath: part)
      throw error
    } catch {
      try? files.removeItem(atPath: part)
      throw CommandFailure(
        .failed, "cannot write \(path): \(error.localizedDescription)", help: "check its disk and folder")
    }
  }

  private func fill(_ folder: String, _ sweep: String, _ reader: TrackerReader) throws {
    var handle: FileHandle?
    var text = ""
    func flush() throws {
      try handle?.write(contentsOf: Data(text.utf8))
      text = ""
    }
    try reader.eachRow(of: Self.views, sweep: sweep) { view, columns, row in
      guard let row else {
        try flush()
        try handle?.close()
        let file = "\(folder)/\(view).\(isCSV ? "csv" : "jsonl")"
        _ = FileManager.default.createFile(atPath: file, contents: nil)
        handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        if isCSV { text += SQLTable.csvLine(columns) + "\n" }
        return
      }
      text +=
        isCSV ? SQLTable.csvLine(row.map(\.text)) : JSONText.object(zip(columns, row).map { ($0, $1.json) }).description
      text += "\n"
      if text.utf8.count > 1_000_000 { try flush() }
    }
    try flush()
    try handle?.close()
  }
}
