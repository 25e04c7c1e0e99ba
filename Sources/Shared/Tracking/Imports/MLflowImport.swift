// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Hyperparameters

/// An experiment of MLflow's SQLite store (any revision from 2.8 on: the five tables it reads have stayed).
///
/// A run is a trial, its nested runs are its folds; a run without any is a trial of one fold. A metric with several steps is a
/// curve as well. MLflow knows no objective: Muster's own exports carry it as a tag, for others it is asked for.
struct MLflowImport {
  private let file: SourceFile
  private let choice: ImportChoice
  private(set) var remarks: [String] = []

  init(_ path: String, _ choice: ImportChoice) throws {
    file = try SourceFile(
      path, tool: "mlflow", tables: ["experiments", "runs", "params", "metrics", "latest_metrics", "tags"])
    self.choice = choice
  }

  var source: SourceFile { file }

  private struct Run {
    let id: String
    let name: String
    let status: String
    let startedMilliseconds: Int64
    let endedMilliseconds: Int64?
    var tags: [String: String] = [:]
    var parameters: [(String, String)] = []
    var metrics: [(name: String, value: Double?, step: Int)] = []
  }

  mutating func sweep() throws -> (sweep: ImportedSweep, there: String) {
    let experiments = try file.rows(
      """
      SELECT experiment_id, name FROM experiments WHERE lifecycle_stage IS NOT 'deleted' AND EXISTS(
        SELECT 1 FROM runs r WHERE r.experiment_id = experiments.experiment_id) ORDER BY experiment_id
      """)
    let name = try file.choose(choice.there, of: experiments.map { $0[1] as String }, "experiments with runs")
    guard let id = experiments.first(where: { $0[1] as String == name })?[0] as Int64? else {
      throw TrackerError(code: .notFound, path: file.path, detail: "no experiment \(name)")
    }
    let tags = try self.tags(of: id)
    let runs = try self.runs(of: id)
    let ids = Set(runs.map(\.id))
    let children = Dictionary(grouping: runs.filter { $0.tags["mlflow.parentRunId"].map(ids.contains) ?? false }) {
      $0.tags["mlflow.parentRunId"] ?? ""
    }
    let parents = runs.filter { !($0.tags["mlflow.parentRunId"].map(ids.contains) ?? false) }
    let metric = try objective(tags, parents)
    var sweep = ImportedSweep(
      name: choice.name ?? name, metric: metric.name, isMaximized: metric.isMaximized,
      createdMilliseconds: parents.map(\.startedMilliseconds).min() ?? 0)
    sweep.outcome = tags["muster.outcome"] ?? sweep.outcome
    sweep.version = tags["muster.version"] ?? "mlflow"
    sweep.dataset = try dataset(of: id, tags)
    let curves = try self.curves(of: id)
    for (index, parent) in parents.enumerated() {
      sweep.trials.append(trial(index, parent, children[parent.id] ?? [], metric.name, curves))
    }
    sweep.foldCount = 1 + (sweep.trials.flatMap { $0.folds.map(\.fold) }.max() ?? 0)
    return (sweep, name)
  }

  private func trial(
    _ index: Int, _ run: Run, _ nested: [Run], _ metric: String, _ curves: [String: [Row]]
  ) -> ImportedSweep.Trial {
    let isOurs = run.tags["muster.state"] != nil
    let numbered = run.name.hasPrefix("#") ? Int(run.name.dropFirst().prefix { $0.isNumber }) : nil
    var trial = ImportedSweep.Trial(
      number: (isOurs ? numbered : nil) ?? index, state: run.tags["muster.state"] ?? Self.state(run.status),
      createdMilliseconds: run.startedMilliseconds, endedMilliseconds: run.endedMilliseconds)
    if !["completed", "pruned", "failed"].contains(trial.state) {
      (trial.state, trial.reason) = ("failed", "was running when it was imported")
    }
    trial.reason = run.tags["muster.reason"] ?? trial.reason
    for (name, text) in run.parameters {
      if name == "learner" { trial.learner = text } else { trial.parameters[name] = parameter(text: text) }
    }
    trial.note = run.tags["mlflow.note.content"]
    trial.tags = run.tags.filter {
      !$0.key.hasPrefix("mlflow.") && !["muster.state", "muster.reason"].contains($0.key)
    }
    .map { (name: $0.key.hasPrefix("muster.") ? String($0.key.dropFirst(7)) : $0.key, value: $0.value) }
    .sorted { $0.name < $1.name }
    let parts =
      nested.isEmpty ? [run] : nested.sorted { ($0.startedMilliseconds, $0.id) < ($1.startedMilliseconds, $1.id) }
    trial.folds = parts.enumerated().compactMap { place, part in
      let fold = ImportedSweep.Fold(
        fold: part.tags["muster.fold"].flatMap(Int.init) ?? place,
        // Of ours, final values have step 0 and curves begin at 1; deviations are there for MLflow's table alone.
        metrics: part.metrics.filter { !isOurs || ($0.step == 0 && !$0.name.hasSuffix("_sd")) }
          .map { (name: $0.name, value: $0.value) },
        curve: (curves[part.id] ?? []).map { row in
          let key: String = row[1]
          return (
            metric: isOurs && key.hasSuffix("_curve") ? String(key.dropLast(6)) : key, step: row[2] as Int,
            value: (row[4] as Bool) ? nil : (row[3] as Double?)
          )
        }, startedMilliseconds: part.startedMilliseconds, endedMilliseconds: part.endedMilliseconds)
      return fold.metrics.isEmpty && fold.curve.isEmpty ? nil : fold
    }.sorted { $0.fold < $1.fold }
    let own = run.metrics.first { $0.name == metric }?.value
    let overFolds = trial.folds.compactMap { fold in fold.metrics.first { $0.name == metric }?.value }
    if trial.state == "completed" {
      trial.objective = own ?? (overFolds.isEmpty ? nil : overFolds.reduce(0, +) / Double(overFolds.count))
      if trial.objective == nil { (trial.state, trial.reason) = ("failed", "has no \(metric)") }
    }
    return trial
  }

