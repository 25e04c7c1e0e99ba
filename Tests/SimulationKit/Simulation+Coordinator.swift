// SPDX-License-Identifier: Apache-2.0

import Randomness
import Scheduling
import Sweeps

/// The coordinator's simulated shell: group commit, then the sends; death at any point of it.
extension Simulation {
  mutating func startCoordinator() {
    coordinatorGeneration += 1
    tracker.epoch = bug == .attemptsCountAnew ? 1 : tracker.epoch + 1
    var settings = settings
    if bug == .leaseNeverLapses { settings.leaseMilliseconds = 100_000_000 }
    coordinator = CoordinatorMachine(
      epoch: tracker.epoch, settings: settings, recovered: tracker.recovered(bug), at: Tick(milliseconds: now))
    lastDelivered.removeAll()
    if isLogging { history.append("\(now): coordinator started, epoch \(tracker.epoch)") }
    for trial in trialsAdded.sorted() { feed(.trialAdded(workload.order(trial: trial))) }
    for trial in trialsCancelled.sorted() { feed(.cancelTrial(Workload.sweep, trial: trial, reason: "given up")) }
    heap.push(.coordinatorTick(generation: coordinatorGeneration), at: now + 500)
  }

  mutating func killCoordinator() {
    guard coordinator != nil, !isHealed else { return }
    log("coordinator died")
    coordinator = nil
    coordinatorGeneration += 1
    outbox.removeAll()
    isCommitPending = false
    crashAtCommit = nil
    tracker.crash()
    heap.push(.coordinatorStarts, at: now + 200 + Int64(random.below(Int(plan.downMillisecondsMax - 200))))
  }

  mutating func addTrial(_ trial: Int) {
    trialsAdded.insert(trial)
    feed(.trialAdded(workload.order(trial: trial)))
  }

  mutating func cancelTrial(_ trial: Int) {
    trialsCancelled.insert(trial)
    trialsAdded.insert(trial)
    feed(.trialAdded(workload.order(trial: trial)))
    feed(.cancelTrial(Workload.sweep, trial: trial, reason: "given up"))
  }

  mutating func tickCoordinator(_ event: Event) {
    guard now >= coordinatorPausedUntil else { return heap.push(event, at: coordinatorPausedUntil) }
    feed(.tick)
    checkLeases()
    if isHealed, !isDrainSent, let coordinator, trialsAdded.count == shape.trialCount, coordinator.counts.open == 0 {
      isDrainSent = true
      feed(.drain)
    }
    heap.push(.coordinatorTick(generation: coordinatorGeneration), at: now + 500)
  }

  mutating func deliverToCoordinator(_ message: WorkerMessage, _ spot: Int, _ event: Event) {
    guard coordinator != nil else { return }
    guard now >= coordinatorPausedUntil else { return heap.push(event, at: coordinatorPausedUntil) }
    if shape.messageMicroseconds > 0 {
      let start = max(busyUntilMicroseconds, now * 1_000)
      guard start < (now + 1) * 1_000 else { return heap.push(event, at: start / 1_000) }
      busyUntilMicroseconds = start + shape.messageMicroseconds
    }
    lastDelivered[message.incarnation] = now
    if bug == .lateResultDropped, refusesLate(message) { return }
    feed(.message(bug == .crashesNotReported ? message.withoutCrashes : message))
    if bug == .heartbeatRenewsAll, case .heartbeat = message.body {
      for incarnation in spots.keys.sorted() where incarnation != message.incarnation {
        feed(.message(WorkerMessage(incarnation: incarnation, epoch: message.epoch, body: .heartbeat([]))))
      }
    }
  }

