// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Sweeps
import Testing
import Tracking

/// The table of an undisturbed run, one a shape.
private let undisturbedTables = Cache()

private final class Cache: @unchecked Sendable {
  // `@unchecked`: the dictionary is touched only while the lock is held.
  private let lock = NSLock()
  private var lines: [LiveSweep.Shape: [String]] = [:]

  func lines(_ shape: LiveSweep.Shape) throws -> [String] {
    lock.lock()
    defer { lock.unlock() }
    if let known = lines[shape] { return known }
    let sweep = try LiveSweep("undisturbed-\(lines.count)", shape)
    // Any number of workers gives one table (WorkerCountTests); two are done sooner.
    try sweep.startCoordinator(localWorkers: 2)
    guard try sweep.runToEnd(within: 300) == 0 else {
      throw ToolFailure(words: ["undisturbed sweep"], said: sweep.coordinatorSaid)
    }
    lines[shape] = try sweep.plan.results()
    return try sweep.plan.results()
  }
}

extension LiveSweep {
  var coordinatorSaid: String { coordinator?.said ?? "" }

  func undisturbedLines() throws -> [String] {
    // Times are no part of a result.
    try undisturbedTables.lines(Shape(trials: shape.trials, folds: shape.folds, trees: shape.trees))
  }

  /// All that is wrong with the finished sweep. Where something is, its history is kept beside its logs, and named.
  func violations(waste: OfflineChecker.Waste = .allowed, isWhole: Bool = true) throws -> [String] {
    var history = History(events: faults.map { .fault($0) })
    for log in try FileManager.default.contentsOfDirectory(atPath: logs).sorted() where log.hasPrefix("worker-") {
      let text = FileManager.default.contents(atPath: "\(logs)/\(log)") ?? Data()
      history.add(log: String(decoding: text, as: UTF8.self), of: String(log.dropLast(4)))
    }
    for slot in 0..<8 {
      guard let text = FileManager.default.contents(atPath: "\(folder)/workers/worker-\(slot).log") else { continue }
      history.add(log: String(decoding: text, as: UTF8.self), of: "local-\(slot)")
    }
    let path = logs + "/history.txt"
    try Data(history.text.utf8).write(to: URL(fileURLWithPath: path))
    let checker = OfflineChecker(
      tasks: tasks, undisturbed: isWhole ? try undisturbedLines() : nil, waste: waste)
    let found = checker.violations(history, try finalTracker())
    if !found.isEmpty {
      let kept = NSTemporaryDirectory() + "muster-history-\(plan.name)"
      try? FileManager.default.removeItem(atPath: kept)
      try FileManager.default.copyItem(atPath: logs, toPath: kept)
      return found + ["history and logs are kept in \(kept)"]
    }
    return found
  }

  private var tasks: [String] {
    (0..<shape.trials).flatMap { trial in (0..<shape.folds).map { "1#\(trial)/f\($0)/r0" } }
  }

  func finalTracker() throws -> FinalTracker {
    let id = "t.sweep_id || '#' || t.number || '/f' || x.fold || '/r' || x.rung"
    let attempts = try plan.query(
      "SELECT \(id), x.epoch || '.' || x.number, x.state FROM attempt x JOIN trial t ON t.trial_id = x.trial_id")
    let results = try plan.query(
      """
      SELECT \(id), a.epoch || '.' || a.number, 'result' FROM result x JOIN trial t ON t.trial_id = x.trial_id
      JOIN attempt a ON a.attempt_id = x.attempt_id
      """)
    let quarantined = try plan.query("SELECT \(id) FROM quarantine x JOIN trial t ON t.trial_id = x.trial_id")
    let alarms = try plan.query("SELECT subject FROM event WHERE kind = 'nondeterminism'")
    return FinalTracker(
      results: results.map(Self.row), attempts: attempts.map(Self.row),
      quarantined: quarantined.map { Self.text($0[0]) },
      alarms: alarms.map { Self.text($0[0]) }, lines: try plan.results())
  }

  private static func row(_ values: [SQLTable.Value]) -> FinalTracker.Row {
    FinalTracker.Row(task: text(values[0]), attempt: text(values[1]), state: text(values[2]))
  }

  private static func text(_ value: SQLTable.Value) -> String {
    if case .text(let text) = value { return text }
    return "\(value)"
  }

  func count(_ sql: String) throws -> Int64 {
    guard case .integer(let count)? = try plan.query(sql).first?.first else { return -1 }
    return count
  }
}
