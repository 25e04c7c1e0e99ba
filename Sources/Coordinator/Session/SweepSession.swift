// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import Hyperparameters
import Launching
import Reporting
import Scheduling
import Search
import Sockets
import Sweeps
import Tracking
import WireProtocol

/// The shell around `CoordinatorMachine` and `TrialBook`: one loop that owns the socket and the tracker's writer.
///
/// A turn: wait; take what has arrived; tell the machine, then the time; hand all records to the disk at once, and when they
/// are on it, send. So an acknowledgement always follows its commit, one fsync covers all that came together, and a slow
/// fsync never makes a lease lapse whose renewal waits in the socket. One batch is written while the next is filled.
final class SweepSession {
  enum Ending {
    case finished
    case interrupted
    /// Every process started here ended at once, again and again, and no other worker can join.
    case deserted
  }

  enum Note: Sendable {
    case interrupt
    case workerExited(LocalWorkers.Exit)
    /// SIGHUP: read the allow-list again.
    case readKeys
    case written(CommitThread.Outcome)
    case bulkAsks(BulkServer.Question)
    case bulkComplains(String)
    /// The bulk thread ended.
    case bulkFailed(any Error)
    /// Of the launcher, or of what keeps the rendezvous file.
    case crew(String, isAlarm: Bool)
  }

  /// What is to be written, and said once it is.
  struct Batch {
    var records: [TrackerRecord] = []
    var sends: [CoordinatorMessage] = []
    /// Requests whose effect is among the records: out of the box once those are on disk.
    var tokens: [String] = []

    var isEmpty: Bool { records.isEmpty && sends.isEmpty }
  }

  static let messagesPerTurnMax = 256

  let store: TrackerStore
  let router: RouterSocket
  let mailbox: Mailbox<Note>
  let sweepName: String
  let startedAt: Int64
  var machine: CoordinatorMachine
  var book: TrialBook
  var view: LiveView
  var workers: LocalWorkers?
  /// Whether workers may come that were not started here.
  var isOpenToOthers = true
  /// Where data sets and artifacts travel; `nil` without keys.
  var bulk: BulkServer?
  /// Where workers on other machines find this coordinator, and who asks for them.
  var post: RendezvousPost?
  var foreman: Foreman?
  var nextCrewAt: Int64 = 0
  var crewTold = CrewTold()
  /// No further trial can be proposed before a result comes in.
  var isSamplerWaiting = false
  var batch = Batch()
  /// On its way to the disk; what follows waits in `batch`.
  var writing: Batch?
  private var writingSince: Int64 = 0
  let writer: CommitThread
  var foldsResumed = 0
  var isStopping = false
  /// Until what the tracker holds has been entered, the machine knows no trial.
  var isRestoring = true
  var isBudgetSpent = false
  /// No new trial is begun this long after the start.
  var wallTimeMaxMilliseconds: Int64?
  /// No new trial is begun once recorded folds have taken so long, all starts together.
  var computeMaxMilliseconds: Int64?
  var computeMilliseconds: Int64 = 0
  /// What recorded folds have cost, where that is an objective.
  var foldCosts: [TrialTask: Int64] = [:]
  /// What people hand in, and how a trial by hand is read.
  let box: RequestBox
  var readTrial: ((String) throws -> Parameters)?
  var takenTokens: Set<String> = []
  var strangeRequests: Set<String> = []
  var nextRequestsAt: Int64 = 0
  let startedAtWall = wallClockMilliseconds()
  var stopReason: String?
  var malformedCount = 0
  var door: Doorkeeper
  var addresses: [Incarnation: PeerAddress] = [:]
  /// Set while the tracker cannot be written.
  var stall: Stall?
  /// The length of all stalls that are over: the machine's clock is behind by it.
  var stalledMilliseconds: Int64 = 0
  private(set) var interruptCount = 0
  private var nextTickAt: Int64 = 0
  private var nextDrawAt: Int64 = 0
  private var nextLogCheckAt: Int64 = 0
  var nextForgettingAt: Int64 = 0
  private var hasLongLog = false
  /// Counts for whoever watches; `nil` where nobody can.
  var metrics: SessionMetrics?

  init(
    store: TrackerStore, router: RouterSocket, door: Doorkeeper, mailbox: Mailbox<Note>, sweepName: String,
    book: TrialBook, settings: SchedulerSettings, recovered: RecoveredSweep, view: LiveView
  ) {
    self.store = store
    box = RequestBox(tracker: store.path)
    self.router = router
    self.door = door
    self.mailbox = mailbox
    self.sweepName = sweepName
    self.book = book
    self.view = view
    writer = CommitThread(store) { mailbox.post(.written($0)) }
    startedAt = monotonicMilliseconds()
    machine = CoordinatorMachine(
      epoch: store.epoch, settings: settings, recovered: recovered, at: Tick(milliseconds: startedAt))
  }

