// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Models
import Reporting
import Shards

struct ModelExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "What each feature adds to a prediction, or, without --rows, how much it moves predictions in general.",
    discussion: """
      Examples:
        muster model explain readmission-demo-refit --data runs/demo/datasets
        muster model explain readmission-demo-refit --data runs/demo/datasets --rows 17,40-49 --out admissions.csv
      Trees: Shapley values. Linear models: weight times standardised value. LSTM: integrated gradients by channel and hour, and the
      attention of each hour. Contributions alone are written, never a feature's value; base, contributions and rest add up to the
      score. An explanation of a row is a patient's: keep the file where the data may be.
      """)

  @OptionGroup var place: ModelPlace
  @OptionGroup var rowPlace: RowPlace

  @Option(help: ArgumentHelp("Write all of it there; JSON where the name ends in .json, else CSV.", valueName: "file"))
  var out: String?

  @Flag(help: "Print one JSON object instead of a list.")
  var json = false

  @Option(help: ArgumentHelp("Which output of an LSTM with several, by name.", valueName: "name"))
  var head: String?

  @Option(help: ArgumentHelp("Features to list on the terminal.", valueName: "n"))
  var top = 15

  @Option(help: ArgumentHelp("Rows that importance is measured on, evenly spaced over the data set.", valueName: "n"))
  var sample = 1_000

  /// A file of more would be some hundred megabytes.
  private static let rowCountMax = 5_000

  @Option(help: ArgumentHelp("Points of the rule behind integrated gradients.", valueName: "n"))
  var points = 64

  func validate() throws {
    guard top >= 0 else { throw ValidationError("--top: expected 0 or more, found \(top)") }
    guard sample >= Importance.rowCountMin else {
      throw ValidationError(
        "--sample: expected \(Importance.rowCountMin) or more (fewer rows are not shown together), found \(sample)")
    }
    guard (1...10_000).contains(points) else {
      throw ValidationError("--points: expected 1 to 10000, found \(points)")
    }
  }

  func run() throws {
    let console = Console()
    let model = try place.read()
    let dataset = try rowPlace.dataset(for: model, console)
    let head = try headIndex(model)
    let names = FeatureNames(dataset.manifest, readsChannels: model.origin?.parts.contains(.sequence) == true)
    let result = ResultFile(path: out, console: console)
    let isJSON = out?.hasSuffix(".json") == true
    guard rowPlace.rows != nil else {
      let rows = evenly(dataset.rowCount)
      try rowPlace.verify(dataset, rows, for: model)
      let importance = try asModelFailure { try model.importance(dataset, rows, head: head.index, pointCount: points) }
      let report = ImportanceReport(importance, names, head: head.name, unit: unit(model, head.index))
      if out != nil {
        try result.write(isJSON ? report.json.description + "\n" : report.csv, counted(names.count, "feature"))
      }
      return json ? console.print(report.json.description) : report.show(console, top: top)
    }
    let rows = try rowPlace.selected(dataset, model)
    guard rows.count <= Self.rowCountMax else {
      throw CommandFailure(
        .usage, "--rows: expected at most \(grouped(Self.rowCountMax)) rows at a time, found \(grouped(rows.count))",
        help: "explain them in parts; without --rows it is importance over all")
    }
    let explanations = try asModelFailure {
      try model.explanations(dataset, rows, head: head.index, pointCount: points)
    }
    let report = ExplanationReport(explanations, names, head: head.name, unit: unit(model, head.index))
    if out != nil {
      try result.write(isJSON ? report.json.description + "\n" : report.csv, counted(rows.count, "row"))
    }
    if json { console.print(report.json.description) } else { report.show(console, top: top) }
  }

  private func headIndex(_ model: FinishedModel) throws -> (index: Int, name: String) {
    let names = try asModelFailure { try model.requiredOrigin().heads.map(\.name) }
    guard let head else { return (0, names[0]) }
    guard let index = names.firstIndex(of: head) else {
      throw CommandFailure(
        .usage, "--head: expected \(names.joined(separator: ", ")), found \(head)", help: "muster model show MODEL")
    }
    return (index, head)
  }

  private func unit(_ model: FinishedModel, _ head: Int) -> String { model.scoreUnit(head: head) }

  /// At most `sample` of the rows, from the first on, equally far apart.
  private func evenly(_ count: Int) -> [Int] {
    guard count > sample else { return Array(0..<count) }
    return (0..<sample).map { $0 * count / sample }
  }
}
