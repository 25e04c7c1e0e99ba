// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// A worker's session, from hello to goodbye.
extension CoordinatorMachine {
  /// More slots than this are not believed: a list of leases is searched from end to end.
  static let slotCountMax = 64

  mutating func receive(_ message: WorkerMessage) {
    if message.epoch > epoch { return report(.epochAhead(message.incarnation, found: message.epoch)) }
    if case .hello(let hello) = message.body { return greet(hello, from: message.incarnation) }
    guard let slot = workers.slot(of: message.incarnation), message.epoch == epoch else {
      if message.body == .goodbye { return }
      let isKnown = workers.slot(of: message.incarnation) != nil
      report(
        isKnown || message.epoch > 0
          ? .epochStale(message.incarnation, found: message.epoch) : .workerUnknown(message.incarnation))
      return send(.helloAgain, to: message.incarnation)
    }
    hear(slot)
    switch message.body {
    case .hello: break
    case .heartbeat(let progress): receiveHeartbeat(progress, from: slot)
    case .result(let taskAttempt, let result): receiveResult(taskAttempt, result, from: slot)
    case .failed(let taskAttempt, let failure): receiveFailure(taskAttempt, failure, from: slot)
    case .returned(let taskAttempt): receiveReturn(taskAttempt, from: slot)
    case .draining: markDraining(slot)
    case .goodbye: removeWorker(slot, as: .drained, reason: "goodbye")
    }
  }

  private mutating func hear(_ slot: Int) {
    workers[slot].lastHeard = now
    guard !workers[slot].isReachable else { return }
    workers[slot].isReachable = true
    feed(slot)
  }

  private mutating func markDraining(_ slot: Int) {
    workers[slot].isDraining = true
    workers.updateHungry(slot)
  }

  /// Idempotent: a hello that comes twice, or late, changes nothing the second time.
  private mutating func greet(_ hello: WorkerHello, from incarnation: Incarnation) {
    guard hello.identity.incarnation == incarnation else {
      return report(.implausible(incarnation, reason: "introduced itself as \(hello.identity.incarnation)"))
    }
    let slot = enter(hello)
    for taskAttempt in hello.crashed { confirmCrash(taskAttempt, reportedBy: slot) }
    for taskAttempt in hello.undelivered { adopt(taskAttempt, by: slot, isRunning: false) }
    var cancel: [TaskAttempt] = []
    for taskAttempt in hello.running where !adopt(taskAttempt, by: slot, isRunning: true) { cancel.append(taskAttempt) }
    send(
      .welcome(
        heartbeatMilliseconds: settings.heartbeatMilliseconds, leaseMilliseconds: settings.leaseMilliseconds,
        bulkPort: settings.bulkPort),
      to: incarnation)
    if !cancel.isEmpty { send(.heartbeatReply(cancel: cancel), to: incarnation) }
    if isDraining { send(.drain, to: incarnation) }
    offerData(to: slot)
    feed(slot)
  }

  private mutating func enter(_ hello: WorkerHello) -> Int {
    let slotCount = min(max(hello.slotCount, 0), Self.slotCountMax)
    if let slot = workers.slot(of: hello.identity.incarnation) {
      hear(slot)
      workers[slot].slotCount = slotCount
      workers[slot].datasets = hello.datasets
      workers[slot].room = hello.room
      // A worker never takes its draining back: a delayed hello must not do it.
      workers[slot].isDraining = workers[slot].isDraining || hello.isDraining
      updateDatasets(slot)
      workers.updateHungry(slot)
      return slot
    }
    let entry = WorkerEntry(
      identity: hello.identity, slotCount: slotCount, datasets: hello.datasets, room: hello.room, lastHeard: now,
      isDraining: hello.isDraining)
    let slot = workers.add(entry, patience: settings.leaseMilliseconds)
    updateDatasets(slot)
    persist(.workerJoined(hello.identity))
    report(.workerJoined(hello.identity))
    if let reason = unfitness(of: slot) { report(.workerUnfit(hello.identity, reason: reason)) }
    return slot
  }

  private func unfitness(of slot: Int) -> String? {
    let worker = workers[slot]
    if !settings.requirements.fit(worker.room) {
      return "its host has not what execution.resources and execution.where ask for"
    }
    guard let smallest = settings.served.min(by: { $0.value < $1.value }),
      worker.datasets.allSatisfy({ settings.served[$0] == nil }), smallest.value > worker.room.fetchBytesMax
    else { return nil }
    return "it does not hold the data set, whose \(smallest.value) bytes are more than the "
      + "\(worker.room.fetchBytesMax) that its cache may hold"
  }

  /// Names the data sets that the worker may fetch, with each sign of life until it holds them. Before it does, it is given no
  /// task of theirs: whoever holds the data goes first, and no lease waits for a transfer.
  private mutating func offerData(to slot: Int) {
    let worker = workers[slot]
    guard !isDraining, !worker.isDraining, settings.requirements.fit(worker.room) else { return }
    let missing = settings.served.filter { digest, byteCount in
      byteCount <= worker.room.fetchBytesMax && !worker.datasets.contains(digest)
    }
    if !missing.isEmpty { send(.fetch(missing.keys.sorted()), to: worker.identity.incarnation) }
  }

  /// Why this worker may not leave artifacts and checkpoints of the attempt here now; `nil`: it may. It may when a result of
  /// it would be recorded. Whom a coordinator that has just started does not know yet is to ask again: its result may.
  package func refusal(of taskAttempt: TaskAttempt, from incarnation: Incarnation) -> ContentRefusal? {
    let attempt = taskAttempt.attempt
    guard isPlausible(attempt) else { return .notHeld }
    guard let slot = workers.slot(of: incarnation) else { return .busy }
    guard let index = table.index(of: taskAttempt.task) else { return isInGrace ? .busy : .notHeld }
    let isLate = attempt.epoch < epoch || lapsed[index]?.contains(attempt) ?? false
    switch table.entries[index].state {
    case .done, .cancelled: return .notHeld
    case .leased(attempt, let holder): return holder == Int32(slot) ? nil : .notHeld
    case .leased, .queued, .waiting, .reserved, .quarantined: return isLate ? nil : .notHeld
    }
  }

