// SPDX-License-Identifier: Apache-2.0

import Access
import Hyperparameters
import Reporting
import Scheduling
import Search
import Sockets
import Sweeps
import Tracking

/// What people are told while the sweep runs.
extension SweepSession {
  func announce(_ trial: Int, _ end: TrialEnd) {
    let learner = book.order(of: trial)?.learner.rawValue ?? ""
    switch end.state {
    case .completed where end.objective != nil:
      view.event(
        "#\(trial) \(learner)  \(book.settings.objective.metric) \(decimal(end.objective, places: 4))"
          + " ± \(decimal(end.objectiveSD, places: 4)) over \(end.foldsDone) folds",
        LogLine.Fields(event: "trial-completed", trial: trial))
    case .pruned:
      view.event(
        "#\(trial) \(learner)  pruned after \(end.foldsDone) folds: \(end.reason ?? "")",
        LogLine.Fields(event: "trial-pruned", trial: trial))
    default:
      view.event(
        "#\(trial) \(learner)  no score: \(end.reason ?? end.state.rawValue)",
        LogLine.Fields(event: "trial-\(end.state.rawValue)", trial: trial), level: .warning)
    }
  }

  /// What rules by step saved, behind why the sweep ended.
  var savings: String { book.stepsSaved > 0 ? "; \(book.stepsSaved) steps within folds saved" : "" }

  var metricState: SessionMetrics.State {
    SessionMetrics.State(
      counts: machine.counts, workers: machine.workerSnapshots, now: now, isStalled: stall != nil,
      stalledMilliseconds: stalledMilliseconds + (stall.map { monotonicMilliseconds() - $0.startedAt } ?? 0),
      malformedCount: malformedCount,
      refusals: door.gate.counts.map { (reason: $0.key.rawValue, count: $0.value) }.sorted { $0.reason < $1.reason })
  }

  /// What a line of the log is about.
  private func fields(_ event: String, _ attempt: TaskAttempt) -> LogLine.Fields {
    var fields = fields(event, attempt.task)
    fields.attempt = "\(attempt.attempt)"
    return fields
  }

  private func fields(_ event: String, _ task: TrialTask) -> LogLine.Fields {
    LogLine.Fields(event: event, trial: task.trial, fold: task.fold, rung: task.rung)
  }

  func report(_ notice: CoordinatorMachine.Notice) {
    metrics?.note(notice)
    switch notice {
    case .workerJoined(let identity):
      let key = door.gate.keyName(of: identity.incarnation, wall: wallTime).map { ", key \($0)" } ?? ""
      view.event(
        "worker \(identity.name) joined (process \(identity.processID)\(key))",
        LogLine.Fields(event: "worker-joined", worker: identity.name))
    case .workerUnfit(let identity, let reason):
      view.event(
        "worker \(identity.name) gets no work: \(reason)",
        LogLine.Fields(event: "worker-unfit", worker: identity.name), level: .warning)
    case .workerLeft(let identity, let reason):
      if !isStopping {
        view.event(
          "worker \(identity.name) left: \(reason)", LogLine.Fields(event: "worker-left", worker: identity.name))
      }
    case .leaseEnded(let attempt, let end, let reason):
      if !isStopping {
        view.event(
          "\(name(attempt.task)) \(end.rawValue): \(reason)", fields("lease-\(end.rawValue)", attempt), level: .warning)
      }
    case .leaseAdopted(let attempt, _):
      view.event("\(name(attempt.task)) goes on where it runs", fields("lease-adopted", attempt))
    case .nondeterminism(let attempt, _):
      view.event(
        "ALARM: two attempts at \(name(attempt.task)) gave different bits; see table event",
        fields("nondeterminism", attempt), level: .error)
    case .taskQuarantined(let task, let reason):
      view.event("\(name(task)) is given up: \(reason)", fields("task-quarantined", task), level: .error)
    case .epochAhead(_, let found):
      view.event(
        "ALARM: a worker has seen epoch \(found), this one is \(store.epoch)", LogLine.Fields(event: "epoch-ahead"),
        level: .error)
    case .implausible(_, let reason): view.event("a worker was not believed: \(reason)")
    case .leaseGranted, .assignmentRepeated, .resultRecorded, .resultUnneeded, .workerUnknown, .epochStale,
      .taskUnknown,
      .graceEnded:
      break
    }
  }

  var progress: SweepProgress {
    let at = now
    let foldCount = book.settings.folds.taskCount
    let best = book.best.map { best in
      SweepProgress.Best(
        trial: best.order.trial, learner: best.order.learner.rawValue, objective: best.end.objective ?? .nan,
        sd: best.end.objectiveSD ?? .nan)
    }
    return SweepProgress(
      sweep: sweepName, metric: book.settings.objective.metric, elapsedMilliseconds: at.milliseconds - startedAt,
      foldsDone: book.foldsDone, foldsResumed: foldsResumed,
      foldsTotal: book.trialCountExpected * foldCount - book.foldsSaved,
      trialsDone: book.endedCount, trialsFailed: book.failedCount, trialsTotal: book.trialCountExpected, best: best,
      workers: machine.workerSnapshots.map { worker in
        let first = worker.held.first
        return SweepProgress.Worker(
          name: worker.identity.name, task: first.map { name($0.taskAttempt.task) }, step: first?.step ?? 0,
          stepCount: first?.stepCount ?? 0,
          silenceMilliseconds: max(0, at.milliseconds - worker.lastHeard.milliseconds),
          isDraining: worker.isDraining)
      }, usableWorkerCount: post == nil ? nil : usableWorkerCount, isStopping: isStopping)
  }

  /// "#7/f2 lstm"
  private func name(_ task: TrialTask) -> String {
    "#\(task.trial)/f\(task.fold) \(book.order(of: task.trial)?.learner.rawValue ?? "")"
  }
}
