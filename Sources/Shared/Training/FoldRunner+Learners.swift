// SPDX-License-Identifier: Apache-2.0

import Boosters
import Evaluation
import Hyperparameters
import LinearModels
import Models
import Randomness
import RecurrentNets
import Shards
import Sweeps

/// What each learner makes of a fold.
extension FoldRunner {
  func fit(
    _ assignment: Assignment, _ dataset: Dataset, _ rows: FoldRows, _ pacer: inout TaskPacer
  ) throws -> FittedModel {
    switch assignment.order.learner {
    case .booster: try fitTrees(assignment, dataset, rows, &pacer)
    case .lstm: try fitNetwork(assignment, dataset, rows, &pacer)
    case .linear: try fitLine(assignment, dataset, rows, pacer)
    }
  }

  /// Raw values: trees need no scaling and learn where missing goes.
  private func fitTrees(
    _ assignment: Assignment, _ dataset: Dataset, _ rows: FoldRows, _ pacer: inout TaskPacer
  ) throws -> FittedModel {
    let order = assignment.order
    var options = try BoosterOptions(order.parameters)
    let rows = options.stopsEarly ? rows : rows.withoutInner
    let inner = gather(dataset, rows.inner)
    let balanced = try balance(assignment, dataset, rows.fitted)
    options.positiveWeight *= balanced.positiveWeight
    let columns = try ColumnRules(options, dataset, synthetic: !balanced.synthetic.isEmpty)
    let binned = binned(dataset, balanced, rows.testSet, options, columns.categorical)
    let labels = balanced.labels(dataset)
    let stoppingScore = try lowerIsBetter(options.stopOn, order.outcome)
    let fit = try inner.withUnsafeBufferPointer { values in
      func begin(_ checkpoint: [UInt8]?) throws(BoosterError) -> BoosterTraining {
        try BoosterTraining(
          train: binned, labels: labels,
          validation: rows.inner.isEmpty ? nil : (values: values, labels: rows.inner.map { dataset.labels[$0] }),
          objective: order.outcome.objective, options: options, seed: seed(assignment),
          monotone: columns.monotone, stoppingScore: stoppingScore, resuming: checkpoint)
      }
      var training = try begin(nil)
      pacer.takeUp { training = try begin($0) }
      func measure(_ rule: StepRule) -> Double? {
        guard !rows.inner.isEmpty else { return nil }
        return innerScore(rule, order, dataset, rows.inner) {
          training.fit.booster.predict(values, rowCount: rows.inner.count)
        }
      }
      while training.step() {
        let goesOn = try pacer.afterStep(training.treeCount, of: options.treeCount, measure: measure) {
          training.checkpoint()
        }
        if !goesOn { return training.fit }
      }
      pacer.afterLastStep(training.treeCount, measure: measure)
      return training.fit
    }
    let predictions =
      rows.heldOut.isEmpty || pacer.watch.end?.isCut == true
      ? []
      : gather(dataset, rows.heldOut).withUnsafeBufferPointer { values in
        fit.booster.predict(values, rowCount: rows.heldOut.count)
      }
    return FittedModel(
      predictions: predictions, trainLoss: fit.trainLoss, innerLoss: fit.validLoss,
      bestStep: fit.bestTreeCount,
      encoded: modelFile(fit.booster, origin: ModelOrigin(order, dataset, rowCount: rows.trainingCount)),
      watch: pacer.watch)
  }

  /// What a rule looks at: the metric of the inner rows' predictions; `nil` for one that the outcome has not.
  private func innerScore(
    _ rule: StepRule, _ order: TrialOrder, _ dataset: Dataset, _ inner: [Int], predict: () -> [Float]
  ) -> Double? {
    evaluate(
      predictions: predict(), labels: inner.map { dataset.labels[$0] }, objective: order.outcome.objective
    ).first { $0.name == rule.metric }?.value
  }

