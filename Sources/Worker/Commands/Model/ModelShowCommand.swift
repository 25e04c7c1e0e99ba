// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Hyperparameters
import Models
import Reporting
import Sweeps

struct ModelShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "What a model is: learner, shape, options, what it was fitted to, size.",
    discussion: """
      Examples:
        muster model show readmission-demo-refit --tracker runs/demo/tracker.db
        muster model show model.safetensors --json
      """)

  @OptionGroup var place: ModelPlace

  @Flag(help: "One JSON object.")
  var json = false

  func run() throws {
    let console = Console()
    let model = try place.read()
    let facts = ModelFacts(model)
    if json { return console.print(facts.json.description) }
    for (title, text) in facts.lines {
      console.print(title + String(repeating: " ", count: max(1, 11 - title.count)) + text)
    }
  }
}

/// What `show` says of a model.
struct ModelFacts {
  let model: FinishedModel

  init(_ model: FinishedModel) { self.model = model }

  var lines: [(String, String)] {
    var lines = [("learner", model.learnerName), ("shape", model.shape)]
    if let origin = model.origin {
      let heads = origin.heads.map { "\($0.name) (\($0.objective.rawValue))" }.joined(separator: ", ")
      lines.append(("predicts", heads))
      lines.append(("reads", reads(origin)))
      let count = origin.rowCount < 11 ? "fewer than 11" : grouped(origin.rowCount)
      lines.append(("fitted to", "\(count) rows of \(origin.datasetName), sha256 \(origin.dataset)"))
      let unusual = origin.unusualParameters.entries.map { "\($0.name) \($0.value)" }
      lines.append(
        ("options", unusual.isEmpty ? "all at their defaults" : unusual.joined(separator: ", ") + "; else the defaults")
      )
    } else {
      lines.append(("fitted to", "not known: LightGBM's text without Muster's line; predict and explain need it"))
    }
    lines.append(("file", "\(model.path), \(grouped(model.byteCount)) bytes"))
    lines.append(("sha256", model.digest.hex))
    return lines
  }

  private func reads(_ origin: ModelOrigin) -> String {
    let columns = "\(grouped(origin.columns.count)) columns"
    guard origin.learner == .lstm else { return columns }
    return "\(origin.stepCount) hours of \(origin.channels.count) channels, and \(columns)"
  }

  var json: JSONText {
    var entries: [(String, JSONText)] = [
      ("schema", .text("muster.model/v1")), ("learner", .text(model.learnerName)), ("shape", .text(model.shape)),
      ("file", .text(model.path)), ("bytes", .integer(Int64(model.byteCount))), ("sha256", .text(model.digest.hex)),
    ]
    guard let origin = model.origin else { return .object(entries + [("origin", .null)]) }
    func list(_ columns: [ModelOrigin.Column]) -> JSONText {
      .list(columns.map { .object([("name", .text($0.name)), ("unit", .text($0.unit))]) })
    }
    let heads = origin.heads.map {
      JSONText.object([("name", .text($0.name)), ("objective", .text($0.objective.rawValue))])
    }
    entries.append(
      (
        "origin",
        .object([
          ("dataset", .text(origin.datasetName)), ("dataset_sha256", .text(origin.dataset.hex)),
          ("rows", origin.rowCount < 11 ? .null : .integer(Int64(origin.rowCount))),
          ("steps", .integer(Int64(origin.stepCount))), ("heads", .list(heads)), ("columns", list(origin.columns)),
          ("channels", list(origin.channels)), ("parameters", .raw(origin.parameters)),
        ])
      ))
    return .object(entries)
  }
}