  /// Runs until every trial has ended, or the user wants it to.
  ///
  /// - Throws: `TrackerError` when the tracker cannot be written: nothing that followed was acknowledged.
  func run() throws -> Ending {
    defer { writer.end() }
    try begin()
    while true {
      try turn(waitMilliseconds: 100)
      if interruptCount > 1 { return try end(.interrupted) }
      if stall != nil { continue }
      if isStopping, machine.counts.leased == 0 { return try end(.interrupted) }
      if !isOpenToOthers, workers?.isSpent == true, machine.workerCount == 0 { return try end(.deserted) }
      if !isStopping, book.isComplete, machine.counts.open == 0 { return try end(.finished) }
    }
  }

  /// The machine's time. It stands still in a stall and while a commit takes long, so that no lease lapses for what the disk
  /// does: a worker that waits for its welcome or its work has nothing to say.
  var now: Tick { Tick(milliseconds: clock - stalledMilliseconds) }

  /// Where the monotonic clock stands for the machine.
  private var clock: Int64 {
    if let stall { return stall.startedAt }
    let now = monotonicMilliseconds()
    return writing == nil ? now : min(now, writingSince + Self.commitMillisecondsMax)
  }

  static let commitMillisecondsMax: Int64 = 100

  func turn(waitMilliseconds: Int) throws {
    router.wait(orFor: mailbox.wake, milliseconds: waitMilliseconds)
    for _ in 0..<Self.messagesPerTurnMax {
      guard let arrival = try router.receive() else { break }
      try receive(arrival)
    }
    for note in mailbox.drain() { try take(note) }
    watchTheDoor()
    if now.milliseconds >= nextTickAt {
      nextTickAt = now.milliseconds + 100
      obey(machine.handle(.tick, at: now))
    }
    takeRequests()
    try propose()
    tellCrew()
    try flush()
    if now.milliseconds >= nextDrawAt {
      nextDrawAt = now.milliseconds + 200
      view.draw(progress)
    }
    metrics?.publish(at: monotonicMilliseconds(), metricState)
    if now.milliseconds >= nextLogCheckAt {
      nextLogCheckAt = now.milliseconds + 10_000
      let long = store.longLog()
      if let long, !hasLongLog { view.alarm("\(long)") }
      hasLongLog = long != nil
    }
    if now.milliseconds >= nextForgettingAt { forgetAddresses() }
  }

  /// Hands the batch to the disk, unless another is on its way there. Nothing is said before the records that came before it
  /// are on disk; a batch without records has none to wait for.
  func flush() throws {
    while writing == nil, !batch.isEmpty {
      if stall != nil, try isHeldBack() { return }
      let next = batch
      batch = Batch()
      if next.records.isEmpty {
        for message in next.sends { try send(message) }
      } else {
        writing = next
        writingSince = monotonicMilliseconds()
        writer.commit(next.records, at: wallClockMilliseconds())
      }
    }
  }

  private func wrote(_ outcome: CommitThread.Outcome) throws {
    guard let written = writing else { return }
    let stoodAt = clock
    writing = nil
    switch outcome {
    case .committed:
      metrics?.committed(written.records.count, milliseconds: monotonicMilliseconds() - writingSince)
      if let stall { resume(stall) } else { stalledMilliseconds += monotonicMilliseconds() - stoodAt }
      for message in written.sends { try send(message) }
      for token in written.tokens { box.remove(token) }
    case .failed(let error):
      guard error.isWorthWaiting else { throw error }
      metrics?.failedToCommit()
      batch = Batch(
        records: written.records + batch.records, sends: written.sends + batch.sends,
        tokens: written.tokens + batch.tokens)
      try hold(error, since: stoodAt)
    }
  }

  func send(_ message: CoordinatorMessage) throws {
    guard let address = addresses[message.recipient] else { return }
    let delivery = try router.send(encode(message), to: address)
    if delivery == .full { cut(address, for: .neverReads) }
    if delivery != .queued {
      addresses[message.recipient] = nil
      obey(machine.handle(.unreachable(message.recipient), at: now))
    }
  }

  func obey(_ directives: [CoordinatorMachine.Directive]) {
    for directive in directives {
      switch directive {
      case .persist(let record): batch.records.append(record)
      case .send(let message): batch.sends.append(message)
      case .taskEnded(let task, let end):
        bulk?.taskEnded(task)
        tell(task, end)
      case .report(let notice): report(notice)
      }
    }
  }

