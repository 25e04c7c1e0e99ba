// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit

/// Sweeps whose workers a scheduler starts.
extension LiveSweep {
  var rendezvous: String { folder + "/here.rendezvous" }

  /// Listens on a free port, which the rendezvous file tells.
  @discardableResult
  func startFoundCoordinator(
    _ cluster: SlurmCluster? = nil, address: String = "127.0.0.1", arguments: [String] = []
  ) throws -> Program {
    let words =
      (cluster?.onController ?? []) + [installation.executables + "/muster", "sweep", "run", plan.file]
      + ["--bind", "tcp://\(address):*", "--rendezvous", rendezvous]
      + (arguments.contains("--workers") ? [] : ["--workers", "0"]) + arguments
    return try start(coordinator: words, cluster?.environment ?? [:])
  }

  /// `muster …` at the login node.
  @discardableResult
  func muster(_ cluster: SlurmCluster, _ words: String...) throws -> String {
    try cluster.run([installation.executables + "/muster"] + words + ["--rendezvous", rendezvous])
  }

  @discardableResult
  func launch(_ cluster: SlurmCluster, count: Int, _ more: String...) throws -> String {
    let said = try cluster.run(
      [
        installation.executables + "/muster", "workers", "launch", "--slurm", "--rendezvous", rendezvous, "--count",
        "\(count)", "--data", installation.dataset, "--artifacts", folder + "/artifacts", "--logs", logs,
        "--drain-seconds", "2",
      ] + more)
    // "20 workers are asked for: slurm 8"
    return said.split(separator: "\n").first?.split(separator: " ").last.map(String.init) ?? ""
  }

  /// Waits for the sweep's end, starting what was requeued without Slurm's two minutes.
  func runToEnd(_ cluster: SlurmCluster, within seconds: Double = 300) -> Int32? {
    wait(seconds) {
      for task in cluster.tasks() where task.state == "PENDING" { cluster.startNow(task.id) }
      Thread.sleep(forTimeInterval: 0.3)
      return coordinator?.isRunning != true
    }
    return coordinator?.end(within: 5)
  }
}

@discardableResult
func toolOf(_ words: [String]) throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = words
  let output = Pipe()
  process.standardOutput = output
  process.standardError = output
  process.standardInput = FileHandle.nullDevice
  try process.run()
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  guard process.terminationStatus == 0 else { throw ToolFailure(words: words, said: text) }
  return text
}