  /// Synthetic rows are in no shared file: with them the fold bins for itself.
  private func binned(
    _ dataset: Dataset, _ balanced: BalancedRows, _ testSet: [Int], _ options: BoosterOptions, _ categorical: Set<Int>
  ) -> BinnedMatrix {
    if options.binsFrom == .all, balanced.synthetic.isEmpty {
      let whole = BinnedDataset(dataset, without: testSet)
      let matrix = whole.matrix(options, categorical: categorical) { gather(dataset, $0) }
      return BinnedMatrix(matrix, rows: whole.positions(of: balanced.rows))
    }
    let values = gather(dataset, balanced.rows) + balanced.synthetic
    return values.withUnsafeBufferPointer { values in
      BinnedMatrix(
        binning: values, rowCount: balanced.count, columnCount: dataset.columnCount, binCountMax: options.binCountMax,
        rowsPerBinMin: options.binRowsMin, categoricalColumns: categorical)
    }
  }

  /// What early stopping of trees watches; nil for the mean loss.
  ///
  /// - Throws: for a metric that the outcome's labels do not have: stopping by an undefined score keeps no tree.
  private func lowerIsBetter(
    _ metric: StoppingMetric, _ outcome: Outcome
  ) throws(TrainingError) -> (([Float], [Float]) -> Double)? {
    switch metric {
    case .auroc, .auprc, .brier:
      guard outcome.objective == .binary else {
        throw .failed(
          .invalidTask,
          "hyperparameter `stop_on`: expected loss, mae or rmse for \(outcome.rawValue), found \(metric.rawValue)")
      }
    case .loss, .mae, .rmse: break
    }
    return switch metric {
    case .loss: nil
    case .auroc: { -auroc($0, $1) }
    case .auprc: { -averagePrecision($0, $1) }
    case .brier: brierScore
    case .mae: meanAbsoluteError
    case .rmse: rootMeanSquaredError
    }
  }

  private func fitNetwork(
    _ assignment: Assignment, _ dataset: Dataset, _ rows: FoldRows, _ pacer: inout TaskPacer
  ) throws -> FittedModel {
    let order = assignment.order
    var options = try LSTMOptions(order.parameters)
    let rows = options.stopsEarly ? rows : rows.withoutInner
    let preparation = SequencePreparation(dataset, fittedOn: rows.fitted)
    let balanced = try balance(assignment, dataset, rows.fitted)
    options.positiveWeight *= balanced.positiveWeight
    // The outcome's labels alone: stopping, pruning and scores look at no further head.
    let inner: (rows: any SequenceRows, labels: [[Float]])? =
      rows.inner.isEmpty ? nil : (preparation.rows(dataset, rows.inner), [rows.inner.map { dataset.labels[$0] }])
    let further = try FurtherTargets(options, dataset, rows: balanced.rows)
    var training = try LSTMTraining(
      train: preparation.rows(dataset, balanced.rows),
      targets: [SequenceTarget(labels: balanced.labels(dataset), objective: order.outcome.objective)]
        + further.targets,
      validation: inner, options: options, seed: seed(assignment), score: score(options.stopMetric))
    pacer.takeUp { try training.resume($0) }
    func measure(_ rule: StepRule) -> Double? {
      guard let inner else { return nil }
      return innerScore(rule, order, dataset, rows.inner) { training.fit.network.predict(inner.rows) }
    }
    while !training.isFinished, pacer.watch.end == nil {
      try training.runEpoch { pacer.mayGoOn($0, of: $1) }
      _ = try pacer.afterStep(training.epochCount, of: training.epochCountMax, measure: measure) {
        training.checkpoint()
      }
    }
    if pacer.watch.end == nil { pacer.afterLastStep(training.epochCount, measure: measure) }
    let fit = training.fit
    let predictions =
      rows.heldOut.isEmpty || pacer.watch.end?.isCut == true
      ? [] : fit.network.predict(preparation.rows(dataset, rows.heldOut))
    return FittedModel(
      predictions: predictions, trainLoss: fit.trainLoss, innerLoss: fit.validLoss, bestStep: fit.bestEpoch + 1,
      encoded: order.folds.isFinal
        ? modelFile(
          fit.network, preparation, dropout: options.dropout, variationalDropout: options.variationalDropout,
          origin: ModelOrigin(
            order, dataset, others: further.outcomes.map { .init(name: $0.rawValue, objective: $0.objective) },
            rowCount: rows.trainingCount)) : nil,
      watch: pacer.watch)
  }