  /// The planted bug: only the live lease's result is let through.
  private mutating func refusesLate(_ message: WorkerMessage) -> Bool {
    guard case .result(let taskAttempt, _) = message.body, let coordinator, message.epoch == coordinator.epoch,
      coordinator.worker(message.incarnation) != nil, let status = coordinator.status(of: taskAttempt.task)
    else { return false }
    switch status {
    case .done, .leased(taskAttempt.attempt, _): return false
    default:
      outbox.append(
        CoordinatorMessage(
          epoch: coordinator.epoch, recipient: message.incarnation, body: .acknowledged(taskAttempt, .superseded)))
      scheduleCommit()
      return true
    }
  }

  mutating func feed(_ event: CoordinatorMachine.Event) {
    let started = isTiming ? ContinuousClock.now : nil
    guard let directives = coordinator?.handle(event, at: Tick(milliseconds: now)) else { return }
    coordinatorEventCount += 1
    if let started { coordinatorDuration += started.duration(to: .now) }
    for directive in directives {
      if case .report(let notice) = directive { log("coordinator \(notice)") }
      switch directive {
      case .persist(let record): write(record)
      case .send(let message):
        if bug == .sendBeforeCommit { release(message) } else { outbox.append(message) }
      case .taskEnded: break
      case .report(let notice): probe(notice)
      }
    }
    if !outbox.isEmpty || !tracker.uncommitted.isEmpty { scheduleCommit() }
  }

  private mutating func write(_ record: TrackerRecord) {
    if case .resultCompared(let taskAttempt, let sender, _) = record,
      bug == .resultsNotCompared || bug == .resultsComparedByAttempt
    {
      let cost = Cost(wallMilliseconds: 1, cpuMilliseconds: 1, residentBytesPeak: 1)
      let result = FoldResult(measurement: workload.measurement(taskAttempt.task), cost: cost)
      return tracker.write(.resultAccepted(taskAttempt, from: sender, result))
    }
    tracker.write(record)
  }

  private mutating func scheduleCommit() {
    guard !isCommitPending else { return }
    isCommitPending = true
    // A quick fsync, or now and then a slow one.
    let isSlow = !isHealed && plan.kind == .storm && random.below(50) == 0
    heap.push(.commit(generation: coordinatorGeneration), at: now + Int64(1 + random.below(isSlow ? 3_000 : 8)))
  }

  mutating func commit(_ event: Event) {
    guard now >= coordinatorPausedUntil else { return heap.push(event, at: coordinatorPausedUntil) }
    isCommitPending = false
    if crashAtCommit == .beforeCommit { return killCoordinator() }
    tracker.commit()
    if crashAtCommit == .afterCommit { return killCoordinator() }
    let messages = outbox
    outbox.removeAll()
    let survivors = crashAtCommit == .betweenSends ? random.below(messages.count + 1) : messages.count
    for message in messages.prefix(survivors) { release(message) }
    if crashAtCommit == .betweenSends { killCoordinator() }
  }

  private mutating func release(_ message: CoordinatorMessage) {
    checkRelease(message)
    sendToWorker(message)
  }

  private mutating func probe(_ notice: CoordinatorMachine.Notice) {
    switch notice {
    case .leaseEnded(_, let end, _): probes.insert("leaseEnded.\(end.rawValue)")
    case .resultUnneeded(_, let verdict): probes.insert("resultUnneeded.\(verdict.rawValue)")
    case .nondeterminism(let taskAttempt, _): violations.append("I3: false alarm of nondeterminism: \(taskAttempt)")
    case .epochAhead, .implausible:
      if bug == nil { violations.append("an honest worker was not believed: \(notice)") }
    default: probes.insert("\(notice)".prefix { $0 != "(" }.description)
    }
  }
}

extension WorkerMessage {
  var withoutCrashes: WorkerMessage {
    guard case .hello(let hello) = body else { return self }
    return WorkerMessage(
      incarnation: incarnation, epoch: epoch,
      body: .hello(
        WorkerHello(
          identity: hello.identity, slotCount: hello.slotCount, datasets: hello.datasets, running: hello.running,
          undelivered: hello.undelivered, isDraining: hello.isDraining, room: hello.room)))
  }
}
