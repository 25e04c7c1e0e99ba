// SPDX-License-Identifier: Apache-2.0

import Sweeps

/// Where a task stands. The one place where this is kept: queues and workers' lists only point at it.
enum TaskState: Hashable, Sendable {
  /// Open, ready to be handed out. Leaves by a grant, an adoption, a late result, a cancel.
  case queued
  /// Open, kept back after a failure or crash. Leaves as `queued` when the time is up, or as `queued` does.
  case waiting(until: Tick)
  /// Leased by the coordinator before this one. Leaves by its holder's hello, or as lost when the grace period ends.
  case reserved(Attempt)
  /// Leaves by a result, failure, return, crash, loss of the worker, or a cancel.
  case leased(Attempt, worker: Int32)
  /// Final.
  case done(Attempt, fingerprint: UInt64)
  /// Leaves only by a late result.
  case quarantined
  /// Final.
  case cancelled

  var isOpen: Bool {
    switch self {
    case .queued, .waiting, .reserved, .leased: true
    case .done, .quarantined, .cancelled: false
    }
  }
}

/// 32 bytes a task: a million of them are 32 MB.
struct TaskEntry: Sendable {
  var state: TaskState
  var failureCount: UInt8 = 0
  var crashCount: UInt8 = 0
  let trial: Int32
}

struct TrialEntry: Sendable {
  /// `nil` once no task is open: the parameters are the largest part of a trial.
  var order: TrialOrder?
  let sweep: SweepID
  let number: Int
  let first: Int
  let taskCount: Int
  let dataset: Int
  var openCount: Int
}

/// All tasks of all trials, in order of arrival: the tasks of a trial lie side by side, fold by fold.
struct TaskTable: Sendable {
  private struct TrialKey: Hashable, Sendable {
    let sweep: SweepID
    let trial: Int
  }

  private(set) var entries: [TaskEntry] = []
  private(set) var trials: [TrialEntry] = []
  private(set) var counts = TaskCounts()
  private var places: [TrialKey: Int] = [:]
  private var datasets: [ContentDigest: Int] = [:]

  func trialPlace(_ sweep: SweepID, _ trial: Int) -> Int? { places[TrialKey(sweep: sweep, trial: trial)] }

  func datasetPlace(_ digest: ContentDigest) -> Int? { datasets[digest] }

  /// `nil` for a task that no added trial has.
  func index(of task: TrialTask) -> Int? {
    guard task.rung == 0, let place = trialPlace(task.sweep, task.trial) else { return nil }
    let trial = trials[place]
    return (0..<trial.taskCount).contains(task.fold) ? trial.first + task.fold : nil
  }

  func task(at index: Int) -> TrialTask {
    let trial = trials[Int(entries[index].trial)]
    return TrialTask(sweep: trial.sweep, trial: trial.number, fold: index - trial.first, rung: 0)
  }

  func dataset(at index: Int) -> Int { trials[Int(entries[index].trial)].dataset }

  func order(at index: Int) -> TrialOrder {
    guard let order = trials[Int(entries[index].trial)].order else {
      preconditionFailure("no order for \(task(at: index))")
    }
    return order
  }

  /// Adds a trial without tasks; `append` adds them, fold by fold. True when its data set is a new one.
  mutating func addTrial(_ order: TrialOrder) -> Bool {
    let isNew = datasets[order.dataset] == nil
    let dataset = datasets[order.dataset] ?? datasets.count
    datasets[order.dataset] = dataset
    places[TrialKey(sweep: order.sweep, trial: order.trial)] = trials.count
    trials.append(
      TrialEntry(
        order: order, sweep: order.sweep, number: order.trial, first: entries.count, taskCount: order.folds.taskCount,
        dataset: dataset, openCount: 0))
    return isNew
  }

  /// Adds the next fold of the trial added last.
  mutating func append(_ state: TaskState, failureCount: Int, crashCount: Int) {
    entries.append(
      TaskEntry(
        state: state, failureCount: UInt8(clamping: failureCount), crashCount: UInt8(clamping: crashCount),
        trial: Int32(trials.count - 1)))
    counts.add(1, to: state)
    if state.isOpen { trials[trials.count - 1].openCount += 1 }
  }

  mutating func dropOrderIfClosed(trial place: Int) {
    if trials[place].openCount == 0 { trials[place].order = nil }
  }

  mutating func setState(_ state: TaskState, at index: Int) {
    let old = entries[index].state
    counts.add(-1, to: old)
    counts.add(1, to: state)
    entries[index].state = state
    guard old.isOpen != state.isOpen else { return }
    // An ended task opens again only by `reopen`, which brings the order.
    let place = Int(entries[index].trial)
    trials[place].openCount += state.isOpen ? 1 : -1
    dropOrderIfClosed(trial: place)
  }

  /// Before a task that was given up is tried anew: its trial's order may be gone, and what it did before counts no more.
  mutating func reopen(_ index: Int, _ order: TrialOrder) {
    trials[Int(entries[index].trial)].order = order
    entries[index].failureCount = 0
    entries[index].crashCount = 0
  }

  mutating func countFailure(at index: Int) -> Int {
    entries[index].failureCount = UInt8(clamping: Int(entries[index].failureCount) + 1)
    return Int(entries[index].failureCount)
  }

  mutating func countCrash(at index: Int) -> Int {
    entries[index].crashCount = UInt8(clamping: Int(entries[index].crashCount) + 1)
    return Int(entries[index].crashCount)
  }
}

/// Tasks by state.
package struct TaskCounts: Hashable, Sendable {
  package fileprivate(set) var queued = 0
  package fileprivate(set) var waiting = 0
  package fileprivate(set) var reserved = 0
  package fileprivate(set) var leased = 0
  package fileprivate(set) var done = 0
  package fileprivate(set) var quarantined = 0
  package fileprivate(set) var cancelled = 0

  package var open: Int { queued + waiting + reserved + leased }
  package var total: Int { open + done + quarantined + cancelled }

  init() {}

  mutating func add(_ change: Int, to state: TaskState) {
    switch state {
    case .queued: queued += change
    case .waiting: waiting += change
    case .reserved: reserved += change
    case .leased: leased += change
    case .done: done += change
    case .quarantined: quarantined += change
    case .cancelled: cancelled += change
    }
  }
}