  mutating func updateDatasets(_ slot: Int) {
    workers[slot].datasetPlaces = workers[slot].datasets.compactMap { table.datasetPlace($0) }.sorted()
    feed(slot)
  }

  /// Leaves an attempt with the worker that says it has it. False when no one waits for it there.
  ///
  /// An attempt whose report is on its way is adopted only if no report of it can have been recorded: its lease is open in
  /// the tracker, or lapsed under this coordinator. A failure that was recorded and not yet acknowledged would count twice
  /// otherwise. A result needs no lease to be accepted.
  @discardableResult
  private mutating func adopt(_ taskAttempt: TaskAttempt, by slot: Int, isRunning: Bool) -> Bool {
    let attempt = taskAttempt.attempt
    let incarnation = workers[slot].identity.incarnation
    guard isPlausible(attempt) else {
      report(.implausible(incarnation, reason: "attempt \(taskAttempt) was never given out"))
      return false
    }
    // Its trial may still be on its way from the tracker.
    guard let index = table.index(of: taskAttempt.task) else { return isInGrace }
    if let place = attemptPlaces[attempt], place != index {
      report(.implausible(incarnation, reason: "attempt \(taskAttempt) is one at \(table.task(at: place))"))
      return false
    }
    // The last words of a process whose successor has been heard already.
    guard !hasCrashed(attempt, at: index) else { return false }
    switch table.entries[index].state {
    case .leased(attempt, Int32(slot)): return confirm(attempt, heldBy: slot)
    case .reserved(attempt): break
    case .queued, .waiting:
      let isOpen = isRunning ? !workers[slot].settled.contains(attempt) : lapsed[index]?.contains(attempt) ?? false
      guard isOpen else { return false }
      persist(.leaseGranted(taskAttempt, to: incarnation))
    default: return false
    }
    lapsed[index]?.removeAll { $0 == attempt }
    move(index, to: .leased(attempt, worker: Int32(slot)))
    report(.leaseAdopted(taskAttempt, by: incarnation))
    return confirm(attempt, heldBy: slot)
  }

  /// Always true: the lease is there.
  private mutating func confirm(_ attempt: Attempt, heldBy slot: Int) -> Bool {
    guard let position = workers[slot].leases.firstIndex(where: { $0.attempt == attempt }) else {
      preconditionFailure("\(attempt) is not among the leases of \(workers[slot])")
    }
    workers[slot].leases[position].isConfirmed = true
    workers[slot].leases[position].seenAt = now
    return true
  }

  private mutating func receiveHeartbeat(_ progress: [TaskProgress], from slot: Int) {
    var cancel: [TaskAttempt] = []
    for item in progress {
      let attempt = item.taskAttempt.attempt
      if let position = workers[slot].leases.firstIndex(where: { $0.attempt == attempt }) {
        workers[slot].leases[position].step = item.step
        workers[slot].leases[position].stepCount = item.stepCount
        _ = confirm(attempt, heldBy: slot)
      } else if table.index(of: item.taskAttempt.task) != nil || !isInGrace {
        cancel.append(item.taskAttempt)
      }
    }
    let incarnation = workers[slot].identity.incarnation
    send(.heartbeatReply(cancel: cancel, recall: recall(from: slot)), to: incarnation)
    if isDraining { send(.drain, to: incarnation) }
    offerData(to: slot)
    chase(unlistedOf: slot)
  }

  /// Sees to leases that a live worker does not speak of, though a heartbeat names all that it holds. One it never spoke
  /// of was lost on the way to it. Whatever became of the others, their tasks must move on in the end.
  private mutating func chase(unlistedOf slot: Int) {
    let incarnation = workers[slot].identity.incarnation
    for lease in workers[slot].leases where lease.seenAt < now {
      let taskAttempt = TaskAttempt(task: table.task(at: lease.index), attempt: lease.attempt)
      if now.milliseconds - lease.seenAt.milliseconds > 3 * settings.leaseMilliseconds {
        endLease(taskAttempt, as: .lost, reason: "its worker has not spoken of it for three lease times")
        lapsed[lease.index, default: []].append(lease.attempt)
        requeue(lease.index)
      } else if !lease.isConfirmed, now.milliseconds - lease.sentAt.milliseconds > settings.heartbeatMilliseconds,
        let position = workers[slot].leases.firstIndex(where: { $0.attempt == lease.attempt })
      {
        workers[slot].leases[position].sentAt = now
        send(assignment(lease.index, lease.attempt), to: incarnation)
        report(.assignmentRepeated(taskAttempt, to: incarnation))
      }
    }
  }

  /// Ends every lease of a worker that is gone, and forgets it.
  mutating func removeWorker(_ slot: Int, as leaseEnd: LeaseEnd, reason: String) {
    let identity = workers[slot].identity
    for lease in workers[slot].leases {
      endLease(TaskAttempt(task: table.task(at: lease.index), attempt: lease.attempt), as: leaseEnd, reason: reason)
      if leaseEnd == .lost { lapsed[lease.index, default: []].append(lease.attempt) }
      requeue(lease.index)
    }
    workers.remove(slot)
    persist(.workerLeft(identity.incarnation, reason: reason))
    report(.workerLeft(identity, reason: reason))
    if queue.hasSuspects { hasNewWork = true }
  }
}
