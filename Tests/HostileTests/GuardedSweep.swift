// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import InstallationKit
import Reporting
import Sockets
import Sweeps
import Tracking
import WireProtocol

/// A live coordinator with keys, and what is needed to join it or to attack it.
final class GuardedSweep {
  let muster: Installation
  let plan: Installation.Plan
  let folder: KeyFolder
  let coordinator: Process
  private(set) var endpoint = ""
  private let log: String
  private var processes: [Process] = []

  struct NotReady: Error { let text: String }

  /// - Parameters:
  ///   - workerCount: workers that the coordinator starts itself.
  ///   - tracing: run it under strace, which writes each execve to `trace`.
  convenience init(
    _ name: String, keys names: [String], trees: Int, workerCount: Int = 0, tracing: Bool = false
  ) throws {
    let muster = try Installation.shared.get()
    let plan = try muster.plan(name, trees: trees)
    let folder = KeyFolder(path: URL(fileURLWithPath: plan.tracker).deletingLastPathComponent().path + "/keys")
    for name in ["coordinator"] + names {
      let made = try muster.run(["keys", "new", name, "--keys", folder.path])
      guard made.status == 0 else { throw NotReady(text: made.error) }
    }
    try self.init(plan, folder, workerCount: workerCount, port: nil, tracing: tracing)
  }

  /// Starts the coordinator of an earlier one's sweep, keys and port.
  convenience init(again name: String, keys folder: KeyFolder, port: UInt16) throws {
    try self.init(Installation.shared.get().plan(name), folder, workerCount: 0, port: port, tracing: false)
  }

  private init(
    _ plan: Installation.Plan, _ folder: KeyFolder, workerCount: Int, port: UInt16?, tracing: Bool
  ) throws {
    muster = try Installation.shared.get()
    (self.plan, self.folder) = (plan, folder)
    let run = URL(fileURLWithPath: plan.tracker).deletingLastPathComponent().path
    log = run + "/coordinator.log"
    let words =
      [muster.executables + "/muster", "sweep", "run", plan.file, "--workers", "\(workerCount)", "--bind"]
      + ["tcp://127.0.0.1:\(port.map { "\($0)" } ?? "*")", "--keys", folder.path]
    let trace = ["/usr/bin/strace", "-f", "-qq", "-e", "trace=execve,execveat", "-o", run + "/trace"]
    coordinator = try Self.start((tracing ? trace : []) + words, log: log)
    processes.append(coordinator)
    try waitForPort()
  }

  deinit {
    for process in processes where process.isRunning {
      // What strace runs would outlive it.
      let children = "/proc/\(process.processIdentifier)/task/\(process.processIdentifier)/children"
      for child in ((try? String(contentsOfFile: children, encoding: .utf8)) ?? "").split(separator: " ") {
        if let child = Int32(child) { kill(child, SIGKILL) }
      }
      kill(process.processIdentifier, SIGKILL)
    }
  }