  private func score(_ metric: LSTMOptions.StopMetric) -> (([Float], [Float]) -> Double)? {
    switch metric {
    case .loss: nil
    case .auroc: auroc
    case .auprc: averagePrecision
    }
  }

  /// Nothing to stop early: the penalty does the regularising, and all training rows are fitted.
  private func fitLine(
    _ assignment: Assignment, _ dataset: Dataset, _ rows: FoldRows, _ pacer: TaskPacer
  ) throws -> FittedModel {
    let order = assignment.order
    let training = (rows.fitted + rows.inner).sorted()
    let scaling = ColumnScaling(dataset, fittedOn: training, withIndicators: true)
    let balanced = try balance(assignment, dataset, training)
    var options = try LinearOptions(order.parameters)
    options.positiveWeight *= balanced.positiveWeight
    let columnCount = dataset.columnCount
    let synthetic = scaling.apply(balanced.count - balanced.rows.count) { row in
      balanced.synthetic[row * columnCount..<(row + 1) * columnCount]
    }
    let values = scaling.apply(dataset, balanced.rows) + synthetic
    let labels = balanced.labels(dataset)
    let fit = try values.withUnsafeBufferPointer { values in
      try fitLinear(
        values: values, rowCount: balanced.count, columnCount: scaling.outputCount, labels: labels,
        objective: order.outcome.objective, options: options, progress: { pacer.mayGoOn($0, of: $1) })
    }
    let predictions =
      rows.heldOut.isEmpty
      ? []
      : scaling.apply(dataset, rows.heldOut).withUnsafeBufferPointer { values in
        fit.predict(values, rowCount: rows.heldOut.count)
      }
    return FittedModel(
      predictions: predictions, trainLoss: fit.loss, innerLoss: [], bestStep: max(1, fit.iterationCount),
      encoded: order.folds.isFinal
        ? modelFile(fit, scaling, origin: ModelOrigin(order, dataset, rowCount: training.count)) : nil)
  }

  /// The rows that are fitted, with what the trial's `imbalance` makes of them. `rows` are all it ever sees.
  private func balance(
    _ assignment: Assignment, _ dataset: Dataset, _ rows: [Int]
  ) throws -> BalancedRows {
    let order = assignment.order
    let options = try BalancingOptions(order.parameters, of: order.learner)
    guard options.balancing == .none || order.outcome.objective == .binary else {
      throw TrainingError.failed(
        .invalidTask,
        "hyperparameter `imbalance`: expected none for \(order.outcome.rawValue), found \(options.balancing.rawValue)")
    }
    return BalancedRows(
      dataset, rows, options, seed: derivedSeed(order.seed, .resampling, order.trial, assignment.fold))
  }

  /// Row-major [rows, F], NaN where missing.
  private func gather(_ dataset: Dataset, _ rows: [Int]) -> [Float] {
    var matrix: [Float] = []
    matrix.reserveCapacity(rows.count * dataset.columnCount)
    for row in rows { matrix.append(contentsOf: dataset.tabularRow(row)) }
    return matrix
  }

  /// By (sweep, trial, fold): learners derive their streams from it by purpose.
  private func seed(_ assignment: Assignment) -> UInt64 {
    derivedSeed(assignment.order.seed, .weightInitialization, assignment.order.trial, assignment.fold)
  }
}
