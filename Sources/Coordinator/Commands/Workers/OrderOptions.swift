// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Launching
import Reporting

enum LaunchEngine: String, CaseIterable, ExpressibleByArgument {
  case slurm
  case ssh
  case kubernetes
}

/// What a scheduler is told of the workers it starts.
struct OrderOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Slurm: the partition.", valueName: "name"))
  var partition: String?

  @Option(help: ArgumentHelp("Slurm: the account.", valueName: "name"))
  var account: String?

  @Option(help: ArgumentHelp("Slurm: the time limit of each worker. Default: the partition's.", valueName: "hh:mm:ss"))
  var time: String?

  @Option(
    help: ArgumentHelp("Slurm: how long before the time limit a worker is told to end.", valueName: "seconds"))
  var noticeSeconds = 120

  @Option(
    name: .customLong("sbatch"),
    help: ArgumentHelp("Slurm: a further option, as --sbatch=--qos=low. May be given again.", valueName: "option"))
  var sbatchOptions: [String] = []

  @Option(
    name: .customLong("host"),
    help: ArgumentHelp("ssh: a host; workers are dealt out over all of them. May be given again.", valueName: "host"))
  var hosts: [String] = []

  @Option(help: ArgumentHelp("ssh: a configuration of your own (ssh -F).", valueName: "file"))
  var sshConfig: String?

  @Option(help: ArgumentHelp("Kubernetes: the namespace.", valueName: "name"))
  var namespace = "muster"

  @Option(help: ArgumentHelp("Kubernetes: the image.", valueName: "image"))
  var image = "registry.example.org/muster:\(codeVersion)"

  @Option(help: ArgumentHelp("Kubernetes: the context of kubectl.", valueName: "name"))
  var context: String?

  @Option(help: ArgumentHelp("Processors of each worker; training uses one.", valueName: "n"))
  var cpus = 1

  @Option(help: ArgumentHelp("Memory of each worker, as 4G. Default: the cluster's.", valueName: "size"))
  var memory: String?

  @Option(
    help: ArgumentHelp(
      "How long a running fold may go on after a worker is told to end; less 10 s than the scheduler waits.",
      valueName: "seconds"))
  var drainSeconds = 20

  @Option(
    help: ArgumentHelp(
      "The key of these workers, where they can read it; mode 600 (muster keys new).", valueName: "file"))
  var keyFile: String?

  @Option(help: ArgumentHelp("Their logs. Default: FILE.logs beside the rendezvous file.", valueName: "dir"))
  var logs: String?

  @Option(
    name: .customLong("worker"),
    help: ArgumentHelp("muster-worker as the nodes see it. Default: the one beside this muster.", valueName: "path"))
  var executable: String?

  @Option(
    name: .customLong("worker-option"),
    help: ArgumentHelp(
      "A further option of muster-worker start, as --worker-option=--join-timeout=0. May be given again.",
      valueName: "option"))
  var workerOptions: [String] = []

  func validate() throws {
    guard (1...1_024).contains(cpus) else { throw ValidationError("--cpus: expected 1 to 1024") }
    guard (0...3_600).contains(drainSeconds) else { throw ValidationError("--drain-seconds: expected 0 to 3600") }
    guard (1...65_535).contains(noticeSeconds) else { throw ValidationError("--notice-seconds: expected 1 to 65535") }
  }

  /// - Throws: `CommandFailure` where a path that must be there on this machine is not, or the engine lacks something.
  func order(
    _ engine: LaunchEngine, rendezvous: String, data: [String], artifacts: String?
  ) throws -> WorkerOrder {
    let rendezvous = absolute(rendezvous)
    var order = WorkerOrder(
      engine: try engineSettings(engine), executable: try executable ?? siblingWorker(), rendezvous: rendezvous,
      data: data.map(absolute), artifacts: artifacts.map(absolute), logs: absolute(logs ?? rendezvous + ".logs"))
    order.keyFile = keyFile.map(absolute)
    order.cpuCount = cpus
    order.memory = memory
    order.drainSeconds = drainSeconds
    order.extra = workerOptions
    try asCommand { try order.check() }
    return order
  }

  private func engineSettings(_ engine: LaunchEngine) throws -> WorkerOrder.Engine {
    switch engine {
    case .slurm:
      var settings = SlurmSettings()
      (settings.partition, settings.account, settings.timeLimit) = (partition, account, time)
      (settings.noticeSeconds, settings.options) = (noticeSeconds, sbatchOptions)
      return .slurm(settings)
    case .ssh:
      guard !hosts.isEmpty else { throw CommandFailure(.usage, "ssh needs a host: expected --host NAME") }
      var settings = SSHSettings(hosts: hosts)
      settings.configuration = sshConfig.map(absolute)
      return .ssh(settings)
    case .kubernetes:
      var settings = KubernetesSettings()
      (settings.namespace, settings.image, settings.context) = (namespace, image, context)
      return .kubernetes(settings)
    }
  }
}

/// A job does not start where its command was typed.
func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
