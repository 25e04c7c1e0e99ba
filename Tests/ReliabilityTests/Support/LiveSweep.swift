// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Tracking

/// One sweep with its coordinator and workers as separate processes, in a run folder of its own.
final class LiveSweep {
  /// What is searched; two sweeps of one shape must end with the same table, bit for bit.
  struct Shape: Hashable {
    var trials = 12
    var folds = 3
    /// Trees of a booster; 0 for logistic regression, whose folds last some milliseconds.
    var trees = 0
    var heartbeat = "200ms"
    var lease = "2s"
    /// Features are binned once for all folds.
    var sharesBins = false

    static let quick = Shape()
    /// 36 folds of some tenths of a second.
    static let slow = Shape(trees: 400)
    /// 144 folds: long enough for Slurm to notice that a node is dead. One shape for all of its tests, one undisturbed run.
    static let cluster = Shape(trials: 48, trees: 1_400)
  }

  let installation: Installation
  let shape: Shape
  let plan: Installation.Plan
  let folder: String
  /// Logs lie apart, so that they outlive a run folder whose disk is taken away.
  let logs: String
  let endpoint: String
  var environment: [String: String] = [:]
  private(set) var coordinator: Program?
  private(set) var workers: [Int: Program] = [:]
  private var restarts: [Int: [String]] = [:]
  private(set) var faults: [String] = []

  /// - Parameters:
  ///   - folder: where tracker and artifacts go; by default beside the logs.
  ///   - address: where the coordinator listens.
  ///   - dataset: another one than the installation's.
  init(
    _ name: String, _ shape: Shape, folder: String? = nil, address: String? = nil, dataset: String? = nil
  ) throws {
    installation = try Installation.shared.get()
    self.shape = shape
    logs = installation.folder + "/live-" + name
    self.folder = folder ?? logs
    endpoint = try address ?? "tcp://127.0.0.1:\(freePort())"
    for path in [logs, self.folder] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    let space =
      shape.trees == 0
      ? "model: {value: linear}\n    l2: {float: [0.01, 10.0], log: true}"
      : """
      model: {value: booster}
          trees: {value: \(shape.trees)}
          patience: {value: 0}
          bins_from: {value: \(shape.sharesBins ? "all" : "fold")}
          leaves: {choice: [7, 15]}
          learning_rate: {float: [0.02, 0.2]}
      """
    let text = """
      apiVersion: sweep/v1
      kind: Sweep
      name: \(name)
      task: readmission_30d
      seed: 11
      data: {dataset: \(dataset ?? installation.dataset)}
      cv: {scheme: stratified-grouped, group_by: patient, folds: \(shape.folds)}
      objective: {metric: valid/auroc}
      space:
        params:
          \(space)
      sampler: {kind: random}
      budget: {trials: \(shape.trials)}
      execution: {retries: 2, heartbeat: \(shape.heartbeat), lease: \(shape.lease)}
      track: {db: \(self.folder)/tracker.db, artifacts: \(self.folder)/artifacts}

      """
    let file = logs + "/sweep.yaml"
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    plan = Installation.Plan(name: name, file: file, tracker: self.folder + "/tracker.db", text: text)
  }

  deinit { endAll() }

  func endAll() {
    coordinator?.killNow()
    for worker in workers.values { worker.killNow() }
  }

  var taskCount: Int { shape.trials * shape.folds }

  /// Starts the coordinator; workers join by themselves.
  ///
  /// - Parameter through: a command that runs it elsewhere, as `["ip", "netns", "exec", …]`.
  @discardableResult
  func startCoordinator(
    environment extra: [String: String] = [:], localWorkers: Int = 0, through: [String] = [],
    name: String = "coordinator", options: [String] = []
  ) throws -> Program {
    let words =
      [installation.executables + "/muster", "sweep", "run", plan.file, "--workers", "\(localWorkers)"]
      + (localWorkers == 0 ? ["--bind", endpoint] : []) + options
    let program = try start(through + words, log: "\(logs)/\(name).log", extra)
    coordinator = program
    return program
  }

  /// A coordinator by words of one's own.
  func start(coordinator words: [String], _ extra: [String: String]) throws -> Program {
    let program = try start(words, log: logs + "/coordinator.log", extra)
    coordinator = program
    return program
  }

  @discardableResult
  func startWorker(
    _ slot: Int, endpoint other: String? = nil, environment extra: [String: String] = [:], through: [String] = [],
    artifacts: String? = nil
  ) throws -> Program {
    let words = [
      installation.executables + "/muster-worker", "start", "--coordinator", other ?? endpoint, "--data",
      installation.dataset, "--artifacts", artifacts ?? folder + "/artifacts", "--name", "w\(slot)", "--spot",
      "\(logs)/spots/\(slot)",
    ]
    let program = try start(through + words, log: "\(logs)/worker-\(slot).log", extra)
    workers[slot] = program
    return program
  }

  /// A worker that is started, and started again, by other words than the usual.
  @discardableResult
  func startWorker(_ slot: Int, words: [String]) throws -> Program {
    let program = try start(words, log: "\(logs)/worker-\(slot).log", [:])
    workers[slot] = program
    restarts[slot] = words
    return program
  }

  private func start(_ words: [String], log: String, _ extra: [String: String]) throws -> Program {
    let path = words[0].hasPrefix("/") ? words[0] : "/usr/bin/env"
    let settings = environment.merging(extra) { $1 }.merging(["OPENBLAS_NUM_THREADS": "1"]) { $1 }
    return try Program(
      path, words[0].hasPrefix("/") ? Array(words.dropFirst()) : words, log: log, environment: settings)
  }

  /// Kills with -9, and writes that into the history.
  func kill(_ program: Program?, _ what: String) {
    faults.append("kill -9 \(what)")
    program?.killNow()
  }

  func noteFault(_ text: String) { faults.append(text) }

  /// Waits for the coordinator, starting again in the meantime every worker that has ended.
  func runToEnd(within seconds: Double = 90) throws -> Int32? {
    var problem: (any Error)?
    wait(seconds) {
      guard coordinator?.isRunning ?? false else { return true }
      for (slot, worker) in workers where !worker.isRunning && coordinator?.isRunning ?? false {
        do {
          if let words = restarts[slot] { try startWorker(slot, words: words) } else { try startWorker(slot) }
        } catch { problem = error }
      }
      return problem != nil
    }
    if let problem { throw problem }
    return coordinator?.end(within: 5)
  }

  var recordedCount: Int {
    guard let rows = try? plan.query("SELECT count(*) FROM result"), case .integer(let count)? = rows.first?.first
    else { return 0 }
    return Int(count)
  }

  /// The task on whose account worker `slot` would report a crash, from its breadcrumb.
  func breadcrumb(_ slot: Int) -> (trial: Int, fold: Int, attempt: String)? {
    let text = FileManager.default.contents(atPath: "\(logs)/spots/\(slot)/attempt") ?? Data()
    let numbers = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    return numbers.count == 6 ? (numbers[1], numbers[2], "\(numbers[4]).\(numbers[5])") : nil
  }

  /// The next worker of this slot is on another machine: it finds no breadcrumb.
  func clearSpot(_ slot: Int) throws {
    let path = "\(logs)/spots/\(slot)"
    if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
  }
}

/// A port of the loopback that was free a moment ago.
func freePort() throws -> UInt16 {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let isBound = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
      bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
    }
  }
  guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
  return UInt16(bigEndian: address.sin_port)
}
