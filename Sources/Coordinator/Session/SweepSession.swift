// SPDX-License-Identifier: Apache-2.0

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
/// A turn: wait; take what has arrived; tell the machine, then the time; commit all records of the turn at once; only then
/// send. So an acknowledgement always follows its commit, one fsync covers all that came together, and a slow fsync
/// never makes a lease lapse whose renewal waits in the socket.
final class SweepSession {
  enum Ending {
    case finished
    case interrupted
  }

  enum Note: Sendable {
    case interrupt
    case workerExited(LocalWorkers.Exit)
  }

  /// What one turn has to write and to say.
  struct Batch {
    var records: [TrackerRecord] = []
    var sends: [CoordinatorMessage] = []
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
  var batch = Batch()
  var foldsResumed = 0
  var isStopping = false
  /// Until what the tracker holds has been entered, the machine knows no trial.
  var isRestoring = true
  /// Ends that the tracker has already.
  var recordedEnds: [Int: TrialEnd] = [:]
  var isBudgetSpent = false
  /// No new trial is begun this long after the start.
  var wallTimeMaxMilliseconds: Int64?
  var malformedCount = 0
  private var addresses: [Incarnation: PeerAddress] = [:]
  private var interruptCount = 0
  private var nextTickAt: Int64 = 0
  private var nextDrawAt: Int64 = 0

  init(
    store: TrackerStore, router: RouterSocket, mailbox: Mailbox<Note>, sweepName: String, book: TrialBook,
    settings: SchedulerSettings, recovered: RecoveredSweep, view: LiveView
  ) {
    self.store = store
    self.router = router
    self.mailbox = mailbox
    self.sweepName = sweepName
    self.book = book
    self.view = view
    startedAt = monotonicMilliseconds()
    machine = CoordinatorMachine(
      epoch: store.epoch, settings: settings, recovered: recovered, at: Tick(milliseconds: startedAt))
  }

  /// Runs until every trial has ended, or the user wants it to.
  ///
  /// - Throws: `TrackerError` when the tracker cannot be written: nothing that followed was acknowledged.
  func run() throws -> Ending {
    try begin()
    while true {
      try turn(waitMilliseconds: 100)
      if interruptCount > 1 { return try end(.interrupted) }
      if isStopping, machine.counts.leased == 0 { return try end(.interrupted) }
      if !isStopping, book.isComplete, machine.counts.open == 0 { return try end(.finished) }
    }
  }

  var now: Tick { Tick(milliseconds: monotonicMilliseconds()) }

  func turn(waitMilliseconds: Int) throws {
    router.wait(orFor: mailbox.wake, milliseconds: waitMilliseconds)
    for _ in 0..<Self.messagesPerTurnMax {
      guard let (peer, payload) = try router.receive() else { break }
      receive(payload, from: peer)
    }
    for note in mailbox.drain() { try take(note) }
    if now.milliseconds >= nextTickAt {
      nextTickAt = now.milliseconds + 100
      obey(machine.handle(.tick, at: now))
    }
    try propose()
    try flush()
    if now.milliseconds >= nextDrawAt {
      nextDrawAt = now.milliseconds + 200
      view.draw(progress)
    }
  }

  /// Commits the batch, then sends: never the other way round.
  func flush() throws {
    while !batch.records.isEmpty || !batch.sends.isEmpty {
      let (records, sends) = (batch.records, batch.sends)
      batch = Batch()
      try store.commit(records, at: wallClockMilliseconds())
      for message in sends {
        guard let address = addresses[message.recipient] else { continue }
        if try router.send(encode(message), to: address) != .queued {
          addresses[message.recipient] = nil
          obey(machine.handle(.unreachable(message.recipient), at: now))
        }
      }
    }
  }

  func obey(_ directives: [CoordinatorMachine.Directive]) {
    for directive in directives {
      switch directive {
      case .persist(let record): batch.records.append(record)
      case .send(let message): batch.sends.append(message)
      case .taskEnded(let task, let end): tell(task, end)
      case .report(let notice): report(notice)
      }
    }
  }

  private func receive(_ payload: [UInt8]?, from peer: PeerAddress) {
    do {
      guard let payload else { throw WireError.malformed("more than one frame") }
      let message = try decodeWorkerMessage(payload)
      addresses[message.incarnation] = peer
      if case .hello(let hello) = message.body, hello.identity.codeVersion != codeVersion {
        let text =
          "this coordinator is version \(codeVersion), the worker \(hello.identity.codeVersion): use one version"
        batch.sends.append(
          CoordinatorMessage(
            epoch: store.epoch, recipient: message.incarnation, body: .reject(code: "version", message: text)))
        return
      }
      obey(machine.handle(.message(message), at: now))
    } catch {
      // Nothing is answered to what cannot be read. Said once, counted always.
      malformedCount += 1
      if malformedCount == 1 { view.event("a message was dropped: \(error)") }
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
    case .workerExited(let exit):
      guard !isStopping, !book.isComplete, let workers else { return }
      guard try workers.start(slot: exit.slot) != nil else {
        view.event("worker w\(exit.slot) ended (\(exit.description)) too often: its slot stays empty")
        return
      }
      view.event("worker w\(exit.slot) ended (\(exit.description)): started again")
    }
  }

  /// Says that all is done, lets workers leave, and records how the sweep stands.
  private func end(_ ending: Ending) throws -> Ending {
    batch.records.append(.sweepChanged(book.settings.sweep, ending == .finished ? .finished : .stopped))
    obey(machine.handle(.drain, at: now))
    isStopping = true
    try flush()
    let deadline = monotonicMilliseconds() + 2_000
    while interruptCount < 2, machine.workerCount > 0, monotonicMilliseconds() < deadline {
      try turn(waitMilliseconds: 20)
    }
    view.erase()
    workers?.stopAll(graceMilliseconds: 500)
    return ending
  }
}
