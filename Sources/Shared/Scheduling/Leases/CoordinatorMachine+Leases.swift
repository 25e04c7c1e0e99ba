// SPDX-License-Identifier: Apache-2.0

import Sweeps

extension CoordinatorMachine {
  /// Hands out what is queued to whoever has credit, the least loaded worker first.
  ///
  /// Without new work only the workers that this event has fed can have become able to take something. With new work all
  /// workers with credit are asked until the queue is empty: O(w log w) when none of them can open what is queued.
  mutating func grant() {
    defer {
      hasNewWork = false
      fed.removeAll()
    }
    guard !isDraining, table.counts.queued > 0 else { return }
    guard hasNewWork else {
      for slot in fed where workers.entries[slot] != nil {
        while workers[slot].credit > 0, let index = pick(for: slot) { lease(index, to: slot) }
        workers.updateHungry(slot)
      }
      return
    }
    var unfit: [Int] = []
    while table.counts.queued > 0, let slot = workers.popHungry() {
      guard let index = pick(for: slot) else {
        unfit.append(slot)
        continue
      }
      lease(index, to: slot)
    }
    for slot in unfit { workers.updateHungry(slot) }
  }

  private mutating func lease(_ index: Int, to slot: Int) {
    attemptNumber += 1
    let attempt = Attempt(epoch: epoch, number: attemptNumber)
    let holder = workers[slot].identity.incarnation
    let task = table.task(at: index)
    move(index, to: .leased(attempt, worker: Int32(slot)))
    persist(.leaseGranted(TaskAttempt(task: task, attempt: attempt), to: holder))
    send(assignment(index, attempt), to: holder)
    report(.leaseGranted(TaskAttempt(task: task, attempt: attempt), to: holder))
  }

  func assignment(_ index: Int, _ attempt: Attempt) -> CoordinatorMessage.Body {
    let task = table.task(at: index)
    return .assign(
      Assignment(
        order: table.order(at: index), fold: task.fold, rung: task.rung, attempt: attempt, stepRule: stepRules[index]))
  }

  /// Whether the worker's host has room for what it would train. A worker trains one task at a time: what it holds ready
  /// besides takes no room.
  func hasRoom(_ slot: Int) -> Bool {
    guard !settings.requirements.isEmpty else { return true }
    let worker = workers[slot]
    let others = workers.busyCount(ofHost: worker.identity.host) - (worker.leases.isEmpty ? 0 : 1)
    return settings.requirements.fit(worker.room, times: others + 1)
  }

  private mutating func pick(for slot: Int) -> Int? {
    guard hasRoom(slot) else { return nil }
    let table = table
    func isQueued(_ index: Int) -> Bool { table.entries[index].state == .queued }
    if queue.hasSuspects {
      let suspicions = suspicions
      let workers = workers
      let suspect = queue.popSuspect(isQueued: isQueued) { index in
        let dataset = table.dataset(at: index)
        guard workers[slot].datasetPlaces.contains(dataset) else { return false }
        guard let suspicion = suspicions[index], suspicion.isAgainst(workers[slot].identity) else { return true }
        return !suspicion.hasOther(among: workers.entries, dataset: dataset)
      }
      if let suspect { return suspect }
    }
    return queue.pop(datasets: workers[slot].datasetPlaces, isQueued: isQueued)
  }

  /// Writes down that a lease is over. The caller moves the task on.
  mutating func endLease(_ taskAttempt: TaskAttempt, as leaseEnd: LeaseEnd, reason: String) {
    persist(.leaseEnded(taskAttempt, leaseEnd, message: reason))
    report(.leaseEnded(taskAttempt, leaseEnd, reason: reason))
  }

  /// Opens the task for a grant, before the tasks that never were leased; or quarantines it when crashes that were
  /// confirmed while it ran elsewhere have used up its budget.
  mutating func requeue(_ index: Int) {
    if isCrashBudgetSpent(index) { return quarantine(index, reason: crashReason(index)) }
    move(index, to: .queued)
    if suspicions[index] == nil {
      queue.push(index, dataset: table.dataset(at: index), isFirst: true)
    } else {
      queue.pushSuspect(index)
    }
    hasNewWork = true
  }

  /// Keeps a task that failed or crashed back for a while, longer each time.
  mutating func delay(_ index: Int) {
    let entry = table.entries[index]
    let until = now + settings.backoff(after: Int(entry.failureCount) + Int(entry.crashCount))
    move(index, to: .waiting(until: until))
    queue.delay(index, until: until)
  }

  mutating func quarantine(_ index: Int, reason: String) {
    move(index, to: .quarantined)
    persist(.taskQuarantined(table.task(at: index), reason: reason))
    report(.taskQuarantined(table.task(at: index), reason: reason))
    end(index, .quarantined(reason: reason))
  }
}

/// Where a task failed or took its worker down: it is kept from there while someone else could take it.
struct Suspicion: Sendable {
  /// Hosts on which it took a worker process down, each once.
  var crashHosts: [String] = []
  /// Processes in which it failed.
  var failedIn: [Incarnation] = []

  func isAgainst(_ worker: WorkerIdentity) -> Bool {
    crashHosts.contains(worker.host) || failedIn.contains(worker.incarnation)
  }

  /// Whether a worker is there that could take the task and that nothing speaks against. O(workers), for suspects only.
  func hasOther(among workers: [WorkerEntry?], dataset: Int) -> Bool {
    workers.contains { worker in
      guard let worker, !worker.isDraining, worker.isReachable else { return false }
      return worker.datasetPlaces.contains(dataset) && !isAgainst(worker.identity)
    }
  }
}
