// SPDX-License-Identifier: Apache-2.0

import Access
import ArgumentParser
import Foundation
import Launching
import Reporting
import Scheduling
import Search
import Sockets
import SweepPlans
import Sweeps
import Tracking

/// Who trains, and how they reach the coordinator.
struct CrewOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Worker processes to start here; with --launch, workers to ask for, or bounds for them: 2..50. Default: one a core.",
      valueName: "n"))
  var workers: CrewSize?

  @Option(
    help: ArgumentHelp(
      "Where to listen. Default: a free port that only the workers started here know.", valueName: "endpoint"))
  var bind: String?

  @Option(
    help: ArgumentHelp(
      "Encrypt, and let in the keys of this folder's allow-list alone (see muster keys). Needed beyond loopback.",
      valueName: "dir"))
  var keys: String?

  @Option(
    help: ArgumentHelp(
      "With --keys: the port where workers fetch the data set and deliver artifacts. Default: the one after --bind's.",
      valueName: "port"))
  var bulkPort: Int?

  @Option(help: ArgumentHelp("What that port sends at most, megabytes a second.", valueName: "MB/s"))
  var bulkRate: Int?

  @Option(
    help: ArgumentHelp(
      "With --bind: the file by which workers find this coordinator, on a file system they see. Default: beside the tracker.",
      valueName: "file"))
  var rendezvous: String?

  @Option(
    help: ArgumentHelp(
      "With --bind: the host that workers are told. Default: the one that is listened on, or this machine's name.",
      valueName: "host"))
  var advertise: String?

  @Option(
    help: ArgumentHelp(
      "Ask this scheduler for the workers, and let them go when fewer could be used: slurm, ssh, kubernetes.",
      valueName: "engine"))
  var launch: LaunchEngine?

  @OptionGroup(title: "Of each worker that is launched") var order: OrderOptions

  func validate() throws {
    guard (1...65_535).contains(bulkPort ?? 1) else { throw ValidationError("--bulk-port: expected 1 to 65535") }
    guard (1...1_000_000).contains(bulkRate ?? 1) else { throw ValidationError("--bulk-rate: expected 1 to 1000000") }
    guard keys != nil || (bulkPort == nil && bulkRate == nil) else {
      throw ValidationError("--bulk-port and --bulk-rate need --keys: a data set is handed to nobody without a key")
    }
    let range = workers?.range ?? 1...1
    guard launch != nil || range.upperBound <= 256 else { throw ValidationError("--workers: expected 0 to 256") }
    guard launch != nil || !(workers?.isRange ?? false) else {
      throw ValidationError("--workers \(range.lowerBound)..\(range.upperBound): bounds are for workers of --launch")
    }
    guard range.upperBound > 0 || bind != nil else {
      throw ValidationError("--workers 0 needs --bind, or no worker could find this coordinator")
    }
    guard bind != nil || (rendezvous == nil && advertise == nil && launch == nil) else {
      throw ValidationError(
        "--rendezvous, --advertise and --launch need --bind: workers elsewhere must be able to join")
    }
    guard launch == nil || (workers?.range.upperBound ?? 0) > 0 else {
      throw ValidationError("--launch needs --workers N or --workers MIN..MAX")
    }
  }

  /// No worker comes unless somebody else starts it.
  var startsNobody: Bool { workers?.range.upperBound == 0 }
}

/// Runs one sweep to its end, or goes on with it.
struct SweepRunner {
  let crew: CrewOptions
  let console: Console
  let isQuiet: Bool
  /// Who may look on over HTTP.
  var watching: MetricsOptions?

  /// - Throws: `.interrupted` after it has said how to go on.
  func runOrTell(_ plan: SweepPlan, _ dataset: DatasetSummary) throws {
    let again = CommandLine.arguments.joined(separator: " ")
    switch try asCommand({ try runSweep(plan, dataset) }) {
    case .finished: return
    case .interrupted:
      console.note("stopped; every recorded fold is kept. To go on:\n  \(again)")
      throw CommandFailure.silent(.interrupted)
    case .deserted:
      throw CommandFailure(
        .failed, "sweep \(plan.name): every worker started here ended \(LocalWorkers.startCountMax) times at once",
        help: "see \(workersFolder(plan))/worker-0.log; every recorded fold is kept. To go on:\n  \(again)")
    }
  }

