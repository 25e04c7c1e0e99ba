// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Reporting
import Scheduling
import Search
import Sweeps
import Tracking

/// Ask and tell: the book of trials on one side, the scheduler on the other.
extension SweepSession {
  /// Enters what an earlier start recorded. Call before `run`.
  ///
  /// Verdicts of the pruner are made anew from the recorded folds, and are the same; where they are not (a sweep that is
  /// not reproducible), what was recorded holds.
  func restore(_ opened: OpenedSweep) throws {
    computeMilliseconds = opened.computeMilliseconds
    takenTokens = Set(opened.requests.map(\.token))
    for token in takenTokens { box.remove(token) }
    let byHand = Set(opened.requests.filter { $0.effect == .trialAdded }.compactMap(\.trial))
    let stopped = Set(opened.requests.filter { $0.effect == .trialStopped }.compactMap(\.trial))
    for trial in opened.trials {
      let order = try book.restore(trial.record, isByHand: byHand.contains(trial.record.number))
      if stopped.contains(order.trial) {
        foldsResumed += trial.results.count
        book.restoreStopped(
          order.trial, folds: trial.results.map { ($0.fold, measured($0, of: order)) },
          reason: trial.end?.reason ?? "stopped by hand")
        continue
      }
      // First, for a result that came after it mends the trial and not what was learnt of it.
      for task in opened.givenUp where task.trial == order.trial {
        enter(task, .missing("quarantined"))
      }
      for result in trial.results {
        foldsResumed += 1
        enter(
          TrialTask(sweep: opened.id, trial: order.trial, fold: result.fold, rung: result.rung),
          measured(result, of: order), curve: result.innerCurve)
      }
      if trial.end?.state == .pruned, !book.settings.isReproducible {
        obey(book.stop(order.trial, reason: trial.end?.reason ?? "pruned by an earlier start"))
      }
    }
    obey(book.closeIfSpent())
    if let why = timeBudgetSpent { obey(book.stopProposing(why)) }
    isRestoring = false
    for (order, trial) in zip(book.orders, opened.trials) {
      add(order)
      guard let end = book.end(of: order.trial) else { continue }
      if trial.end?.state != end.state { record(order.trial, end) }
      if end.state != .completed { cancel(order.trial, end) }
    }
  }

  private func measured(_ result: OpenedSweep.Result, of order: TrialOrder) -> TrialBook.FoldEnd {
    let task = TrialTask(sweep: order.sweep, trial: order.trial, fold: result.fold, rung: result.rung)
    return TrialBook.FoldEnd(
      result.metrics + cost(foldCosts[task]), trainRowCount: result.trainRowCount,
      validRowCount: result.validRowCount, objective: book.settings.objective)
  }

  /// CPU time as a metric, for a sweep that weighs it.
  private func cost(_ milliseconds: Int64?) -> [MetricValue] {
    guard book.settings.objective.second?.isCost == true, let milliseconds else { return [] }
    return [MetricValue(name: Objective.Second.costMetric, value: Double(milliseconds) / 1_000)]
  }

  /// Nothing is left to run: for a sweep that had finished before.
  var isOver: Bool { book.isComplete && machine.counts.open == 0 }

  func begin() throws {
    if book.trialCount > 0 { batch.records.append(.sweepChanged(book.settings.sweep, .running)) }
    try propose()
    try flush()
  }

  /// Keeps enough tasks queued that no worker waits for the next trial.
  func propose() throws {
    guard !isStopping, stall == nil else { return }
    if !isBudgetSpent, let why = timeBudgetSpent { obey(book.stopProposing(why)) }
    let queuedMin = max(8, 2 * machine.slotCount)
    while machine.counts.queued < queuedMin, let order = try book.propose() { begin(order) }
    isSamplerWaiting = machine.counts.queued < queuedMin
    if book.isExhausted, !isBudgetSpent {
      isBudgetSpent = true
      let why = book.ending ?? ""
      view.event("no new trial is begun: \(why)")
      obey(book.stopProposing(why))
    }
  }

  func begin(_ order: TrialOrder) {
    batch.records.append(
      .trialAdded(
        TrialRecord(
          sweep: order.sweep, number: order.trial, learner: order.learner,
          parameters: order.parameters)))
    add(order)
  }

  private func seconds(_ milliseconds: Int64) -> String { decimal(Double(milliseconds) / 1_000, places: 1) }

  private var timeBudgetSpent: String? {
    if let limit = wallTimeMaxMilliseconds, now.milliseconds - startedAt >= limit {
      return "budget.wall_time: \(limit / 1_000) s since the start"
    }
    if let limit = computeMaxMilliseconds, computeMilliseconds >= limit {
      return
        "budget.worker_hours: folds took \(seconds(computeMilliseconds)) s, \(seconds(limit)) s were given"
    }
    return nil
  }

  /// All folds of a trial at once, or those that the pruner has let run.
  func add(_ order: TrialOrder) {
    let openFolds = book.openFoldCount(of: order.trial)
    obey(
      machine.handle(
        .trialAddedInStages(order, openFolds: openFolds, stepRules: book.stepRules(of: order.trial)), at: now))
  }

  func tell(_ task: TrialTask, _ end: CoordinatorMachine.TaskEnd) {
    switch end {
    case .done(let result):
      let measurement = result.measurement
      computeMilliseconds += result.cost.wallMilliseconds
      enter(
        task,
        TrialBook.FoldEnd(
          measurement.metrics + cost(result.cost.cpuMilliseconds), trainRowCount: measurement.trainRowCount,
          validRowCount: measurement.validRowCount, objective: book.settings.objective),
        curve: innerCurve(measurement.curve))
    case .quarantined(let reason): enter(task, .missing(reason))
    // Only an ended trial's tasks are cancelled: the book has nothing to learn from it.
    case .cancelled: break
    }
  }

  /// A trial's end goes into the same commit as the result that brought it.
  private func enter(_ task: TrialTask, _ end: TrialBook.FoldEnd, curve: [CurvePoint] = []) {
    obey(book.record(task, end, curve: curve))
  }

  /// What rules by step compare; nothing where there are none.
  private func innerCurve(_ curve: [CurvePoint]) -> [CurvePoint] {
    guard book.settings.judgesSteps else { return [] }
    let name = StepRule.curveName(of: book.settings.objective.metric)
    return curve.filter { $0.metric == name }
  }

  func obey(_ changes: [TrialBook.Change]) {
    for change in changes {
      switch change {
      case .ended(let trial, let end):
        // How it stands once all that is known was entered is what counts.
        guard !isRestoring else { continue }
        record(trial, end)
        if end.state != .completed { cancel(trial, end) }
      case .released(let trial, let foldCount):
        guard !isRestoring else { continue }
        obey(
          machine.handle(
            .foldsReleased(
              book.settings.sweep, trial: trial, openFolds: foldCount, stepRules: book.stepRules(of: trial)), at: now))
      }
    }
  }

  private func record(_ trial: Int, _ end: TrialEnd) {
    batch.records.append(.trialEnded(book.settings.sweep, trial: trial, end))
    announce(trial, end)
  }

  /// No one waits for the folds that an ended trial has left.
  private func cancel(_ trial: Int, _ end: TrialEnd) {
    // A failed trial has open folds because somebody wants them tried again, or because a pruner held them back.
    guard end.state == .pruned || !book.allowsRetries else { return }
    let reason = end.reason ?? end.state.rawValue
    obey(machine.handle(.cancelTrial(book.settings.sweep, trial: trial, reason: reason), at: now))
  }
}