  private static func state(_ status: String) -> String {
    switch status {
    case "FINISHED": "completed"
    case "KILLED": "pruned"
    case "FAILED": "failed"
    default: "running"
    }
  }

  private func objective(_ tags: [String: String], _ runs: [Run]) throws -> (name: String, isMaximized: Bool) {
    let names = Set(runs.flatMap { $0.metrics.map(\.name) }).sorted()
    guard let name = choice.metric ?? tags["muster.metric"] ?? (names.count == 1 ? names[0] : nil) else {
      throw TrackerError(
        code: .refused, path: file.path,
        detail: "MLflow knows no objective: name one with --metric; it has \(names.prefix(20).joined(separator: ", "))")
    }
    guard names.contains(name) else {
      throw TrackerError(
        code: .notFound, path: file.path,
        detail: "no metric \(name); it has \(names.prefix(20).joined(separator: ", "))")
    }
    guard let isMaximized = choice.isMaximized ?? tags["muster.direction"].map({ $0 == "maximize" }) else {
      throw TrackerError(
        code: .refused, path: file.path,
        detail: "is more of \(name) better? Say so with --direction maximize or minimize")
    }
    return (name, isMaximized)
  }

  private mutating func runs(of experiment: Int64) throws -> [Run] {
    let here = "run_uuid IN (SELECT run_uuid FROM runs WHERE experiment_id = ? AND lifecycle_stage = 'active')"
    var runs = try file.rows(
      """
      SELECT run_uuid, coalesce(name, ''), status, coalesce(start_time, 0), end_time FROM runs
      WHERE experiment_id = ? AND lifecycle_stage = 'active' ORDER BY start_time, run_uuid
      """, [experiment]
    ).map { row in
      Run(id: row[0], name: row[1], status: row[2], startedMilliseconds: row[3], endedMilliseconds: row[4])
    }
    let place = Dictionary(uniqueKeysWithValues: runs.enumerated().map { ($1.id, $0) })
    for row in try file.rows("SELECT run_uuid, \"key\", value FROM tags WHERE \(here)", [experiment]) {
      if let index = place[row[0]] { runs[index].tags[row[1]] = row[2] }
    }
    for row in try file.rows("SELECT run_uuid, \"key\", value FROM params WHERE \(here) ORDER BY \"key\"", [experiment])
    {
      if let index = place[row[0]] { runs[index].parameters.append((row[1], row[2])) }
    }
    let metrics = try file.rows(
      "SELECT run_uuid, \"key\", value, is_nan, step FROM latest_metrics WHERE \(here) ORDER BY \"key\"", [experiment])
    for row in metrics {
      guard let index = place[row[0]] else { continue }
      let value = row[2] as Double?
      runs[index].metrics.append((row[1], (row[3] as Bool) ? nil : value.flatMap { $0.isFinite ? $0 : nil }, row[4]))
    }
    let deleted =
      try file.rows(
        "SELECT count(*) FROM runs WHERE experiment_id = ? AND lifecycle_stage = 'deleted'", [experiment]
      ).first?[0] as Int? ?? 0
    if deleted > 0 { remarks.append("\(deleted) runs that are deleted in MLflow were left out") }
    return runs
  }

  /// Of metrics with more than one step, or one that is not the first, by run.
  private func curves(of experiment: Int64) throws -> [String: [Row]] {
    try Dictionary(
      grouping: file.rows(
        """
        SELECT m.run_uuid, m."key", m.step, m.value, max(m.is_nan) AS is_nan FROM metrics m
        JOIN (SELECT run_uuid, "key" FROM metrics WHERE run_uuid IN (SELECT run_uuid FROM runs WHERE experiment_id = ?)
          GROUP BY run_uuid, "key" HAVING count(DISTINCT step) > 1 OR max(step) > 0) s ON s.run_uuid = m.run_uuid AND s."key" = m."key"
        GROUP BY m.run_uuid, m."key", m.step ORDER BY m.run_uuid, m."key", m.step
        """, [experiment])
    ) { $0[0] as String }
  }

  private func tags(of experiment: Int64) throws -> [String: String] {
    let rows = try? file.rows("SELECT \"key\", value FROM experiment_tags WHERE experiment_id = ?", [experiment])
    return Dictionary((rows ?? []).map { ($0[0] as String, $0[1] as String? ?? "") }) { first, _ in first }
  }

  private func dataset(of experiment: Int64, _ tags: [String: String]) throws -> ImportedSweep.Dataset {
    var dataset = ImportedSweep.Dataset()
    let rows = (try? file.rows("SELECT name FROM datasets WHERE experiment_id = ? ORDER BY name", [experiment])) ?? []
    dataset.name = rows.first?[0] as String? ?? dataset.name
    dataset.digest = tags["muster.dataset_sha256"]
    return dataset
  }
}
