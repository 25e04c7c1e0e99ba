// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing

extension LiveTests {
  @Suite struct ClockTests {
    /// I15, in real life: the time server is wrong, then right. Method: the wall clock of coordinator and workers jumps by up to
    /// a year, back and forth, every 0.7 s. No lease moves, and no duration in the tracker is negative.
    @Test(.enabled(if: FaultShim.isThere, "not run: no C compiler here"))
    func jumpingWallClock_movesNoLease() throws {
      let shim = try #require(FaultShim.shared)
      let sweep = try LiveSweep("clock-jumps", LiveSweep.Shape(trials: 8 * Machine.soak, trees: 400, lease: "1s"))
      sweep.environment = ["LD_PRELOAD": shim.library, "MUSTER_CLOCK_JUMPS": "1"]
      try sweep.startCoordinator()
      for slot in 0..<2 { try sweep.startWorker(slot) }
      #expect(try sweep.runToEnd() == 0, "\(sweep.coordinatorSaid)")
      let span = try sweep.count("SELECT (max(started_ms) - min(started_ms)) / 86400000 FROM attempt")
      #expect(span > 360, "the clock did not jump")
      #expect(try sweep.count("SELECT count(*) FROM attempt WHERE state <> 'completed'") == 0)
      #expect(
        try sweep.count("SELECT count(*) FROM attempt WHERE ended_ms < started_ms OR wall_ms < 0 OR cpu_ms < 0") == 0)
      #expect(try sweep.count("SELECT count(*) FROM trial WHERE finished_ms < created_ms") == 0)
      #expect(try sweep.count("SELECT count(*) FROM worker WHERE left_ms < joined_ms") == 0)
      #expect(try sweep.violations(waste: .none) == [])
    }

    /// I7, in real life: one trial needs more memory than its job was given, and the kernel kills the worker each time. It is
    /// given up after three confirmed crashes; the small trial is trained.
    @Test(.enabled(if: Machine.canLimitMemory, "not run: a memory limit (cgroup v1) needs root"))
    func outOfMemory_isAConfirmedCrash() throws {
      let group = Machine.memoryGroups + "/muster-\(getpid())"
      try FileManager.default.createDirectory(atPath: group, withIntermediateDirectories: false)
      defer { rmdir(group) }
      try "\(256 << 20)".write(toFile: group + "/memory.limit_in_bytes", atomically: false, encoding: .utf8)
      let sweep = try LiveSweep("out-of-memory", LiveSweep.Shape(trials: 1, folds: 2))
      let text = sweep.plan.text.replacingOccurrences(
        of: "budget: {trials: 1}",
        with: "enqueue: [{model: lstm, hidden: 4096, epochs: 1}]\nbudget: {trials: 2}"
      ).replacingOccurrences(
        of: "model: {value: linear}\n    l2: {float: [0.01, 10.0], log: true}",
        with: """
          model: {choice: [linear, lstm], weights: [1.0, 0.000000001]}
            branches:
              - if: {model: lstm}
                params:
                  hidden: {value: 4096}
                  epochs: {value: 1}
          """)
      try Data(text.utf8).write(to: URL(fileURLWithPath: sweep.plan.file))
      try sweep.startCoordinator()
      let inside = ["sh", "-c", "echo $$ > \(group)/cgroup.procs && exec \"$@\"", "sh"]
      try sweep.startWorker(0, through: inside)
      var killCount = 0
      wait(80) {
        guard sweep.coordinator?.isRunning == true else { return true }
        if sweep.workers[0]?.isRunning == false {
          killCount += 1
          do { try sweep.startWorker(0, through: inside) } catch { return true }
        }
        return false
      }
      sweep.endAll()
      #expect(killCount >= 6, "\(sweep.coordinatorSaid)")
      #expect(try sweep.count("SELECT count(*) FROM attempt WHERE state = 'crashed'") == 6)
      #expect(try sweep.count("SELECT count(*) FROM quarantine") == 2)
      #expect(try sweep.count("SELECT count(*) FROM trial WHERE state = 'completed' AND learner = 'linear'") == 1)
    }
  }
}
