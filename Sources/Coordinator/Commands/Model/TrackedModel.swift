// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Reporting
import Tracking

/// A model as the tracker knows it.
struct TrackedModel {
  let path: String
  /// Where the data set of its sweep may lie.
  let datasets: [String]

  /// The one model of that name.
  ///
  /// - Parameter artifacts: the folder that holds it; nil: the sweep's own.
  /// - Throws: `.nothingFound` where there is none, `.usage` where there are several, `.inputMissing` where its file is gone.
  static func named(_ name: String, in reader: TrackerReader, artifacts: String?) throws -> TrackedModel {
    let table = try table(name, in: reader)
    let rows = table.rows
    guard let row = rows.first else { throw try nothing(name, reader) }
    // One content that several folds share is one model.
    guard Set(rows.map { $0[4].text }).count == 1 else {
      let some = rows.prefix(3).map { $0[0].text }.joined(separator: ", ")
      throw CommandFailure(
        .usage, "\(name) has \(rows.count) models; name one, such as \(some)",
        help: "muster model list \(name) --tracker \(reader.path)")
    }
    let digest = row[4].text
    let place = "/\(digest.prefix(2))/\(digest.dropFirst(2))"
    let folders = artifacts.map { [$0] } ?? places(row[7].text, reader)
    guard let folder = folders.first(where: { FileManager.default.fileExists(atPath: $0 + place) }) else {
      throw CommandFailure(
        .inputMissing, "the model \(row[0].text) is not in \(folders[0]): expected the file \(folders[0] + place)",
        help: "give --artifacts DIR, the folder of artifacts")
    }
    return TrackedModel(path: folder + place, datasets: places(row[8].text, reader))
  }

  /// Where a path of a sweep file may lead: from the folder that it was run in, or, if that is another one now, from the tracker's.
  private static func places(_ path: String, _ reader: TrackerReader) -> [String] {
    let beside = URL(fileURLWithPath: reader.path).deletingLastPathComponent().path
    return path.hasPrefix("/")
      ? [path] : [path, beside + "/" + path, beside + "/" + (path as NSString).lastPathComponent]
  }

  func datasetFolder() throws -> String {
    guard let folder = datasets.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      throw CommandFailure(
        .inputMissing, "the sweep read its data set in \(datasets[0]), which is not there", help: "give --data DIR")
    }
    return folder
  }

  /// model, learner, dataset, bytes, sha256, score, metric, artifacts, data: all models of that name, in the order of their trials.
  static func table(_ name: String?, in reader: TrackerReader) throws -> SQLTable {
    var wanted = "1 = 1"
    var values: [String: SQLTable.Value] = [:]
    if let name, ModelAddress.isDigest(name) {
      wanted = "l.artifact_sha256 = :digest"
      values["digest"] = .text(name)
    } else if let name {
      guard let address = ModelAddress(name) else {
        throw CommandFailure(.usage, "\(name): expected a file, SWEEP, SWEEP#TRIAL or SWEEP#TRIAL/fFOLD")
      }
      // Also finds out whether there is such a sweep.
      wanted = "l.sweep = :sweep"
      values["sweep"] = .text(try reader.sweep(named: address.sweep).name)
      if let trial = address.trial {
        wanted += " AND l.trial = :trial"
        values["trial"] = .integer(Int64(trial))
      }
      if let fold = address.fold {
        wanted += " AND l.fold = :fold"
        values["fold"] = .integer(Int64(fold))
      }
    }
    return try reader.query(
      """
      SELECT l.sweep || '#' || l.trial || '/f' || l.fold AS model, t.learner, l.dataset, l.artifact_bytes AS bytes,
        l.artifact_sha256 AS sha256, t.objective AS score, s.metric,
        coalesce(json_extract(s.spec, '$.track.artifacts'), '') AS artifacts,
        coalesce(json_extract(s.spec, '$.data.dataset'), '') AS data
      FROM lineage l JOIN trials t ON t.sweep = l.sweep AND t.trial = l.trial JOIN sweep s ON s.name = l.sweep
      WHERE l.artifact = 'model' AND \(wanted) ORDER BY s.sweep_id, l.trial, l.fold
      """, values)
  }

  static func nothing(_ name: String?, _ reader: TrackerReader) throws -> CommandFailure {
    let sweep = name.map { ModelAddress($0)?.sweep ?? $0 } ?? ""
    let refits = try reader.sweeps().map(\.name).filter { $0.hasPrefix(sweep + "-refit") }
    let help =
      refits.last.map { "muster model show \($0) --tracker \(reader.path)" }
      ?? "muster sweep refit FILE fits the winner to all rows and keeps the model"
    return CommandFailure(
      .nothingFound,
      "no model\(name.map { " of \($0)" } ?? "") was kept: folds keep those of trees, final fits those of every learner",
      help: help)
  }
}

struct ModelListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The models of a tracker, or of one of its sweeps or trials.",
    discussion: """
      Examples:
        muster model list --tracker runs/demo/tracker.db
        muster model list readmission-demo-refit --json
      """)

  @Argument(help: ArgumentHelp("A sweep's name, or NAME#NUMBER for a trial. Default: all.", valueName: "sweep[#trial]"))
  var name: String?

  @OptionGroup var tracker: TrackerOptions
  @OptionGroup var options: ConsoleOptions

  func run() throws {
    let reader = try tracker.reader()
    let models = try asCommand { try TrackedModel.table(name, in: reader) }
    if tracker.csv { return options.console.print(csv: models) }
    if tracker.json {
      return options.console.print(
        JSONText.object([("schema", .text("muster.models/v1")), ("models", models.json)]).description)
    }
    guard !models.rows.isEmpty else { throw try asCommand { try TrackedModel.nothing(name, reader) } }
    show(models.shown(without: ["sha256", "artifacts", "data"]), options.console)
  }
}
