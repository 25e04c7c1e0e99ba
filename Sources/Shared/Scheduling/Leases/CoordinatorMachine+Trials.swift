// SPDX-License-Identifier: Apache-2.0

import Sweeps

extension CoordinatorMachine {
  /// Folds from `openFolds` on wait for a time that never comes: open, so that a late result of one still counts and a
  /// cancel finds it, and handed out only once they are released.
  mutating func addTrial(_ order: TrialOrder, openFolds: Int, _ rules: [Int: StepRule] = [:]) {
    guard table.trialPlace(order.sweep, order.trial) == nil else { return }
    if table.addTrial(order) {
      for slot in workers.entries.indices where workers.entries[slot] != nil { updateDatasets(slot) }
    }
    guard let place = table.trialPlace(order.sweep, order.trial) else { return }
    for fold in 0..<order.folds.taskCount {
      addTask(TrialTask(sweep: order.sweep, trial: order.trial, fold: fold, rung: 0), isHeld: fold >= openFolds)
    }
    keep(rules, ofTrial: place)
    table.dropOrderIfClosed(trial: place)
  }

  private mutating func keep(_ rules: [Int: StepRule], ofTrial place: Int) {
    let trial = table.trials[place]
    for fold in 0..<trial.taskCount where table.entries[trial.first + fold].state.isOpen {
      if let rule = rules[fold] { stepRules[trial.first + fold] = rule }
    }
  }

  mutating func releaseFolds(_ sweep: SweepID, _ number: Int, _ openFolds: Int, _ rules: [Int: StepRule]) {
    guard let place = table.trialPlace(sweep, number) else { return }
    let trial = table.trials[place]
    keep(rules, ofTrial: place)
    for index in trial.first..<(trial.first + min(max(openFolds, 0), trial.taskCount)) {
      guard table.entries[index].state == .waiting(until: Self.never) else { continue }
      move(index, to: .queued)
      queue.push(index, dataset: trial.dataset, isFirst: false)
      hasNewWork = true
    }
  }

  private static let never = Tick(milliseconds: .max)

  private mutating func addTask(_ task: TrialTask, isHeld: Bool) {
    let index = table.entries.count
    let open = recovered.open(task)
    if let done = recovered.done(task) {
      table.append(.done(done.attempt, fingerprint: done.fingerprint), failureCount: 0, crashCount: 0)
    } else if recovered.isQuarantined(task) {
      table.append(.quarantined, failureCount: open?.failureCount ?? 0, crashCount: open?.crashCount ?? 0)
    } else if let open, let lease = open.lease {
      table.append(.reserved(lease.attempt), failureCount: open.failureCount, crashCount: open.crashCount)
      reserved.append(index)
      attemptPlaces[lease.attempt] = index
    } else if isHeld {
      table.append(
        .waiting(until: Self.never), failureCount: open?.failureCount ?? 0, crashCount: open?.crashCount ?? 0)
    } else {
      table.append(.queued, failureCount: open?.failureCount ?? 0, crashCount: open?.crashCount ?? 0)
      queue.push(index, dataset: table.dataset(at: index), isFirst: false)
      hasNewWork = true
    }
    if let open, !open.crashed.isEmpty, table.entries[index].state.isOpen { crashed[index] = open.crashed }
  }

  mutating func cancelTrial(_ sweep: SweepID, _ number: Int, reason: String) {
    guard let place = table.trialPlace(sweep, number) else { return }
    let trial = table.trials[place]
    for index in trial.first..<(trial.first + trial.taskCount) {
      let taskState = table.entries[index].state
      guard taskState.isOpen else { continue }
      switch taskState {
      case .leased(let attempt, let holder):
        let taskAttempt = TaskAttempt(task: table.task(at: index), attempt: attempt)
        endLease(taskAttempt, as: .cancelled, reason: reason)
        send(.heartbeatReply(cancel: [taskAttempt]), to: workers[Int(holder)].identity.incarnation)
      case .reserved(let attempt):
        endLease(TaskAttempt(task: table.task(at: index), attempt: attempt), as: .cancelled, reason: reason)
      default: break
      }
      move(index, to: .cancelled)
      end(index, .cancelled(reason: reason))
    }
  }

  mutating func retryTrial(_ order: TrialOrder) {
    guard let place = table.trialPlace(order.sweep, order.trial) else { return }
    let trial = table.trials[place]
    for index in trial.first..<(trial.first + trial.taskCount)
    where table.entries[index].state == .quarantined {
      table.reopen(index, order)
      move(index, to: .queued)
      queue.push(index, dataset: trial.dataset, isFirst: false)
      hasNewWork = true
    }
  }

  /// Hands back the leases of the coordinator before that no worker has claimed.
  mutating func endGrace() {
    guard !reserved.isEmpty, now >= graceEnd else { return }
    var lostCount = 0
    for index in reserved {
      guard case .reserved(let attempt) = table.entries[index].state else { continue }
      lostCount += 1
      endLease(
        TaskAttempt(task: table.task(at: index), attempt: attempt), as: .lost,
        reason: "no worker claimed it within \(settings.graceMilliseconds) ms of the coordinator's start")
      lapsed[index, default: []].append(attempt)
      requeue(index)
    }
    reserved.removeAll()
    report(.graceEnded(lostCount: lostCount))
  }

  var isInGrace: Bool { now < graceEnd }
}
