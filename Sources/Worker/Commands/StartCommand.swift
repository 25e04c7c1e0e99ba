// SPDX-License-Identifier: Apache-2.0

import Access
import ArgumentParser
import Contents
import Foundation
import Logging
import Reporting
import Shards
import Sockets
import Sweeps
import Training

extension LogFormat: ExpressibleByArgument {}

struct StartCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Join a coordinator and train folds until it says that all is done.",
    discussion: """
      Examples:
        muster-worker start --coordinator tcp://127.0.0.1:5555 --data runs/demo/datasets --artifacts runs/demo/artifacts
        muster-worker start --coordinator tcp://10.1.0.5:5555 --key-file node-7.key --coordinator-key coordinator.pub \\
          --data shards --artifacts artifacts
        muster-worker start --coordinator tcp://10.1.0.5:5555 --key-file node-7.key --coordinator-key coordinator.pub
      The last one sees nothing of the coordinator's disk: it fetches the data set into --cache, and delivers what it makes.
        muster-worker start --rendezvous shared/demo.rendezvous --key-file shared/keys/cluster.key \\
          --data shards --artifacts artifacts   # wherever the coordinator is, and wherever it moves
      The first Ctrl-C gives tasks that have not begun back, finishes the running one and ends; the second ends at once.
      """)

  @Option(help: ArgumentHelp("Where the coordinator listens.", valueName: "endpoint"))
  var coordinator: String?

  @Option(
    help: ArgumentHelp(
      "Instead of --coordinator: the file that muster sweep run --rendezvous writes. Waited for, and followed.",
      valueName: "file"))
  var rendezvous: String?

  @OptionGroup(title: "Data and artifacts") var places: PlaceOptions

  @Option(
    help: ArgumentHelp("This worker's key, mode 600 (muster keys new). Needed beyond loopback.", valueName: "file"))
  var keyFile: String?

  @Option(
    help: ArgumentHelp(
      "The coordinator's public key: 64 hexadecimal digits, or a file that holds them. A rendezvous file names it too.",
      valueName: "key"))
  var coordinatorKey: String?

  @Option(help: ArgumentHelp("How long to wait for the first welcome; 0: for ever.", valueName: "seconds"))
  var joinTimeout = 300

  @Option(
    help: ArgumentHelp(
      "How long the running fold may go on after SIGTERM; ends up to 12 s later. Default: \(DrainBudget.trainingSeconds).",
      valueName: "seconds"))
  var drainSeconds = DrainBudget.trainingSeconds

  @Option(help: ArgumentHelp("What people call this worker. Default: w<pid>.", valueName: "name"))
  var name: String?

  @Option(help: ArgumentHelp("This slot's folder, for the breadcrumb that proves a crash.", valueName: "dir"))
  var spot: String?

  @Option(
    help: ArgumentHelp(
      "Of standard error: text, or json, an event a line. Default: $MUSTER_LOG_FORMAT, else text.", valueName: "format")
  )
  var logFormat: LogFormat?

  @Flag(help: ArgumentHelp("End when standard input ends: the launcher holds its other end.", visibility: .hidden))
  var endsWithStandardInput = false

  func validate() throws {
    guard (coordinator == nil) != (rendezvous == nil) else {
      throw ValidationError("expected one of --coordinator ENDPOINT and --rendezvous FILE")
    }
    guard keyFile != nil || coordinatorKey == nil, keyFile == nil || coordinatorKey != nil || rendezvous != nil else {
      throw ValidationError("--key-file and --coordinator-key go together: who this worker is, and whom it trusts")
    }
    guard (0...1_000_000).contains(joinTimeout) else { throw ValidationError("--join-timeout: expected 0 to 1000000") }
    guard (0...3_600).contains(drainSeconds) else { throw ValidationError("--drain-seconds: expected 0 to 3600") }
  }

  func run() throws {
    guard machineIsSupported() else {
      throw CommandFailure(
        .notPermitted, "this CPU lacks AVX2, FMA or BMI2 (x86-64-v3), for which the kernels are built",
        help: "run the worker on a machine from 2015 or later")
    }
    prepareNumerics()
    if logFormat ?? .given(in: []) == .json { LoggingSystem.bootstrap { _ in JSONLogHandler() } }
    let route = try Route(
      coordinator: coordinator, rendezvous: rendezvous, keyFile: keyFile, coordinatorKey: coordinatorKey,
      joinTimeoutMilliseconds: joinTimeout == 0 ? nil : Int64(joinTimeout) * 1_000)
    let catalog = DatasetCatalog(directories: places.dataDirectories)
    try places.check(catalog, isKeyed: route.isKeyed)
    let stores = try places.open(isKeyed: route.isKeyed)
    if endsWithStandardInput {
      // Ctrl-C at the terminal goes to its whole process group: whether this worker ends is the coordinator's to say.
      setpgid(0, 0)
    }
    signal(SIGPIPE, SIG_IGN)
    var generator = SystemRandomNumberGenerator()
    let identity = WorkerIdentity(
      incarnation: Incarnation(high: generator.next(), low: generator.next()), name: name ?? "w\(getpid())",
      host: ProcessInfo.processInfo.hostName, processID: Int64(getpid()), codeVersion: codeVersion,
      machineType: machineType())
    let session = try WorkerSession(
      identity: identity, route: route, catalog: catalog, stores: stores,
      spot: spot ?? NSTemporaryDirectory() + "muster-\(getuid())-\(identity.name)",
      room: hostRoom(labels: try places.readLabels(), fetchBytesMax: stores.cache?.quotaBytes ?? 0),
      drainMilliseconds: Int64(drainSeconds) * 1_000, jitterSeed: generator.next())
    if endsWithStandardInput { session.endWithStandardInput() }
    session.drainOnSignals()
    try session.run()
  }
}