  private func receive(_ arrival: RouterSocket.Arrival) throws {
    guard heeds(door.gate.arrive(arrival, at: monotonicMilliseconds(), wall: wallTime), arrival) else { return }
    do {
      guard let payload = arrival.payload else { throw WireError.malformed("expected one frame") }
      let message = try decodeWorkerMessage(payload)
      let verdict = door.gate.claim(message.incarnation, from: arrival.peer, at: monotonicMilliseconds())
      guard heeds(verdict, arrival) else { return }
      addresses[message.incarnation] = arrival.peer
      metrics?.heard()
      if case .hello(let hello) = message.body, hello.identity.codeVersion != codeVersion {
        let text =
          "this coordinator is version \(codeVersion), the worker \(hello.identity.codeVersion): use one version"
        batch.sends.append(
          CoordinatorMessage(
            epoch: store.epoch, recipient: message.incarnation, body: .reject(code: "version", message: text)))
        return
      }
      obey(machine.handle(.message(message.admitted(by: door.gate.keyName(of: arrival.peer))), at: now))
    } catch let error as WireError where error.isVersionMismatch {
      // Who it is cannot be read; that this side is another version can.
      let reject = CoordinatorMessage(
        epoch: store.epoch, recipient: Incarnation(high: 0, low: 0),
        body: .reject(code: "protocol", message: "\(error)"))
      _ = try router.send(encode(reject), to: arrival.peer)
      malformedCount += 1
      if malformedCount == 1 { view.event("a worker was turned away: \(error)") }
      _ = heeds(door.gate.offend(.unreadable, arrival.peer, at: monotonicMilliseconds()), arrival)
    } catch {
      // Nothing is answered to what cannot be read. Said once, counted always.
      malformedCount += 1
      if malformedCount == 1 { view.event("a message was dropped: \(error)") }
      _ = heeds(door.gate.offend(.unreadable, arrival.peer, at: monotonicMilliseconds()), arrival)
    }
  }

  private func take(_ note: Note) throws {
    switch note {
    case .interrupt:
      interruptCount += 1
      guard interruptCount == 1 else { return }
      isStopping = true
      view.event("stopping: running folds are finished and recorded; Ctrl-C again ends at once")
      obey(machine.handle(.drain, at: now))
    case .readKeys: readKeys(isForced: true)
    case .written(let outcome): try wrote(outcome)
    case .bulkAsks(let question):
      let isOwner = door.gate.isOwner(question.key, of: question.worker)
      let refusal = isOwner == false ? .notHeld : machine.refusal(of: question.taskAttempt, from: question.worker)
      bulk?.answer(question.number, isOwner == nil ? .busy : refusal)
    case .bulkComplains(let text): view.alarm(text)
    // Workers would wait for ever with what they made; a coordinator that is started again takes it in.
    case .bulkFailed(let error): throw error
    case .crew(let line, let isAlarm): if isAlarm { view.alarm(line) } else { view.event(line) }
    case .workerExited(let exit):
      guard !isStopping, !book.isComplete, let workers else { return }
      do {
        guard try workers.start(slot: exit.slot) != nil else {
          view.alarm("worker w\(exit.slot) ended (\(exit.description)) too often: its slot stays empty")
          return
        }
        view.event("worker w\(exit.slot) ended (\(exit.description)): started again")
      } catch {
        // A full disk or process table is no reason to lose the other workers.
        view.alarm("worker w\(exit.slot) ended (\(exit.description)) and could not be started again: \(error)")
      }
    }
  }

  /// Says that all is done, lets workers leave, and records how the sweep stands.
  private func end(_ ending: Ending) throws -> Ending {
    let record: TrackerRecord =
      switch ending {
      case .finished: .sweepChanged(book.settings.sweep, .finished, reason: (book.ending ?? "") + savings)
      case .interrupted: .sweepChanged(book.settings.sweep, .stopped, reason: stopReason ?? "interrupted")
      case .deserted: .sweepChanged(book.settings.sweep, .stopped, reason: "no worker stays alive")
      }
    batch.records.append(record)
    obey(machine.handle(.drain, at: now))
    isStopping = true
    try flush()
    // Milliseconds; only a disk that cannot be written is not waited for when the user insists.
    while writing != nil || !batch.isEmpty, stall == nil || interruptCount < 2 { try turn(waitMilliseconds: 20) }
    let deadline = monotonicMilliseconds() + 2_000
    while interruptCount < 2, machine.workerCount > 0, monotonicMilliseconds() < deadline {
      try turn(waitMilliseconds: 20)
    }
    view.erase()
    workers?.stopAll(graceMilliseconds: 500)
    return ending
  }
}
