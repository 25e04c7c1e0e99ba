// SPDX-License-Identifier: Apache-2.0

import Access
import ArgumentParser
import Foundation
import Launching
import Reporting

struct WorkersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workers",
    abstract: "Start, list and let go workers on a cluster.",
    discussion: """
      Examples:
        export MUSTER_RENDEZVOUS=/shared/me/demo.rendezvous
        muster workers launch --slurm --count 20 --time 04:00:00 --memory 4G --key-file /shared/me/keys/cluster.key \\
          --data /shared/me/datasets --artifacts /shared/me/artifacts
        muster workers list
        muster workers scale 50
        muster workers drain 8123_4
      docs/Clusters.md begins at the beginning.
      """,
    subcommands: [
      WorkersLaunchCommand.self, WorkersListCommand.self, WorkersScaleCommand.self, WorkersDrainCommand.self,
    ])
}

/// The file by which workers find their coordinator, and beside which what was launched is noted.
struct RendezvousOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("As given to muster sweep run --rendezvous. Default: $MUSTER_RENDEZVOUS.", valueName: "file"))
  var rendezvous: String?

  @OptionGroup var options: ConsoleOptions

  func path() throws -> String {
    guard let path = rendezvous ?? ProcessInfo.processInfo.environment["MUSTER_RENDEZVOUS"] else {
      throw CommandFailure(
        .usage, "no rendezvous file is named", help: "give --rendezvous FILE, or set MUSTER_RENDEZVOUS")
    }
    return absolute(path)
  }
}

struct WorkersLaunchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "launch",
    abstract: "Ask a scheduler for workers.",
    discussion: """
      Examples:
        muster workers launch --slurm --count 20 --time 04:00:00 --data datasets --artifacts artifacts --dry-run
        muster workers launch --ssh --host node1 --host node2 --count 8 --key-file keys/cluster.key \\
          --data datasets --artifacts artifacts
      Workers wait for the coordinator, so either may be started first. The paths must be the same on all machines.
      """)

  @Flag(help: "By an array job of Slurm.") var slurm = false
  @Flag(help: "By ssh, on the given hosts.") var ssh = false
  @Flag(help: "By a Job of Kubernetes, beside the manifests of cluster/kubernetes.") var kubernetes = false

  @Option(help: ArgumentHelp("Workers to start.", valueName: "n"))
  var count = 1

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "A data set's folder, or a folder of such. Without it workers with a key fetch it.", valueName: "dir"))
  var dataDirectories: [String] = []

  @Option(
    help: ArgumentHelp(
      "Where predictions and models are kept, by content. Without it they are delivered.", valueName: "dir"))
  var artifacts: String?

  @Flag(help: "Print what would be submitted or run, and end.") var dryRun = false

  @OptionGroup var place: RendezvousOptions
  @OptionGroup(title: "Of each worker") var order: OrderOptions

  func validate() throws {
    guard [slurm, ssh, kubernetes].count(where: { $0 }) == 1 else {
      throw ValidationError("expected one of --slurm, --ssh and --kubernetes")
    }
    guard (1...100_000).contains(count) else { throw ValidationError("--count: expected 1 to 100000") }
    guard kubernetes || order.keyFile != nil || (!dataDirectories.isEmpty && artifacts != nil) else {
      throw ValidationError(
        "expected --data DIR and --artifacts DIR, as the nodes see them, or --key-file: workers with a key need neither"
      )
    }
  }

  func run() throws {
    let rendezvous = try place.path()
    let engine: LaunchEngine = slurm ? .slurm : ssh ? .ssh : .kubernetes
    let order = try order.order(
      engine, rendezvous: rendezvous, data: dataDirectories, artifacts: artifacts)
    let console = place.options.console
    if dryRun {
      let text = try asCommand { try order.engine.make().script(order, count: count) }
      return console.draw(out: text)
    }
    try refuseFinished(rendezvous)
    if !kubernetes { try checkKey(rendezvous) }
    let launch = try asCommand {
      try LaunchBook.update(beside: rendezvous) { (book) throws(LaunchError) in
        let launch = try order.engine.make().launch(order, count: count)
        book.add(launch)
        return launch
      }
    }
    console.print("\(count) workers are asked for: \(order.engine.name) \(launch.handle)")
    if !place.options.quiet { console.note("next: muster workers list --rendezvous \(rendezvous)") }
  }

  /// Workers that find their sweep finished end at once: better said here.
  private func refuseFinished(_ rendezvous: String) throws {
    guard let found = try? Rendezvous(path: rendezvous), found.state == .finished else { return }
    throw CommandFailure(
      .nothingFound, "\(rendezvous): sweep \(found.sweep) is finished, workers would end at once",
      help: "start the coordinator of the next sweep first: muster sweep run FILE --bind … --rendezvous \(rendezvous)")
  }

  private func checkKey(_ rendezvous: String) throws {
    if let keyFile = order.keyFile { _ = try asCommand { try KeyFile(path: keyFile) } }
    guard order.keyFile == nil, let found = try? Rendezvous(path: rendezvous), found.publicKey != nil else { return }
    throw CommandFailure(
      .usage, "the coordinator at \(found.endpoint) lets in listed keys alone",
      help: "muster keys new cluster --keys DIR, then --key-file DIR/cluster.key")
  }
}

extension Console {
  /// Text that brings its own line ends.
  func draw(out text: String) { print(text.hasSuffix("\n") ? String(text.dropLast()) : text) }
}