  var port: UInt16 { UInt16(endpoint.split(separator: ":").last ?? "") ?? 0 }
  var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }
  var trace: String {
    let path = URL(fileURLWithPath: plan.tracker).deletingLastPathComponent().path + "/trace"
    return (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }

  private func waitForPort() throws {
    let isReady = wait { self.output.contains("listening on tcp://") || !self.coordinator.isRunning }
    guard isReady, let line = output.split(separator: "\n").first(where: { $0.contains("listening on ") }),
      let address = line.components(separatedBy: "listening on ").last?.split(separator: ",").first
    else { throw NotReady(text: output) }
    endpoint = String(address)
  }

  static func start(_ words: [String], log: String) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    guard FileManager.default.createFile(atPath: log, contents: nil), let file = FileHandle(forWritingAtPath: log)
    else {
      throw NotReady(text: log)
    }
    process.standardOutput = file
    process.standardError = file
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// A worker of its own process, with the key of that name.
  func startWorker(_ name: String, extra: [String] = []) throws -> (process: Process, log: String) {
    let run = URL(fileURLWithPath: plan.tracker).deletingLastPathComponent().path
    let log = "\(run)/\(name).log"
    let process = try Self.start(
      [
        muster.executables + "/muster-worker", "start", "--coordinator", endpoint, "--data", muster.dataset,
        "--artifacts", run + "/artifacts", "--name", name, "--spot", "\(run)/spot-\(name)", "--key-file",
        folder.keyPath(name), "--coordinator-key", folder.coordinatorPublicPath,
      ] + extra, log: log)
    processes.append(process)
    return (process, log)
  }

  /// One that has nothing but its key.
  func startBareWorker(_ name: String) throws -> (process: Process, log: String) {
    let run = URL(fileURLWithPath: plan.tracker).deletingLastPathComponent().path
    let log = "\(run)/\(name).log"
    let process = try Self.start(
      [
        muster.executables + "/muster-worker", "start", "--coordinator", endpoint, "--name", name, "--spot",
        "\(run)/spot-\(name)", "--cache", "\(run)/cache-\(name)", "--key-file", folder.keyPath(name),
        "--coordinator-key", folder.coordinatorPublicPath,
      ], log: log)
    processes.append(process)
    return (process, log)
  }

  /// A socket of this process with the key of that name.
  func dealer(
    _ name: String, in context: MessageContext? = nil, queuedMax: Int32 = 256, receiveBufferBytes: Int32? = nil
  ) throws -> DealerSocket {
    try DealerSocket(
      context ?? MessageContext(), connecting: Endpoint(endpoint),
      security: .curve(
        KeyFile(path: folder.keyPath(name)).keys, coordinator: readPublicKey(folder.coordinatorPublicPath)),
      queuedMax: queuedMax, receiveBufferBytes: receiveBufferBytes)
  }

  func query(_ sql: String) -> [[SQLTable.Value]] { (try? plan.query(sql)) ?? [] }

  var residentKilobytes: Int { status("VmRSS:") }

  /// Of the coordinator so far, all threads, user and system. In steps of 10 ms.
  var cpuMilliseconds: Int {
    let path = "/proc/\(coordinator.processIdentifier)/stat"
    let fields = ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: ")").last?.split(
      separator: " ")
    guard let fields, fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { return 0 }
    return (user + system) * 10
  }
  var peakKilobytes: Int { status("VmHWM:") }

  private func status(_ field: String) -> Int {
    let status = (try? String(contentsOfFile: "/proc/\(coordinator.processIdentifier)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix(field) }
    return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
  }

  var resultCount: Int {
    guard case .integer(let count)? = query("SELECT count(*) FROM result").first?.first else { return 0 }
    return Int(count)
  }
}

/// Polls until `condition`; bounded, so that a hang fails instead of blocking.
func wait(seconds: Int = 60, until condition: () -> Bool) -> Bool {
  for _ in 0..<(seconds * 50) {
    if condition() { return true }
    Thread.sleep(forTimeInterval: 0.02)
  }
  return false
}

/// - Parameter claimCount: attempts that it claims to hold; the reply cancels each.
func heartbeat(_ incarnation: Incarnation, epoch: Int64 = 1, claimCount: Int = 0) -> [UInt8] {
  let claims = (0..<claimCount).map { number in
    TaskProgress(
      taskAttempt: TaskAttempt(
        task: TrialTask(sweep: SweepID(1), trial: 900, fold: 0, rung: 0),
        attempt: Attempt(epoch: 1, number: Int64(1_000 + number))), step: 0, stepCount: 0)
  }
  return encode(WorkerMessage(incarnation: incarnation, epoch: epoch, body: .heartbeat(claims)))
}

func hello(_ incarnation: Incarnation, _ name: String) -> [UInt8] {
  encode(
    WorkerMessage(
      incarnation: incarnation, epoch: 0,
      body: .hello(
        WorkerHello(
          identity: WorkerIdentity(
            incarnation: incarnation, name: name, host: "host", processID: 1, codeVersion: codeVersion,
            machineType: "none"),
          slotCount: 1, datasets: []))))
}
