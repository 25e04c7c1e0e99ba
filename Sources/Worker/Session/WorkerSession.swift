// SPDX-License-Identifier: Apache-2.0

import Contents
import Foundation
import Logging
import Reporting
import Scheduling
import Shards
import Sockets
import Sweeps
import Training
import WireProtocol

/// The shell around `WorkerMachine`: one loop that owns the socket and obeys directives. Training happens on another thread
/// and reaches the loop through the mailbox only.
final class WorkerSession {
  private enum Note: Sendable {
    case trainer(TrainerThread.Note)
    case bulk(BulkClient.Note)
    case interrupt
    case parentIsGone
  }

  private var route: Route
  private let context: MessageContext
  private let mailbox: Mailbox<Note>
  private let breadcrumb: Breadcrumb
  private let trainer: TrainerThread
  private let catalog: DatasetCatalog
  private let bulk: BulkClient?
  /// Data sets that lie in the cache, kept from being removed.
  private let cached: Locked<[ContentDigest: FileLock]>
  private let logger: Logger
  private var machine: WorkerMachine
  /// `nil` while no rendezvous file says where the coordinator is.
  private var socket: DealerSocket?
  private var nextLookAt: Int64 = 0
  /// What was wrong with the rendezvous file when it was read last: told once.
  private var unseen: String?
  private var hasSeenTheEnd = false
  private var signalSources: [any DispatchSourceSignal] = []
  private var interruptCount = 0
  /// When a fold that still trains after a signal is stopped and given back.
  private var trainingEnd: Tick?
  private var training: TaskAttempt?
  /// Whether what the trainer makes is still to be kept; it asks when the artifacts' disk is full.
  private let isWanted = Locked(true)
  private var isWithoutBreadcrumbs = false
  private var ending: CommandFailure?
  private var isEnding = false
  /// For the running fold to end by itself after a signal.
  private let drainMilliseconds: Int64
  /// Until when the first welcome is waited for; `nil` once it has come.
  private var joinDeadline: Int64?

  init(
    identity: WorkerIdentity, route: Route, catalog: DatasetCatalog, stores: WorkerStores, spot: String,
    room: WorkerRoom, drainMilliseconds: Int64, jitterSeed: UInt64
  ) throws {
    self.catalog = catalog
    self.drainMilliseconds = drainMilliseconds
    var route = route
    var logger = Logger(label: "muster-worker")
    logger[metadataKey: "worker"] = "\(identity.name)"
    self.logger = logger
    context = try MessageContext()
    let mailbox = try Mailbox<Note>()
    self.mailbox = mailbox
    socket = try route.connect(context)
    self.route = route
    joinDeadline = route.joinTimeoutMilliseconds.map { monotonicMilliseconds() + $0 }
    breadcrumb = try Breadcrumb(spot: spot)
    let (isWanted, full) = (isWanted, logger)
    let store = try ArtifactStore(directory: stores.artifacts) {
      full.warning("the disk of \(stores.artifacts) is full: a trained fold waits for room")
      Thread.sleep(forTimeInterval: 1)
      return isWanted.withLock { $0 }
    }
    // Without keys nothing travels: coordinator and worker are on one machine.
    let bulk =
      route.isKeyed ? try BulkClient(identity.incarnation, cache: stores.cache) { mailbox.post(.bulk($0)) } : nil
    self.bulk = bulk
    let cached = Locked<[ContentDigest: FileLock]>([:])
    self.cached = cached
    let runner = FoldRunner(
      datasets: catalog, artifacts: store,
      checkpoints: try CheckpointStore(
        directory: stores.artifacts + "/checkpoints", codeVersion: identity.codeVersion,
        machineType: identity.machineType, exchange: bulk.map(checkpointExchange)))
    let porter = Porter(
      client: bulk, isCached: { digest in cached.withLock { $0[digest] != nil } }, store: store,
      removesDelivered: stores.isArtifactsOwn)
    trainer = TrainerThread(runner: runner, porter: porter) { mailbox.post(.trainer($0)) }
    machine = WorkerMachine(
      identity: identity, datasets: catalog.digests, slotCount: 2, crashed: breadcrumb.read().map { [$0] } ?? [],
      settings: DrainBudget.workerSettings, room: room, jitterSeed: jitterSeed,
      at: Tick(milliseconds: monotonicMilliseconds()))
  }

