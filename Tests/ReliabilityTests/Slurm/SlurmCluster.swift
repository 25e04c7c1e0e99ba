// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A private, real Slurm under one folder: its own munge, controller and nodes, on free ports of the loopback or, as root, with
/// each node in a network namespace of its own. The scripts that make it are in `Private`.
final class SlurmCluster {
  /// Installed by hand (docs/Testing.md); where they are not, the tests of Slurm are skipped and say so.
  static let isThere = ["slurmctld", "slurmd", "munged", "sbatch"].allSatisfy { program in
    ["/usr/sbin/", "/usr/bin/"].contains { FileManager.default.isExecutableFile(atPath: $0 + program) }
  }
  static let notRun = "Slurm tests not run: slurmctld, slurmd, slurm-client and munge are not installed"

  private static let scripts =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Private"
  /// Short: munge's socket takes 108 bytes at most.
  let folder: String
  /// Of the namespaces; `nil` on the loopback.
  private let prefix: String?
  private let nodeCount: Int
  private nonisolated(unsafe) static var madeCount = 0

  init(nodes: Int, asHosts: Bool = false) throws {
    Self.madeCount += 1
    folder = "/tmp/ms\(getpid())-\(Self.madeCount)"
    prefix = asHosts ? "ms\(getpid())" : nil
    nodeCount = nodes
    // Its daemons would hold a pipe of ours open for as long as they live.
    let quietly = ["bash", "-c", "exec bash \"$@\" >\(folder).log 2>&1 </dev/null", "-"]
    let script = prefix == nil ? "/slurm-up.sh" : "/slurm-netns-up.sh"
    do {
      try toolOf(quietly + [Self.scripts + script, folder] + (prefix.map { [$0] } ?? []) + ["\(nodes)"])
    } catch {
      throw ToolFailure(words: [script], said: (try? String(contentsOfFile: folder + ".log", encoding: .utf8)) ?? "")
    }
  }

  deinit {
    _ = try? run("bash", Self.scripts + "/slurm-down.sh", folder, "--rm")
    try? FileManager.default.removeItem(atPath: folder + ".log")
    guard let prefix else { return }
    for name in ["hub"] + (1...nodeCount).map({ "n\($0)" }) { _ = try? tool("ip", "netns", "del", "\(prefix)-\(name)") }
  }

  static let controllerAddress = "10.78.0.1"

  var environment: [String: String] { ["SLURM_CONF": folder + "/slurm.conf"] }

  /// Runs what follows beside the controller.
  var onController: [String] { prefix.map { ["ip", "netns", "exec", "\($0)-hub"] } ?? [] }

  /// Runs a tool as one would at the cluster's login node.
  @discardableResult
  func run(_ words: String...) throws -> String { try run(words) }

  @discardableResult
  func run(_ words: [String]) throws -> String {
    try toolOf(onController + ["env", "SLURM_CONF=\(folder)/slurm.conf", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"] + words)
  }

  struct Task: Hashable {
    let id: String
    let state: String
    let node: String
  }

  /// Tasks of array jobs that run or wait.
  func tasks() -> [Task] {
    let text = (try? run("squeue", "-h", "-r", "--format=%F_%K|%T|%N")) ?? ""
    return text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      return fields.count == 3 ? Task(id: fields[0], state: fields[1], node: fields[2]) : nil
    }
  }

  func task(_ id: String) -> Task? { tasks().first { $0.id == id } }

  /// Slurm makes a requeued job wait two minutes; nobody wants to.
  func startNow(_ id: String) { _ = try? run("scontrol", "update", "JobId=\(id)", "StartTime=now") }

  /// How the jobs that are over ended: `COMPLETED`, `FAILED` …, one each.
  var endings: [String] {
    let text = FileManager.default.contents(atPath: folder + "/log/jobcomp.txt") ?? Data()
    return String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { line in
      line.split(separator: " ").first { $0.hasPrefix("JobState=") }.map { String($0.dropFirst(9)) }
    }
  }

  /// Worker processes of the given array task, by the name that they were given.
  func workers(of id: String) -> [Int32] {
    let name = "slurm-" + id.replacingOccurrences(of: "_", with: "-")
    return Self.processes { $0.contains("muster-worker\0") && $0.contains("--name\0\(name)\0") }
  }

  /// The power of a node goes: slurmd, the step's keeper and the worker are gone at once, and nobody says a word.
  func killNode(_ node: String) throws {
    let slurmd = try String(contentsOfFile: folder + "/pid/slurmd.\(node).pid", encoding: .utf8)
    if let number = Int32(slurmd.trimmingCharacters(in: .whitespacesAndNewlines)) { kill(number, SIGKILL) }
    for worker in Self.processes({ $0.contains("muster-worker\0") }) {
      let settings = (try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(worker)/environ"))) ?? Data()
      let words = String(decoding: settings, as: UTF8.self).split(separator: "\0")
      guard words.contains("SLURMD_NODENAME=\(node)"), words.contains("SLURM_CONF=\(folder)/slurm.conf") else {
        continue
      }
      let status = try String(contentsOfFile: "/proc/\(worker)/status", encoding: .utf8)
      let parent = status.split(separator: "\n").first { $0.hasPrefix("PPid:") }
      if let keeper = parent.flatMap({ Int32($0.filter(\.isNumber)) }), keeper > 1 { kill(keeper, SIGKILL) }
      kill(worker, SIGKILL)
    }
  }

  func cut(_ node: Int) throws { try tool("ip", "-n", "\(prefix ?? "")-hub", "link", "set", "v\(node)", "down") }
  func mend(_ node: Int) throws { try tool("ip", "-n", "\(prefix ?? "")-hub", "link", "set", "v\(node)", "up") }

  private static func processes(_ fits: (String) -> Bool) -> [Int32] {
    let numbers = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
    return numbers.filter { number in
      fits(String(decoding: FileManager.default.contents(atPath: "/proc/\(number)/cmdline") ?? Data(), as: UTF8.self))
    }
  }
}
