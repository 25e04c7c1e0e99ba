// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Randomness
import Shards
import Sweeps
import Testing
import Training

@testable import Models

/// A small data set with a planted signal, and final fits to it as `sweep refit` makes them.
final class ModelSample {
  let folder = NSTemporaryDirectory() + "models-" + UUID().uuidString
  let dataset: Dataset
  let artifacts: ArtifactStore
  private let runner: FoldRunner

  static let steps = 6

  /// - Parameter edit: changes a row's values after they were drawn, by (row, tabular, sequence).
  init(
    outcome: Outcome = .readmission30d, rows: Int = 240, columns: [String] = ["c0", "c 1", "c2=x", "c,3"],
    unit: String = "mmol/L", channels: [String] = ["s0", "s1"], seed: UInt64 = 5,
    edit: (Int, inout [Float], inout [Float]) -> Void = { _, _, _ in }
  ) throws {
    func column(_ name: String) -> FeatureColumn {
      FeatureColumn(name: name, item: name, unit: unit, window: "whole stay", statistic: "mean")
    }
    let writer = try DatasetWriter(
      directory: folder + "/data",
      description: DatasetDescription(
        name: "toy", outcome: outcome, source: "synthetic", indexTime: "discharge", columns: columns.map(column),
        channels: channels.map(column), stepCount: Self.steps, flow: [], createdBy: "test"))
    var random = CounterGenerator(key: seed)
    for row in 0..<rows {
      let signal = random.normal()
      var tabular = columns.map { _ in Float(random.normal()) }
      tabular[0] = Float(signal + 0.5 * random.normal())
      if columns.count > 1, random.uniform() < 0.2 { tabular[1] = .nan }
      var sequence = (0..<Self.steps * channels.count).map { _ in
        random.uniform() < 0.3 ? Float.nan : Float(random.normal())
      }
      for step in 0..<Self.steps { sequence[step * channels.count] = Float(signal + 0.5 * random.normal()) }
      edit(row, &tabular, &sequence)
      let isBinary = outcome.objective == .binary
      let label: Float = isBinary ? (random.uniform() < 1 / (1 + exp(-2 * signal)) ? 1 : 0) : Float(30 + 7 * signal)
      try writer.append(
        ShardRow(tabular: tabular, sequence: sequence, label: label, group: Int64(row / 2), rowID: Int64(row)))
    }
    _ = try writer.finish()
    dataset = try Dataset(directory: folder + "/data")
    artifacts = try ArtifactStore(directory: folder + "/artifacts")
    runner = FoldRunner(
      datasets: DatasetCatalog(directories: [folder]), artifacts: artifacts,
      checkpoints: try CheckpointStore(directory: folder + "/checkpoints", codeVersion: "test", machineType: "any"))
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  struct Fitted {
    let model: FinishedModel
    let bytes: [UInt8]
    /// Of the test set, as they were recorded.
    let rows: [Int]
    let predictions: [String]
  }

  /// The final fit of a learner, a fifth of the patients held out as the test set.
  func fit(_ learner: Learner, _ changes: Parameters = [:]) throws -> Fitted {
    var quick: Parameters =
      switch learner {
      case .booster: ["trees": .integer(12), "min_leaf": .integer(5), "leaves": .integer(4), "patience": .integer(0)]
      case .lstm: ["epochs": .integer(3), "hidden": .integer(6), "batch": .integer(16), "learning_rate": .real(0.02)]
      case .linear: [:]
      }
    for change in changes.entries { quick[change.name] = change.value }
    let plan = FoldPlan(
      scheme: .stratifiedGrouped, foldCount: 3, seed: 9,
      testSet: FoldPlan.TestSet(partCount: 5, first: 1, count: 1, seed: 4), isFinal: true)
    let order = TrialOrder(
      sweep: SweepID(1), trial: 0, learner: learner, parameters: try learner.resolve(quick), dataset: dataset.digest,
      outcome: dataset.manifest.outcome, folds: plan, seed: 11)
    let result = try runner.run(
      Assignment(order: order, fold: 0, rung: 0, attempt: Attempt(epoch: 1, number: 1))
    ) { _, _ in .goOn }
    func artifact(_ kind: ArtifactReference.Kind) throws -> [UInt8] {
      let reference = try #require(result.measurement.artifacts.first { $0.kind == kind })
      return try artifacts.read(reference.digest)
    }
    let bytes = try artifact(.model)
    let lines = String(decoding: try artifact(.predictions), as: UTF8.self).split(separator: "\n").dropFirst()
    let fields = lines.map { $0.split(separator: ",").map(String.init) }
    return Fitted(
      model: try FinishedModel(bytes, path: "model"), bytes: bytes, rows: fields.compactMap { Int($0[0]) },
      predictions: fields.map { $0[1] })
  }
}
