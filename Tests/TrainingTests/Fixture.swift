// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Randomness
import Shards
import Sweeps
import Training

/// A small data set with a planted signal, in a folder of its own.
final class Fixture {
  let folder = NSTemporaryDirectory() + "training-" + UUID().uuidString
  let digest: ContentDigest
  let dataset: Dataset
  let runner: FoldRunner
  let artifacts: ArtifactStore
  let checkpoints: CheckpointStore

  /// - Parameters:
  ///   - edit: changes a row's values after they were drawn, by (row, tabular, sequence).
  ///   - furtherLabels: of `further`, by row and its signal.
  init(
    outcome: Outcome = .readmission30d, rows: Int = 240,
    edit: (Int, inout [Float], inout [Float]) -> Void = { _, _, _ in }, further: [Outcome] = [],
    furtherLabels: (Int, Double) -> [Float] = { _, _ in [] }
  ) throws {
    let (steps, channels, columns) = (6, 2, 4)
    func column(_ name: String) -> FeatureColumn {
      FeatureColumn(name: name, item: name, unit: "1", window: "whole stay", statistic: "mean")
    }
    let writer = try DatasetWriter(
      directory: folder + "/data",
      description: DatasetDescription(
        name: "toy", outcome: outcome, source: "synthetic", indexTime: "discharge",
        columns: (0..<columns).map { column("c\($0)") }, channels: (0..<channels).map { column("s\($0)") },
        stepCount: steps, flow: [], createdBy: "test", further: further))
    var random = CounterGenerator(key: 5)
    for row in 0..<rows {
      let signal = random.normal()
      var tabular = (0..<columns).map { _ in Float(random.normal()) }
      tabular[0] = Float(signal + 0.5 * random.normal())
      if random.uniform() < 0.2 { tabular[1] = .nan }
      var sequence = (0..<steps * channels).map { _ in random.uniform() < 0.3 ? Float.nan : Float(random.normal()) }
      for step in 0..<steps { sequence[step * channels] = Float(signal + 0.5 * random.normal()) }
      edit(row, &tabular, &sequence)
      let label: Float =
        outcome == .lengthOfStay ? Float(3 + signal) : random.uniform() < 1 / (1 + exp(-2 * signal)) ? 1 : 0
      try writer.append(
        ShardRow(
          tabular: tabular, sequence: sequence, label: label, group: Int64(row / 2), rowID: Int64(row),
          further: furtherLabels(row, signal)))
    }
    _ = try writer.finish()
    let catalog = DatasetCatalog(directories: [folder])
    digest = catalog.digests[0]
    dataset = try Dataset(directory: folder + "/data")
    artifacts = try ArtifactStore(directory: folder + "/artifacts")
    checkpoints = try CheckpointStore(directory: folder + "/checkpoints", codeVersion: "test", machineType: "any")
    runner = FoldRunner(
      datasets: catalog, artifacts: artifacts, checkpoints: checkpoints, interval: CheckpointInterval(milliseconds: 0))
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func assignment(
    _ learner: Learner, outcome: Outcome = .readmission30d, fold: Int = 0, rung: Int = 0, digest: ContentDigest? = nil,
    changing changes: Parameters = [:]
  ) throws -> Assignment {
    var quick: Parameters =
      switch learner {
      case .booster:
        [
          "trees": .integer(30), "min_leaf": .integer(5), "subsample": .real(0.7), "leaves": .integer(4),
          "patience": .integer(0),
        ]
      case .lstm: ["epochs": .integer(4), "hidden": .integer(6), "batch": .integer(16), "learning_rate": .real(0.02)]
      case .linear: [:]
      }
    for change in changes.entries { quick[change.name] = change.value }
    let order = TrialOrder(
      sweep: SweepID(1), trial: 3, learner: learner, parameters: try learner.resolve(quick),
      dataset: digest ?? self.digest, outcome: outcome,
      folds: FoldPlan(scheme: .stratifiedGrouped, foldCount: 4, seed: 9), seed: 11)
    return Assignment(order: order, fold: fold, rung: rung, attempt: Attempt(epoch: 1, number: 1))
  }

  /// The rows that the predictions artifact names.
  func predictions(_ result: FoldResult) throws -> [(row: Int, text: String)] {
    guard let reference = result.measurement.artifacts.first(where: { $0.kind == .predictions }) else { return [] }
    let text = String(decoding: try artifacts.read(reference.digest), as: UTF8.self)
    return text.split(separator: "\n").dropFirst().map { line in
      let fields = line.split(separator: ",")
      return (Int(fields[0]) ?? -1, String(fields[1]))
    }
  }
}
