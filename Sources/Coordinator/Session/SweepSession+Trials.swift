// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Scheduling
import Search
import Sweeps
import Tracking

/// Ask and tell: the book of trials on one side, the scheduler on the other.
extension SweepSession {
  /// Enters what an earlier start recorded. Call before `run`.
  func restore(_ opened: OpenedSweep) throws {
    for trial in opened.trials {
      let order = try book.restore(trial.record)
      for result in trial.results {
        foldsResumed += 1
        enter(
          TrialTask(sweep: opened.id, trial: order.trial, fold: result.fold, rung: result.rung),
          .measured(result.metrics, trainRowCount: result.trainRowCount, validRowCount: result.validRowCount),
          known: trial.end)
      }
      for task in opened.recovered.quarantined where task.trial == order.trial {
        enter(task, .missing("quarantined"), known: trial.end)
      }
      obey(machine.handle(.trialAdded(order), at: now))
    }
  }

  func begin() throws {
    if book.trialCount > 0 { batch.records.append(.sweepChanged(book.settings.sweep, .running)) }
    try propose()
    try flush()
  }

  /// Keeps enough tasks queued that no worker waits for the next trial.
  func propose() throws {
    guard !isStopping, stall == nil else { return }
    let queuedMin = max(8, 2 * machine.slotCount)
    while machine.counts.queued < queuedMin, let order = try book.propose() {
      batch.records.append(
        .trialAdded(
          TrialRecord(
            sweep: order.sweep, number: order.trial, learner: order.learner, parameters: order.parameters)))
      obey(machine.handle(.trialAdded(order), at: now))
    }
  }

  func tell(_ task: TrialTask, _ end: CoordinatorMachine.TaskEnd) {
    switch end {
    case .done(let result):
      let measurement = result.measurement
      enter(
        task,
        .measured(
          measurement.metrics, trainRowCount: measurement.trainRowCount, validRowCount: measurement.validRowCount),
        known: nil)
    case .quarantined(let reason), .cancelled(let reason): enter(task, .missing(reason), known: nil)
    }
  }

  /// A trial's end goes into the same commit as the result that brought it.
  private func enter(_ task: TrialTask, _ end: TrialBook.FoldEnd, known: TrialEnd?) {
    guard let trialEnd = book.record(task, end), known == nil else { return }
    batch.records.append(.trialEnded(task.sweep, trial: task.trial, trialEnd))
    announce(task.trial, trialEnd)
  }
}