  private func runSweep(
    _ plan: SweepPlan, _ dataset: DatasetSummary
  ) throws -> SweepSession.Ending {
    let sampler = try plan.makeSampler()
    let endpoint = try Endpoint(crew.bind ?? "tcp://127.0.0.1:*")
    let guarding = try KeyGuard(folder: crew.keys, endpoint: endpoint)
    let store = try TrackerStore(path: plan.trackerPath, codeVersion: codeVersion, at: wallClockMilliseconds())
    let opened = try store.openSweep(registration(plan, dataset), at: wallClockMilliseconds())
    let foldCosts = plan.objective.second?.isCost == true ? try store.foldCosts(of: opened.id) : [:]
    let context = try MessageContext()
    let (door, security) = try guarding.open(context)
    raiseDescriptorLimit()
    let router = try RouterSocket(context, binding: endpoint, security: security)
    let mailbox = try Mailbox<SweepSession.Note>()
    let bulk = try startBulk(guarding, router.endpoint, plan, dataset, mailbox)
    defer { bulk?.end() }
    let session = SweepSession(
      store: store, router: router, door: door, mailbox: mailbox, sweepName: plan.name,
      book: TrialBook(
        bookSettings(plan, dataset, opened), sampler: sampler, space: plan.space, pruner: plan.pruner.makePruner()),
      settings: schedulerSettings(plan, dataset, bulkPort: bulk?.port),
      recovered: opened.recovered, view: LiveView(console: console, isQuiet: isQuiet))
    session.bulk = bulk
    session.wallTimeMaxMilliseconds = plan.wallTimeMaxMilliseconds
    session.computeMaxMilliseconds = plan.computeMaxMilliseconds
    session.metrics = try watching?.start(trackerPath: plan.trackerPath, console: console).map {
      SessionMetrics(board: $0)
    }
    session.readTrial = { try plan.readTrial($0) }
    session.foldCosts = foldCosts
    session.isOpenToOthers = crew.bind != nil
    session.post = try crew.makePost(
      plan, guarding, bound: Endpoint(router.endpoint), epoch: store.epoch, session.mailbox)
    try session.restore(opened)
    session.takeRequests()
    // A larger budget extends a finished sweep, and so does what was handed in.
    if opened.state == .finished, session.isOver, session.batch.isEmpty {
      session.writer.end()
      session.post?.close(.finished)
      try store.close()
      console.note("sweep \(plan.name) had finished before (\(session.book.ending ?? "")); nothing to run")
      return .finished
    }
    if !isQuiet { announce(plan, dataset, opened, router.endpoint) }
    try session.post?.open()
    var ending: SweepSession.Ending?
    defer {
      // First, so that workers which the scheduler starts just now find that there is nothing to do.
      session.post?.close(ending == .finished ? .finished : .stopped)
      session.foreman?.end()
    }
    session.foreman = try crew.makeForeman(plan, session.mailbox)
    let interrupts = Interrupts(mailbox: session.mailbox, readsKeys: crew.keys != nil)
    defer { interrupts.end() }
    let localKey = workerCount > 0 ? try guarding.makeLocalKey(in: workersFolder(plan)) : nil
    defer { localKey?.remove() }
    session.workers = try startWorkers(
      plan, Endpoint(router.endpoint).onThisMachine().description, localKey?.arguments ?? [], session.mailbox)
    let end = try session.run()
    ending = end
    if let summary = session.doorSummary, !isQuiet { console.note(summary) }
    if let summary = bulk?.summary, !isQuiet { console.note(summary) }
    if let unfolded = try store.close() {
      console.note("every result is recorded; tidying up was put off: \(unfolded)")
    }
    return end
  }

  /// Those of this process.
  private var workerCount: Int {
    crew.launch != nil ? 0 : crew.workers?.range.upperBound ?? ProcessInfo.processInfo.activeProcessorCount
  }

  private func workersFolder(_ plan: SweepPlan) -> String {
    URL(fileURLWithPath: plan.trackerPath).deletingLastPathComponent().appendingPathComponent("workers").path
  }

  private func startWorkers(
    _ plan: SweepPlan, _ endpoint: String, _ keyArguments: [String], _ mailbox: Mailbox<SweepSession.Note>
  ) throws -> LocalWorkers? {
    guard workerCount > 0 else { return nil }
    let folder = workersFolder(plan)
    let (data, artifacts) = (plan.datasetPath, plan.artifactsPath)
    let logArguments = console.logFormat == .json ? ["--log-format", "json"] : []
    let local = try LocalWorkers(
      executable: try siblingWorker(), logDirectory: folder,
      arguments: { slot in
        [
          "start", "--coordinator", endpoint, "--data", data, "--artifacts", artifacts, "--name", "w\(slot)", "--spot",
          "\(folder)/\(slot)", "--ends-with-standard-input",
        ] + keyArguments + logArguments
      }, onExit: { mailbox.post(.workerExited($0)) })
    for slot in 0..<workerCount { _ = try local.start(slot: slot) }
    return local
  }

