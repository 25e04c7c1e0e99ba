// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Models
import Reporting

struct ModelPredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Apply a model to rows of a data set: row,prediction.",
    discussion: """
      Examples:
        muster model predict readmission-demo-refit --data runs/demo/datasets --out predictions.csv
        muster model predict model.safetensors --data datasets/readmission_30d --rows 0-99 --intervals --samples 100
      Rows are named by their number in the data set. A prediction is a patient's: keep the file where the data may be.
      """)

  @OptionGroup var place: ModelPlace
  @OptionGroup var rowPlace: RowPlace

  @Option(help: ArgumentHelp("Write there instead of to standard output.", valueName: "file"))
  var out: String?

  @Flag(help: "Of an LSTM: mean, low and high of predictions with dropout left on, beside the prediction.")
  var intervals = false

  @Option(help: ArgumentHelp("Draws of dropout for an interval.", valueName: "n"))
  var samples = 50

  @Option(help: ArgumentHelp("The central share of the draws between low and high.", valueName: "share"))
  var coverage = 0.9

  @Option(help: ArgumentHelp("Seed of the draws.", valueName: "n"))
  var seed: UInt64 = 0

  func validate() throws {
    guard (2...100_000).contains(samples) else {
      throw ValidationError("--samples: expected 2 to 100000, found \(samples)")
    }
    guard coverage > 0, coverage < 1 else {
      throw ValidationError("--coverage: expected a share between 0 and 1, found \(coverage)")
    }
  }

  func run() throws {
    let console = Console()
    let model = try place.read()
    let dataset = try rowPlace.dataset(for: model, console)
    let rows = try rowPlace.selected(dataset, model)
    let heads = try asModelFailure { try model.requiredOrigin().heads }
    let predictions = try asModelFailure { try model.predictions(dataset, rows) }
    let bands = try asModelFailure {
      intervals
        ? try model.intervals(dataset, rows, drawCount: samples, coverage: coverage, seed: seed) : []
    }
    let titles = heads.dropFirst().map { csvField("prediction_\($0.name)") }
    var text =
      (["row", "prediction"] + titles + (intervals ? ["mean", "low", "high"] : [])).joined(separator: ",") + "\n"
    for (index, row) in rows.enumerated() {
      text += "\(row)"
      for head in predictions { text += ",\(head[index])" }
      if intervals { text += ",\(bands[index].mean),\(bands[index].low),\(bands[index].high)" }
      text += "\n"
    }
    try ResultFile(path: out, console: console).write(text, "\(counted(rows.count, "row")), \(heads[0].name)")
  }
}
