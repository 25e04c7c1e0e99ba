// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing
import Tracking

extension SweepTests {
  /// A search that learns and prunes, by the executables: how many workers there are and which of them die is no part of it.
  @Suite(.serialized) struct WorkerCountTests {
    let muster: Installation

    init() throws { muster = try Installation.shared.get() }

    /// TPE in rounds of four, and trials that have to earn each of their three folds.
    private func search(
      _ name: String, pruner: String = "fold-rungs", patience: Int = 0
    ) throws -> Installation.Plan {
      try muster.plan(name) { run in
        """
        apiVersion: sweep/v1
        kind: Sweep
        name: \(name)
        task: readmission_30d
        seed: 3
        data: {dataset: \(muster.dataset)}
        cv: {folds: 3, seed: 5}
        objective: {metric: valid/auroc}
        space:
          params:
            model: {choice: [linear, booster]}
          branches:
            - if: {model: linear}
              params:
                l2: {float: [0.01, 10], log: true}
            - if: {model: booster}
              params:
                trees: {value: 250}
                patience: {value: \(patience)}
                leaves: {int: [4, 31], log: true}
                learning_rate: {float: [0.02, 0.3], log: true}
        sampler: {kind: tpe, startup_trials: 8, round: 4}
        pruner: {kind: \(pruner)}
        budget: {trials: 24}
        execution: {retries: 2, heartbeat: 200ms, lease: 2s}
        track: {db: \(run)/tracker.db, artifacts: \(run)/artifacts}

        """
      }
    }

    private func livingWorkers(_ plan: Installation.Plan) -> [Int32] {
      let rows = (try? plan.query("SELECT pid FROM v_worker WHERE left_ms IS NULL ORDER BY worker_id")) ?? []
      return rows.compactMap { row in
        guard case .integer(let pid)? = row.first, kill(Int32(pid), 0) == 0 else { return nil }
        return Int32(pid)
      }
    }

    /// In real life: folds are cut by what earlier rounds had at the same step, and workers and the coordinator are killed meanwhile.
    /// A fold that goes on from a checkpoint, or is handed out again after a restart, is cut where it would have been.
    @Test func foldsCutByStep_giveOneTable_whoeverDies() throws {
      func plan(_ name: String) throws -> Installation.Plan {
        try search(name, pruner: "median, unit: step, startup: 3, first_step: 20, step_interval: 20", patience: 250)
      }
      let one = try plan("steps-1")
      let first = try muster.run(["sweep", "run", one.file, "--workers", "1", "--quiet"])
      #expect(first.status == 0, "\(first.error)")
      let table = try one.results()
      let reasons = try one.query("SELECT reason FROM trial WHERE state = 'pruned' AND reason LIKE '%cut at step%'")
      #expect(!reasons.isEmpty, "no fold was cut: equal tables would say little")
      let stopped = try one.query("SELECT count(*) FROM v_fold WHERE metric = 'stopped/step'")
      #expect(stopped == [[.integer(Int64(reasons.count))]])
      let ending = try one.query("SELECT count(*) FROM event WHERE message LIKE '%steps within folds saved%'")
      #expect(ending == [[.integer(1)]])

      let two = try plan("steps-2")
      let second = try muster.run(["sweep", "run", two.file, "--workers", "2", "--quiet"])
      #expect(second.status == 0, "\(second.error)")
      #expect(try two.results() == table, "2 workers")

      let dying = try plan("steps-dying")
      for life in 0..<40 {
        let (process, output, error) = try muster.start(["sweep", "run", dying.file, "--workers", "2", "--quiet"])
        let until = Date(timeIntervalSinceNow: life < 3 ? 2 : 300)
        while process.isRunning, Date() < until {
          Thread.sleep(forTimeInterval: 0.3)
          if life < 6, let pid = livingWorkers(dying).randomElement() { kill(pid, SIGKILL) }
        }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        _ = output.fileHandleForReading.readDataToEndOfFile()
        let said = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        if process.terminationStatus == 0, process.terminationReason == .exit { break }
        #expect(life < 39, "\(said)")
      }
      #expect(try dying.results() == table, "after deaths of workers and coordinators")
    }

    /// The whole table of trials, folds and scores, bit for bit.
    @Test func oneTwoAndEightWorkers_andDyingOnes_giveOneTable() throws {
      let one = try search("search-1")
      let first = try muster.run(["sweep", "run", one.file, "--workers", "1", "--quiet"])
      #expect(first.status == 0, "\(first.error)")
      let table = try one.results()
      // It learnt, and it pruned: else equal tables would say little.
      let pruned = table.count { $0.contains(" pruned ") }
      #expect(pruned > 0 && pruned < 24 && Set(table.filter { $0.hasPrefix("trial") }).count == 24)

      for count in [2, 8] {
        let plan = try search("search-\(count)")
        let run = try muster.run(["sweep", "run", plan.file, "--workers", "\(count)", "--quiet"])
        #expect(run.status == 0, "\(run.error)")
        #expect(try plan.results() == table, "\(count) workers")
      }

      let plan = try search("search-dying")
      let (process, output, error) = try muster.start(["sweep", "run", plan.file, "--workers", "3", "--quiet"])
      var generator = SystemRandomNumberGenerator()
      var killed: Set<Int32> = []
      while process.isRunning, killed.count < 9 {
        Thread.sleep(forTimeInterval: Double.random(in: 0.2...0.7, using: &generator))
        guard let pid = livingWorkers(plan).filter({ !killed.contains($0) }).randomElement(using: &generator) else {
          continue
        }
        kill(pid, SIGKILL)
        killed.insert(pid)
      }
      _ = output.fileHandleForReading.readDataToEndOfFile()
      let said = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0, "\(said)")
      #expect(killed.count >= 3, "only \(killed.count) workers could be killed: let folds last longer")
      #expect(try plan.results() == table, "after \(killed.count) deaths")
    }
  }
}
