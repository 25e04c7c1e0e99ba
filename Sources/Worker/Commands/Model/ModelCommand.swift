// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Models
import Reporting
import Shards
import Sweeps

/// `muster model …` runs this one: the coordinator never reads a patient's row.
struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Show, apply, explain and export finished models.",
    discussion: """
      A model is a file, or a SHA-256 in a folder of artifacts. `muster model …` also knows it by sweep and trial.
      Example: muster-worker model predict runs/demo/artifacts/ab/cdef… --data datasets/readmission_30d
      """,
    subcommands: [ModelShowCommand.self, ModelPredictCommand.self, ModelExplainCommand.self, ModelExportCommand.self])
}

/// Which model.
struct ModelPlace: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The model's file, or its SHA-256 in --artifacts; for `muster model` also SWEEP, SWEEP#TRIAL or SWEEP#TRIAL/fFOLD, with --tracker FILE after it.",
      valueName: "model"))
  var model: String

  @Option(help: ArgumentHelp("The folder of artifacts that a SHA-256 is looked for in.", valueName: "dir"))
  var artifacts: String?

  func read() throws -> FinishedModel {
    guard let digest = ContentDigest(hex: model) else { return try asModelFailure { try FinishedModel.read(model) } }
    guard let artifacts else {
      throw CommandFailure(
        .usage, "a model is named by its SHA-256, and no folder it lies in", help: "give --artifacts DIR")
    }
    let found = try asModelFailure {
      try FinishedModel.read("\(artifacts)/\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))")
    }
    guard found.digest == digest else {
      throw CommandFailure(.badInput, "\(found.path): expected SHA-256 \(digest), found \(found.digest): copy it anew")
    }
    return found
  }
}

/// Which rows of which data set.
struct RowPlace: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The data set's folder, or one that holds the data set that the model was fitted to. For `muster model` with --tracker the sweep's, if none is given.",
      valueName: "dir"))
  var data: String

  @Option(
    help: ArgumentHelp(
      "Rows by number, 0-99,205, or a file whose first column is `row`, such as a fold's predictions. Default: all.",
      valueName: "rows"))
  var rows: String?

  /// A data set of the model's columns, and a note where it is another one than it was fitted to.
  func dataset(for model: FinishedModel, _ console: Console) throws -> Dataset {
    let origin = try asModelFailure { try model.requiredOrigin() }
    let dataset = try asModelFailure {
      let catalog = DatasetCatalog(directories: [data])
      let folder = catalog.directory(of: origin.dataset) ?? data
      return try Dataset(directory: folder, scope: .rowsOnDemand)
    }
    try asModelFailure { try model.check(dataset.manifest) }
    if dataset.digest != origin.dataset {
      console.note(
        "note: \(dataset.manifest.name) in \(dataset.directory) is not the data set that the model was fitted to "
          + "(\(origin.datasetName), \(origin.dataset.hex.prefix(12))…); its columns are the same")
    }
    return dataset
  }

  /// Verified rows: those that were named, or all.
  func selected(_ dataset: Dataset, _ model: FinishedModel) throws -> [Int] {
    let selected = try asModelFailure {
      try rows.map { try RowSelection.rows($0, of: dataset.rowCount) } ?? Array(0..<dataset.rowCount)
    }
    try verify(dataset, selected, for: model)
    return selected
  }

  func verify(_ dataset: Dataset, _ rows: [Int], for model: FinishedModel) throws {
    try asModelFailure {
      for part in model.origin?.parts ?? [] { try dataset.verify(part, rows: rows) }
    }
  }
}

/// Runs `body` and gives its errors the exit codes of docs/CommandLine.md.
func asModelFailure<Value>(_ body: () throws -> Value) throws -> Value {
  do { return try body() } catch let error as ModelError {
    let status: ExitStatus =
      switch error.code {
      case .fileMissing: .inputMissing
      case .unsupported, .badRows: .usage
      case .unreadable: .notPermitted
      case .notAModel, .truncated, .damaged, .versionUnknown, .otherColumns: .badInput
      }
    throw CommandFailure(status, error.description)
  } catch let error as ShardError {
    throw CommandFailure(error.code == .manifestMissing ? .inputMissing : .badInput, error.description)
  }
}
