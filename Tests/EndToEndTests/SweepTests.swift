// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing
import Tracking

/// Whole sweeps by the executables. One after the other: two of them would fight for two cores.
@Suite(.serialized) struct SweepTests {
  let muster: Installation

  init() throws { muster = try Installation.shared.get() }

  private func rowsRecorded(_ plan: Installation.Plan) -> Int {
    guard let rows = try? plan.query("SELECT count(*) FROM result"), case .integer(let count)? = rows.first?.first
    else { return 0 }
    return Int(count)
  }

  /// Polls until `condition`; bounded, so that a hang fails instead of blocking.
  private func wait(until condition: () -> Bool) -> Bool {
    for _ in 0..<600 {
      if condition() { return true }
      Thread.sleep(forTimeInterval: 0.05)
    }
    return false
  }

  private func workerProcess(_ plan: Installation.Plan, slot: Int) -> Int32? {
    let rows = try? plan.query("SELECT pid FROM v_worker WHERE name = 'w\(slot)' ORDER BY worker_id DESC LIMIT 1")
    guard case .integer(let pid)? = rows?.first?.first else { return nil }
    return Int32(pid)
  }

  @Test func sweep_endsWithALeaderboard_andASecondRunRepeatsNothing() throws {
    let plan = try muster.plan("plain")
    let first = try muster.run(plan.runArguments)
    #expect(first.status == 0, "\(first.error)")
    #expect(first.output.contains("rank\ttrial\tlearner\tauroc\tauprc\tbrier"))
    #expect(first.output.contains(plan.tracker))
    #expect(
      try plan.query("SELECT state, count(*) FROM attempt GROUP BY state") == [[.text("completed"), .integer(18)]])
    let second = try muster.run(plan.runArguments)
    #expect(second.status == 0 && second.error.contains("finished before"))
    #expect(second.output == first.output)
    #expect(try plan.query("SELECT count(*) FROM attempt") == [[.integer(18)]])
    // The next commands it names work.
    let best = try muster.run(["tracker", "best", plan.name, "--tracker", plan.tracker, "--json"])
    #expect(best.status == 0 && best.output.contains("muster.best/v1"))
    let trials = try muster.run(["tracker", "trials", plan.name, "--tracker", plan.tracker])
    #expect(trials.output.split(separator: "\n").count == 7)
  }

  /// I10, in real life: workers are OOM-killed again and again in mid-fold. The table is the undisturbed one, bit for bit.
  @Test func workersKilled_tableIsTheSame() throws {
    let plain = try muster.plan("undisturbed", trees: 4_000)
    #expect(try muster.run(plain.runArguments).status == 0)
    let plan = try muster.plan("workers-killed", trees: 4_000)
    let (process, output, error) = try muster.start(plan.runArguments + ["--quiet"])
    var killed: Set<Int32> = []
    for slot in [0, 1, 0] {
      let hasOne = wait { workerProcess(plan, slot: slot).map { !killed.contains($0) } ?? false }
      guard hasOne, process.isRunning, let pid = workerProcess(plan, slot: slot) else { break }
      Thread.sleep(forTimeInterval: 0.3)
      kill(pid, SIGKILL)
      killed.insert(pid)
    }
    _ = output.fileHandleForReading.readDataToEndOfFile()
    _ = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(!killed.isEmpty)
    #expect(try plan.results() == plain.results())
  }

  /// I1, I2, I10, in real life: the coordinator is killed with -9 twice. What was recorded stays as it was, no fold is done
  /// twice, no worker is left behind, and the table is the undisturbed one.
  @Test func coordinatorKilled_goesOnWhereItWas() throws {
    let plain = try muster.plan("uninterrupted", trees: 4_000)
    #expect(try muster.run(plain.runArguments).status == 0)
    let plan = try muster.plan("coordinator-killed", trees: 4_000)
    for goal in [2, 6] {
      let (process, _, _) = try muster.start(plan.runArguments + ["--quiet"])
      #expect(wait { rowsRecorded(plan) >= goal || !process.isRunning })
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let before = try plan.query("SELECT trial_id, fold, fingerprint, recorded_ms FROM result ORDER BY 1, 2")
      #expect(
        wait { workerProcess(plan, slot: 0).map { kill($0, 0) != 0 } ?? true }, "a worker outlived its coordinator")
      let after = try plan.query("SELECT trial_id, fold, fingerprint, recorded_ms FROM result ORDER BY 1, 2")
      #expect(before == after)
    }
    let last = try muster.run(plan.runArguments)
    #expect(last.status == 0 && last.error.contains("will not run again"), "\(last.error)")
    #expect(try plan.results() == plain.results())
    let twice =
      "SELECT count(*) FROM (SELECT 1 FROM attempt WHERE state = 'completed' GROUP BY trial_id, fold HAVING count(*) > 1)"
    #expect(try plan.query(twice) == [[.integer(0)]])
  }

  /// In real life: Ctrl-C at the terminal. Running folds are recorded, the exit code says so, the same command goes on.
  @Test func interrupted_finishesRunningFolds_andSaysHowToGoOn() throws {
    let plan = try muster.plan("interrupted", trees: 4_000)
    let (process, output, error) = try muster.start(plan.runArguments)
    #expect(wait { rowsRecorded(plan) >= 1 })
    process.interrupt()
    _ = output.fileHandleForReading.readDataToEndOfFile()
    let text = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    #expect(text.contains("To go on:"))
    #expect(try plan.query("SELECT state FROM sweep") == [[.text("stopped")]])
    #expect(try plan.query("SELECT count(*) FROM attempt WHERE state = 'running'") == [[.integer(0)]])
    #expect(try muster.run(plan.runArguments).status == 0)
  }

  /// I8, in real life: someone starts the same sweep in a second terminal.
  @Test func secondCoordinator_onTheSameTracker_isRefused() throws {
    let plan = try muster.plan("twice", trees: 4_000)
    let (process, output, error) = try muster.start(plan.runArguments + ["--quiet"])
    #expect(wait { rowsRecorded(plan) >= 1 })
    let second = try muster.run(plan.runArguments)
    #expect(second.status == 75 && second.error.contains("another coordinator"), "\(second.error)")
    _ = output.fileHandleForReading.readDataToEndOfFile()
    _ = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}
