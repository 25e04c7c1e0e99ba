// SPDX-License-Identifier: Apache-2.0

import Evaluation
import Hyperparameters
package import Shards
package import Sweeps

/// A task to its result: the fold's rows, statistics of the training rows alone, a fit, scores on the held-out rows.
///
/// The measurement is a function of (data set, order, fold): equal to the bit on every run and every worker of a machine type.
package struct FoldRunner: Sendable {
  private let datasets: DatasetCatalog
  private let artifacts: ArtifactStore
  private let checkpoints: CheckpointStore
  private let interval: CheckpointInterval

  /// Points of a learning curve that are kept; longer ones are thinned evenly, ends kept.
  static let curvePointsMax = 200

  package init(
    datasets: DatasetCatalog, artifacts: ArtifactStore, checkpoints: CheckpointStore,
    interval: CheckpointInterval = .standard
  ) {
    self.datasets = datasets
    self.artifacts = artifacts
    self.checkpoints = checkpoints
    self.interval = interval
  }

  /// Goes on from the task's checkpoint where there is one.
  ///
  /// - Parameter control: told (steps done, steps at most) after each step, and more often where steps are long.
  /// - Throws: `.cancelled` when told to pause or stop, else what the coordinator is told.
  package func run(
    _ assignment: Assignment, control: @escaping (Int, Int) -> TrainingControl
  ) throws(TrainingError) -> FoldResult {
    let clock = CostClock()
    let order = assignment.order
    let dataset = try open(order)
    guard assignment.rung == 0 else {
      throw .failed(.invalidTask, "rung \(assignment.rung): expected 0, the only budget level of this version")
    }
    guard assignment.fold < order.folds.taskCount else {
      throw .failed(.invalidTask, "fold \(assignment.fold): expected less than \(order.folds.taskCount)")
    }
    let rows = try training { try FoldRows(dataset, order, fold: assignment.fold) }
    try training {
      // Trees and lines read no sequences; the network's head reads tabular columns too.
      let parts = order.learner == .lstm ? DatasetPart.allCases : [.tabular]
      for part in parts {
        for rows in [rows.fitted, rows.inner, rows.heldOut] { try dataset.verify(part, rows: rows) }
      }
    }
    var pacer = TaskPacer(
      assignment, store: checkpoints, interval: interval, clock: monotonicMilliseconds, control: control)
    let fitted = try training { try fit(assignment, dataset, rows, &pacer) }
    guard fitted.predictions.allSatisfy(\.isFinite) else {
      throw .failed(.diverged, "a prediction is not finite after step \(fitted.bestStep)")
    }
    let measurement =
      fitted.watch.end?.isCut == true ? cut(rows, fitted) : try measure(order, dataset, rows, fitted)
    pacer.finish()
    return FoldResult(measurement: measurement, cost: clock.cost(resumedStep: pacer.resumedStep))
  }

  private func open(_ order: TrialOrder) throws(TrainingError) -> Dataset {
    let dataset = try training { try datasets.dataset(order.dataset) }
    guard let dataset else {
      throw .failed(.dataset, "data set \(order.dataset) is not in this worker's --data folders")
    }
    guard dataset.manifest.outcome == order.outcome else {
      throw .failed(
        .invalidTask,
        "data set \(dataset.manifest.name) is labelled for \(dataset.manifest.outcome.rawValue), the task asks for "
          + order.outcome.rawValue)
    }
    return dataset
  }

  private func measure(
    _ order: TrialOrder, _ dataset: Dataset, _ rows: FoldRows, _ fitted: FittedModel
  ) throws(TrainingError) -> Measurement {
    let labels = rows.heldOut.map { dataset.labels[$0] }
    var references: [ArtifactReference] = []
    // A final fit without a test set has nothing to be scored on.
    if !labels.isEmpty {
      references.append(try artifacts.write(.predictions, predictionsFile(rows.heldOut, fitted.predictions)))
    }
    if let encoded = fitted.encoded { references.append(try artifacts.write(.model, encoded)) }
    let scores =
      labels.isEmpty
      ? [] : evaluate(predictions: fitted.predictions, labels: labels, objective: order.outcome.objective)
    return Measurement(
      metrics: stopped(fitted) + scores, curve: curves(fitted), bestStep: fitted.bestStep,
      trainRowCount: rows.trainingCount, validRowCount: rows.heldOut.count, artifacts: references,
      scoreBins: scoreBins(predictions: fitted.predictions, labels: labels, objective: order.outcome.objective))
  }

  /// A fold that its rule ended without a score: how it stood, no model, and nothing of the held-out rows.
  private func cut(_ rows: FoldRows, _ fitted: FittedModel) -> Measurement {
    let last = fitted.watch.points.last.map { MetricValue(name: $0.metric, value: $0.value) }
    return Measurement(
      metrics: (last.map { [$0] } ?? []) + stopped(fitted), curve: curves(fitted), bestStep: fitted.bestStep,
      trainRowCount: rows.trainingCount, validRowCount: rows.heldOut.count, artifacts: [])
  }

  private func stopped(_ fitted: FittedModel) -> [MetricValue] {
    fitted.watch.end.map { [MetricValue(name: StepRule.stoppedMetric, value: Double($0.step))] } ?? []
  }

  private func curves(_ fitted: FittedModel) -> [CurvePoint] {
    let points = curve("inner/loss", fitted.innerLoss) + curve("train/loss", fitted.trainLoss) + fitted.watch.points
    return points.sorted { ($0.metric, $0.step) < ($1.metric, $1.step) }
  }

  /// `row,prediction`: the row's number in the data set, no identifier; the shortest decimal that reads back as the same bits.
  private func predictionsFile(_ rows: [Int], _ predictions: [Float]) -> [UInt8] {
    var text = "row,prediction\n"
    for (row, prediction) in zip(rows, predictions) { text += "\(row),\(prediction)\n" }
    return Array(text.utf8)
  }

  private func curve(_ metric: String, _ losses: [Double]) -> [CurvePoint] {
    guard !losses.isEmpty else { return [] }
    let count = min(losses.count, Self.curvePointsMax)
    return (0..<count).map { point in
      let index = count == 1 ? 0 : point * (losses.count - 1) / (count - 1)
      return CurvePoint(metric: metric, step: index + 1, value: losses[index])
    }
  }
}