  /// Where shards, checkpoints and artifacts travel; `nil` without keys, for then all workers are on this machine.
  private func startBulk(
    _ guarding: KeyGuard, _ endpoint: String, _ plan: SweepPlan, _ dataset: DatasetSummary,
    _ mailbox: Mailbox<SweepSession.Note>
  ) throws -> BulkServer? {
    let context = try MessageContext()
    guard crew.bind != nil, let (door, security) = try guarding.openBulk(context) else { return nil }
    let router = try bindBulk(context, try Endpoint(endpoint), security)
    return try BulkServer(
      router, context, door,
      BulkServer.Settings(
        dataset: dataset, artifacts: plan.artifactsPath, bytesPerSecond: crew.bulkRate.map { $0 * 1_000_000 }),
      ask: { mailbox.post(.bulkAsks($0)) }, complain: { mailbox.post(.bulkComplains($0)) },
      fail: { mailbox.post(.bulkFailed($0)) })
  }

  /// The port after the control socket's is the one that people open in a firewall; if it is taken, workers are told another.
  private func bindBulk(
    _ context: MessageContext, _ control: Endpoint, _ security: RouterSecurity
  ) throws -> RouterSocket {
    func bind(_ port: String) throws -> RouterSocket {
      try RouterSocket(
        context, binding: Endpoint("tcp://\(control.host):\(port)"), security: security, queues: .bulk)
    }
    if let port = crew.bulkPort { return try bind("\(port)") }
    do {
      guard let port = UInt16(control.port), port < .max else { return try bind("*") }
      return try bind("\(port + 1)")
    } catch let error as SocketError where error.code == .addressInUse {
      return try bind("*")
    }
  }

  private func schedulerSettings(_ plan: SweepPlan, _ dataset: DatasetSummary, bulkPort: Int?) -> SchedulerSettings {
    var settings = SchedulerSettings()
    settings.heartbeatMilliseconds = plan.execution.heartbeatMilliseconds
    settings.leaseMilliseconds = plan.execution.leaseMilliseconds
    settings.retryCountMax = plan.execution.retryCount
    settings.requirements = plan.execution.requirements
    // On a free port no worker of an earlier start can find this one: there is nobody to wait for.
    if crew.bind == nil { settings.graceMilliseconds = 0 }
    if let bulkPort {
      settings.bulkPort = bulkPort
      settings.served = [dataset.digest: dataset.byteCount]
    }
    return settings
  }

  private func bookSettings(
    _ plan: SweepPlan, _ dataset: DatasetSummary, _ opened: OpenedSweep
  ) -> TrialBook.Settings {
    var settings = TrialBook.Settings(
      sweep: opened.id, dataset: dataset.digest, outcome: plan.outcome, folds: plan.folds, seed: plan.seed,
      objective: plan.objective,
      // A smaller budget than what is recorded ends the sweep where it is.
      trialCountMax: max(
        plan.trialCountMax, opened.trials.count - opened.requests.count { $0.effect == .trialAdded }
      ))
    settings.stopRules = plan.stopRules
    settings.isReproducible = plan.isReproducible
    settings.enqueuedCount = plan.firstTrials.count
    settings.protectsEnqueued = plan.pruner.protectsEnqueued
    settings.protected = plan.pruner.protected
    settings.roundSize = plan.pruner.roundSize
    settings.judgesSteps = plan.pruner.judgesSteps
    settings.comparesSteps = plan.pruner.comparesSteps
    return settings
  }

  private func registration(_ plan: SweepPlan, _ dataset: DatasetSummary) -> SweepRegistration {
    SweepRegistration(
      name: plan.name, outcome: plan.outcome,
      dataset: SweepRegistration.Dataset(
        digest: dataset.digest, name: dataset.name, source: dataset.source, path: dataset.path,
        rowCount: dataset.rowCount, patientCount: dataset.patientCount, columnCount: dataset.columnCount,
        prevalence: dataset.prevalence,
        flow: dataset.flow.map { SweepRegistration.Dataset.FlowStep(reason: $0.reason, count: $0.count) },
        columns: dataset.columns.map { column($0, .tabular) } + dataset.channels.map { column($0, .sequence) }),
      metric: plan.objective.metric,
      isMaximized: plan.objective.direction == .maximize, folds: plan.folds, sampler: plan.sampler.kind.rawValue,
      seed: plan.seed, spec: plan.spec, specDigest: plan.identityDigest.hex, codeVersion: codeVersion)
  }

  private func column(
    _ column: DatasetSummary.Column, _ part: SweepRegistration.Dataset.Column.Part
  ) -> SweepRegistration.Dataset.Column {
    SweepRegistration.Dataset.Column(
      part: part, name: column.name, item: column.item, unit: column.unit, window: column.window,
      statistic: column.statistic)
  }

  private func announce(
    _ plan: SweepPlan, _ dataset: DatasetSummary, _ opened: OpenedSweep, _ endpoint: String
  ) {
    console.note("sweep \(plan.name): \(describe(dataset))")
    console.note(
      "\(describe(plan.folds)); \(plan.trialCountMax) trials at most; listening on \(endpoint)\(crew.keys.map { ", keys of \($0)" } ?? "")"
    )
    let recorded = opened.recovered.done.count
    if !opened.isNew { console.note("going on: \(recorded) folds are recorded and will not run again") }
  }
}