  func endWithStandardInput() {
    let mailbox = mailbox
    watchParent { mailbox.post(.parentIsGone) }
  }

  func drainOnSignals() {
    let mailbox = mailbox
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { mailbox.post(.interrupt) }
      source.resume()
      signalSources.append(source)
    }
  }

  func run() throws {
    try obey(machine.handle(.start, at: now))
    while !isEnding {
      if let socket { try hear(socket) } else { mailbox.wake.wait(milliseconds: 100) }
      for note in mailbox.drain() { try take(note) }
      try followRendezvous()
      stopTrainingInTime()
      try obey(machine.handle(.tick, at: now))
      if let joinDeadline, monotonicMilliseconds() > joinDeadline { giveUp() }
    }
    isWanted.withLock { $0 = false }
    trainer.end()
    bulk?.end()
    if let ending { throw ending }
  }

  private func hear(_ socket: DealerSocket) throws {
    socket.wait(orFor: mailbox.wake, milliseconds: 100)
    for _ in 0..<256 {
      guard let payload = try socket.receive() else { return }
      try receive(payload)
    }
  }

  /// Once a second: the coordinator may have been started elsewhere, or all may be done. A lease lasts longer than a look.
  private func followRendezvous() throws {
    guard monotonicMilliseconds() >= nextLookAt else { return }
    nextLookAt = monotonicMilliseconds() + 1_000
    switch route.look() {
    case .unchanged:
      // Known, and yet no socket: its host could not be resolved just then.
      if socket == nil { socket = try route.connect(context) }
      unseen = nil
    case .moved(let place):
      unseen = nil
      logger.notice("the coordinator is at \(place)")
      socket = try route.connect(context)
    case .unseen(let why):
      if unseen != why { logger.warning("\(why)") }
      unseen = why
    case .finished(let sweep):
      guard !hasSeenTheEnd else { return }
      hasSeenTheEnd = true
      logger.notice("sweep \(sweep) is finished: nothing is left to do")
      try drain()
    }
  }

  private func drain() throws {
    if trainingEnd == nil { trainingEnd = now + drainMilliseconds }
    try obey(machine.handle(.drain, at: now))
  }

  private func giveUp() {
    isEnding = true
    ending = CommandFailure(
      .coordinatorUnreachable, "\(route.description) did not welcome this worker in time: \(route.whatToCheck)")
  }

  private var now: Tick { Tick(milliseconds: monotonicMilliseconds()) }

  private func receive(_ payload: [UInt8]) throws {
    do {
      try obey(machine.handle(.message(decodeCoordinatorMessage(payload)), at: now))
    } catch let error as WireError {
      if case .versionMismatch = error {
        // Another try would be answered alike: better to end with the reason than to knock for ever.
        throw CommandFailure(.coordinatorUnreachable, error.description)
      }
      // Nothing is answered to what cannot be read; the session's timers repair what was lost.
      logger.warning("message dropped: \(error)")
    }
  }

  private func take(_ note: Note) throws {
    switch note {
    case .trainer(.finished), .trainer(.failed), .trainer(.stopped): training = nil
    default: break
    }
    switch note {
    case .trainer(.progress(let progress)): try obey(machine.handle(.progress(progress), at: now))
    case .trainer(.finished(let attempt, let result)): try obey(machine.handle(outcome(attempt, result), at: now))
    case .trainer(.failed(let attempt, let report)):
      logger.error("\(attempt) failed: \(report.kind.rawValue): \(report.message)")
      try obey(machine.handle(.failed(attempt, report), at: now))
    case .trainer(.stopped(let attempt)): try obey(machine.handle(.stopped(attempt), at: now))
    case .bulk(.holds(let dataset, let folder, let lock)):
      cached.withLock { $0[dataset] = lock }
      catalog.add(folder)
      logger.notice("data set \(dataset.hex.prefix(12))… is in the cache")
      try obey(machine.handle(.holds(dataset), at: now))
    case .bulk(.said(let text)): logger.warning("\(text)")
    case .bulk(.told(let text)): logger.notice("\(text)")
    case .interrupt:
      interruptCount += 1
      logger.notice(
        "draining: the running fold has \(drainMilliseconds / 1_000) s to end, all else goes back; a second signal ends at once"
      )
      if interruptCount > 1 { isEnding = true }
      // Whoever sent the signal may kill before the drain is over, and that is no fault of the fold's: no crash is to be
      // proved from here on.
      crumb { try breadcrumb.clear() }
      try drain()
    case .parentIsGone:
      // The coordinator on this machine ended. Its successor starts workers of its own.
      logger.notice("the launcher is gone: ending")
      crumb { try breadcrumb.clear() }
      isEnding = true
    }
  }

  /// Schedulers kill what has not ended some 30 s after SIGTERM: what is not trained by then is better given back.
  private func stopTrainingInTime() {
    guard let trainingEnd, now >= trainingEnd, let attempt = training else { return }
    self.trainingEnd = nil
    logger.notice("\(attempt) is stopped and given back; its checkpoint is kept for whoever goes on")
    isWanted.withLock { $0 = false }
    trainer.pause(attempt)
  }

  private func cancel(_ attempt: TaskAttempt) {
    isWanted.withLock { $0 = false }
    trainer.cancel(attempt)
  }

  /// A full disk is no reason to stop training. Without a crumb a crash here counts as lost contact, which costs the task
  /// nothing. Said once.
  private func crumb(_ act: () throws -> Void) {
    do { try act() } catch {
      if !isWithoutBreadcrumbs { logger.warning("breadcrumbs cannot be written: \(error)") }
      isWithoutBreadcrumbs = true
    }
  }

  /// A result that the protocol would refuse would be refused each time it is sent: it is reported as a failure instead.
  private func outcome(_ attempt: TaskAttempt, _ result: FoldResult) -> WorkerMachine.Event {
    do {
      try checkSendable(
        WorkerMessage(incarnation: machine.identity.incarnation, epoch: machine.epoch, body: .result(attempt, result)))
      return .finished(attempt, result)
    } catch {
      return .failed(attempt, FailureReport(kind: .invalidTask, message: "the result cannot be sent: \(error)"))
    }
  }

  private func obey(_ directives: [WorkerMachine.Directive]) throws {
    for directive in directives {
      switch directive {
      case .send(let message):
        // A message that libzmq does not take is lost like one on the line: the machine sends again.
        _ = socket?.send(encode(message))
      case .train(let assignment):
        logger.info("training \(assignment.taskAttempt)")
        training = assignment.taskAttempt
        isWanted.withLock { $0 = true }
        trainer.train(assignment)
      case .cancel(let attempt): cancel(attempt)
      case .writeBreadcrumb(let attempt): crumb { try breadcrumb.write(attempt) }
      case .clearBreadcrumb: crumb { try breadcrumb.clear() }
      case .useBulk(let port):
        if port == 0, machine.datasets.isEmpty {
          logger.warning("no data set here (--data), and this coordinator hands none out: it has no keys")
        }
        bulk?.use(port: port, epoch: machine.epoch, at: route.target)
      case .fetch(let datasets): bulk?.fetch(datasets)
      case .report(let notice): log(notice)
      case .remakeSocket:
        logger.notice("the coordinator is silent: connecting anew")
        if joinDeadline != nil { logger.warning("not joined yet: \(route.whatToCheck)") }
        socket = try route.connect(context)
      case .exit(let code, let message):
        isEnding = true
        if code != WorkerMachine.ExitCode.done { ending = CommandFailure(status(of: code), message) }
      }
    }
  }

  private func status(of code: Int32) -> ExitStatus {
    code == WorkerMachine.ExitCode.rejected ? .coordinatorUnreachable : .tryAgain
  }

  private func log(_ notice: WorkerMachine.Notice) {
    switch notice {
    case .welcomed(let epoch):
      joinDeadline = nil
      logger.notice("joined the coordinator of epoch \(epoch)")
    case .silence(let milliseconds): logger.notice("nothing heard for \(milliseconds) ms")
    case .acknowledged(let attempt, let verdict): logger.info("\(attempt) \(verdict.rawValue)")
    case .cancelled(let attempt): logger.notice("\(attempt) cancelled")
    case .recalled(let attempt): logger.info("\(attempt) given back before it began: another worker has nothing to do")
    case .draining: logger.notice("draining")
    case .helloAsked: logger.notice("the coordinator asks who this is")
    case .messageStale(let epoch, _): logger.warning("a message of epoch \(epoch) was for another time or process")
    }
  }
}
