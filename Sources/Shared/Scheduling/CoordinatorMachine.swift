// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// The coordinator's half of the scheduler: which worker holds which task, what counts as a result, and when a task is
/// handed out again.
///
/// Pure: it owns no clock, socket, file or random source. The shell feeds it events with the current tick and carries out
/// the directives in order; equal events give equal directives. Every event costs O(log n), but for a worker's loss (its
/// leases), a trial's arrival or cancel (its folds), and the cases named at `grant`.
///
/// Rules, each with the mistake it avoids:
/// - The attempt is the fencing token, `(epoch, n)`; n counts from 1 in an epoch that no other coordinator ever has.
/// - Leases run on this clock alone; any message of a worker's incarnation renews its leases. A lease that a live worker
///   never speaks of was lost on the way: its assignment is sent again, and after three patiences it lapses.
/// - The first result of a task is the result, whatever became of its attempt: training is deterministic.
/// - Three exits, three counters: a failure uses the retry budget, a confirmed crash counts towards quarantine, a lost or
///   returned task costs nothing and goes first.
package struct CoordinatorMachine: Sendable {
  package let epoch: Int64
  package let settings: SchedulerSettings

  var recovered: RecoveredIndex
  var table = TaskTable()
  var queue = TaskQueue()
  var workers = WorkerTable()
  /// Whom a failed or crashed task is kept from, while others may take it.
  var suspicions: [Int: Suspicion] = [:]
  /// Leases of lost workers, by task: a crash may be confirmed after the lease has lapsed.
  var lapsed: [Int: [Attempt]] = [:]
  /// Attempts whose crash is counted, by task: what their dead processes said may arrive late, and is no life.
  var crashed: [Int: [Attempt]] = [:]
  var reserved: [Int] = []
  /// The task that each attempt at work is for: a worker that names one attempt for two tasks lies.
  var attemptPlaces: [Attempt: Int] = [:]
  /// Attempts that their holder was asked for, since its last heartbeat.
  var recalled: Set<Attempt> = []
  /// What ends an open task before its last step, by task: part of each of its assignments.
  var stepRules: [Int: StepRule] = [:]
  let graceEnd: Tick
  package var isDraining = false
  var attemptNumber: Int64 = 0
  var now: Tick

  // What the event at hand has done so far; empty between events.
  private var directives: [Directive] = []
  private var touched: [Int] = []
  var hasNewWork = false
  var fed: [Int] = []

  /// - Parameter epoch: the start number of this coordinator, durable before the machine is made.
  package init(epoch: Int64, settings: SchedulerSettings, recovered: RecoveredSweep, at now: Tick) {
    settings.check()
    precondition(epoch >= 1, "an epoch counts from 1, got \(epoch)")
    self.epoch = epoch
    self.settings = settings
    self.recovered = RecoveredIndex(recovered)
    self.now = now
    graceEnd = now + settings.graceMilliseconds
  }

  /// Applies one event. Every path falls through to one exit, so grants are never skipped.
  package mutating func handle(_ event: Event, at time: Tick) -> [Directive] {
    // A clock that steps back must not shorten a lease.
    now = max(now, time)
    switch event {
    case .message(let message): receive(message)
    case .tick: tick()
    case .trialAdded(let order): addTrial(order, openFolds: order.folds.taskCount)
    case .trialAddedInStages(let order, let openFolds, let rules): addTrial(order, openFolds: openFolds, rules)
    case .foldsReleased(let sweep, let trial, let openFolds, let rules): releaseFolds(sweep, trial, openFolds, rules)
    case .cancelTrial(let sweep, let trial, let reason): cancelTrial(sweep, trial, reason: reason)
    case .retryTrial(let order): retryTrial(order)
    case .drain: drain()
    case .unreachable(let incarnation): loseSight(of: incarnation)
    case .expelled(let incarnation, let reason):
      if let slot = workers.slot(of: incarnation) { removeWorker(slot, as: .lost, reason: reason) }
    }
    grant()
    checkTouched()
    defer { directives.removeAll() }
    return directives
  }

  mutating func persist(_ record: TrackerRecord) { directives.append(.persist(record)) }
  mutating func report(_ notice: Notice) { directives.append(.report(notice)) }
  mutating func end(_ index: Int, _ end: TaskEnd) { directives.append(.taskEnded(table.task(at: index), end)) }

  mutating func send(_ body: CoordinatorMessage.Body, to recipient: Incarnation) {
    directives.append(.send(CoordinatorMessage(epoch: epoch, recipient: recipient, body: body)))
  }

  /// The only way by which a task changes its state: keeps the holders' lists, the credit and the counts in step.
  mutating func move(_ index: Int, to state: TaskState) {
    switch table.entries[index].state {
    case .leased(let attempt, let holder):
      attemptPlaces[attempt] = nil
      recalled.remove(attempt)
      workers[Int(holder)].leases.removeAll { $0.index == index }
      if workers[Int(holder)].leases.isEmpty { workers.noteBusy(Int(holder), false) }
      // Whoever had no room on that host may have it now.
      if !settings.requirements.isEmpty { hasNewWork = true }
      feed(Int(holder))
    case .reserved(let attempt): attemptPlaces[attempt] = nil
    default: break
    }
    table.setState(state, at: index)
    touched.append(index)
    if case .leased(let attempt, let holder) = state {
      attemptPlaces[attempt] = index
      if workers[Int(holder)].leases.isEmpty { workers.noteBusy(Int(holder), true) }
      workers[Int(holder)].leases.append(
        HeldLease(index: index, attempt: attempt, since: now, sentAt: now, seenAt: now, isConfirmed: false))
      workers.updateHungry(Int(holder))
    }
    if !state.isOpen {
      suspicions[index] = nil
      lapsed[index] = nil
      crashed[index] = nil
      stepRules[index] = nil
    }
  }

  /// The worker's credit may have grown.
  mutating func feed(_ slot: Int) {
    workers.updateHungry(slot)
    if workers[slot].credit > 0 { fed.append(slot) }
  }

  private mutating func tick() {
    while let slot = workers.popSilent(at: now, patience: settings.leaseMilliseconds) {
      removeWorker(slot, as: .lost, reason: "silent for more than \(settings.leaseMilliseconds) ms")
    }
    endGrace()
    while let index = queue.popDue(at: now) {
      if case .waiting(let until) = table.entries[index].state, until <= now { requeue(index) }
    }
    // Whom a suspect is kept from depends on who else is there.
    if queue.hasSuspects { hasNewWork = true }
  }

  private mutating func drain() {
    guard !isDraining else { return }
    isDraining = true
    for case let worker? in workers.entries { send(.drain, to: worker.identity.incarnation) }
  }

  private mutating func loseSight(of incarnation: Incarnation) {
    guard let slot = workers.slot(of: incarnation) else { return }
    workers[slot].isReachable = false
    workers.updateHungry(slot)
  }

  private mutating func checkTouched() {
    for index in touched { checkInvariants(of: index) }
    touched.removeAll()
  }
}
