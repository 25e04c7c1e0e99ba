// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Sweeps
import Tracking

/// A tracker in a folder of its own, removed at the end.
final class Fixture {
  let folder: String
  var path: String { folder + "/tracker.db" }

  init() throws {
    folder = NSTemporaryDirectory() + "tracking-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func store() throws -> TrackerStore { try TrackerStore(path: path, codeVersion: "test", at: 1_000) }
}

let worker = Incarnation(high: 1, low: 2)

func registration(name: String = "demo", digest: String = "d1") -> SweepRegistration {
  SweepRegistration(
    name: name, outcome: .readmission30d,
    dataset: SweepRegistration.Dataset(
      digest: ContentDigest(bytes: [UInt8](repeating: 7, count: 32)), name: "readmission_30d", source: "synthetic",
      path: "datasets/readmission_30d", rowCount: 100, patientCount: 80, columnCount: 9, prevalence: 0.12),
    metric: "valid/auroc", isMaximized: true, folds: FoldPlan(scheme: .stratifiedGrouped, foldCount: 5, seed: .max),
    sampler: "grid", seed: .max, spec: #"{"a":1}"#, specDigest: digest, codeVersion: "test")
}

func task(_ sweep: SweepID, _ trial: Int, _ fold: Int) -> TrialTask {
  TrialTask(sweep: sweep, trial: trial, fold: fold, rung: 0)
}

func attempt(_ task: TrialTask, _ epoch: Int64, _ number: Int64) -> TaskAttempt {
  TaskAttempt(task: task, attempt: Attempt(epoch: epoch, number: number))
}

func result(auroc: Double, artifacts: [ArtifactReference] = []) -> FoldResult {
  FoldResult(
    measurement: Measurement(
      metrics: [MetricValue(name: "valid/auroc", value: auroc), MetricValue(name: "valid/ece", value: .nan)],
      curve: [CurvePoint(metric: "train/loss", step: 1, value: 0.5)], bestStep: 3, trainRowCount: 80, validRowCount: 20,
      artifacts: artifacts), cost: Cost(wallMilliseconds: 5, cpuMilliseconds: 4, residentBytesPeak: 3))
}

let identity = WorkerIdentity(
  incarnation: worker, name: "w0", host: "node", processID: 9, codeVersion: "test", machineType: "cpu")

func trial(_ sweep: SweepID, _ number: Int) -> TrackerRecord {
  .trialAdded(
    TrialRecord(
      sweep: sweep, number: number, learner: .booster, parameters: ["leaves": .integer(31), "l2": .real(0.1)]))
}
