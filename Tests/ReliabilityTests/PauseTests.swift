// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing

extension LiveTests {
  @Suite struct PauseTests {
    /// I4, I8, I18, in real life: the coordinator's virtual machine is suspended for three lease times. No second one may
    /// write meanwhile, and no lease lapses when it wakes: it reads what its workers said before it looks at the clock.
    @Test func pausedCoordinator_keepsItsTrackerAndItsLeases() throws {
      let sweep = try LiveSweep("paused-coordinator", .slow)
      let coordinator = try sweep.startCoordinator()
      for slot in 0..<2 { try sweep.startWorker(slot) }
      for round in 0..<Machine.soak {
        #expect(wait(30) { sweep.recordedCount > 2 + round })
        guard coordinator.isRunning, sweep.recordedCount < sweep.taskCount else { break }
        sweep.noteFault("SIGSTOP coordinator, 6 s")
        coordinator.signal(SIGSTOP)
        Thread.sleep(forTimeInterval: 3)
        let second = try sweep.installation.run(["sweep", "run", sweep.plan.file, "--workers", "1"])
        #expect(second.status == 75 && second.error.contains("process \(coordinator.processID)"), "\(second.error)")
        Thread.sleep(forTimeInterval: 3)
        coordinator.signal(SIGCONT)
      }
      #expect(try sweep.runToEnd() == 0, "\(sweep.coordinatorSaid)")
      #expect(try sweep.count("SELECT epoch FROM coordinator") == 1)
      #expect(try sweep.count("SELECT count(*) FROM attempt WHERE state <> 'completed'") == 0)
      #expect(try sweep.violations(waste: .none) == [])
    }

    /// I3, I4, in real life: a laptop that trains for the group is closed for twice the lease. Its fold is trained elsewhere;
    /// what it brings when it wakes is compared, or taken if it is first.
    @Test func pausedWorkers_loseTheirLeases_andAreTakenBack() throws {
      let sweep = try LiveSweep("paused-workers", LiveSweep.Shape(trials: 12 * Machine.soak, trees: 400))
      try sweep.startCoordinator()
      for slot in 0..<3 { try sweep.startWorker(slot) }
      for round in 0..<(2 * Machine.soak) {
        #expect(wait(30) { sweep.recordedCount >= 3 * (round + 1) })
        let (first, second) = (sweep.workers[round % 3], sweep.workers[(round + 1) % 3])
        sweep.noteFault("SIGSTOP workers \(round % 3) and \((round + 1) % 3), 4 s")
        first?.signal(SIGSTOP)
        second?.signal(SIGSTOP)
        Thread.sleep(forTimeInterval: 4)
        first?.signal(SIGCONT)
        second?.signal(SIGCONT)
      }
      #expect(try sweep.runToEnd() == 0, "\(sweep.coordinatorSaid)")
      #expect(try sweep.count("SELECT count(*) FROM attempt WHERE state IN('lost', 'superseded')") > 0)
      #expect(try sweep.violations() == [])
    }

    /// I8, in real life: someone copies the tracker of a running sweep and runs the copy. Neither disturbs the other.
    @Test(.enabled(if: Machine.hasSQLiteShell, "not run: no sqlite3 here"))
    func copiedTracker_goesItsOwnWay() throws {
      let sweep = try LiveSweep("copied-from", .slow)
      try sweep.startCoordinator()
      for slot in 0..<2 { try sweep.startWorker(slot) }
      #expect(wait(30) { sweep.recordedCount >= 3 })
      let copy = sweep.folder + "/copy"
      try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
      // A copy beside a writer has to be SQLite's own: this is the backup that docs/Reliability.md names.
      try tool("sqlite3", "file:\(sweep.plan.tracker)?mode=ro", ".backup \(copy)/tracker.db")
      let other = try sweep.installation.run(
        ["sweep", "run", sweep.plan.file, "--workers", "1", "--set", "track.db=\(copy)/tracker.db"])
      #expect(other.status == 0, "\(other.error)")
      #expect(other.error.contains("will not run again"))
      #expect(try sweep.runToEnd() == 0, "\(sweep.coordinatorSaid)")
      let copied = Installation.Plan(name: sweep.plan.name, file: "", tracker: copy + "/tracker.db", text: "")
      #expect(try copied.results() == sweep.undisturbedLines())
      #expect(try sweep.violations(waste: .none) == [])
    }

    /// I17, in real life: Slurm or Kubernetes sends SIGTERM to a node in mid-fold. The fold is given back in time, the process
    /// says by its exit status that work was left, and the fold starts elsewhere; its budget of failures is untouched.
    @Test func terminatedWorker_givesItsFoldBack() throws {
      let sweep = try LiveSweep("drain", LiveSweep.Shape(trials: 1, folds: 2, trees: 100_000))
      let coordinator = try sweep.startCoordinator()
      let leaving = try sweep.startWorker(0)
      #expect(wait(30) { sweep.breadcrumb(0) != nil })
      try sweep.startWorker(1)
      let start = ProcessInfo.processInfo.systemUptime
      sweep.noteFault("SIGTERM worker 0")
      leaving.signal(SIGTERM)
      #expect(leaving.end(within: 60) == 75, "\(leaving.said)")
      let ended = ProcessInfo.processInfo.systemUptime
      let drained = "SELECT count(*) FROM attempt WHERE state = 'drained'"
      #expect(wait(20) { (try? sweep.count(drained)) ?? 0 >= 1 })
      let elsewhere = """
        SELECT count(*) FROM v_attempt v JOIN v_attempt w ON v.trial = w.trial AND v.fold = w.fold
        WHERE v.state = 'drained' AND w.worker = 'w1'
        """
      #expect(wait(40) { (try? sweep.count(elsewhere)) ?? 0 >= 1 })
      print("I17: ended \(decimal(ended - start)) s after SIGTERM")
      #expect(try sweep.count("SELECT count(*) FROM attempt WHERE state IN('failed', 'crashed', 'lost')") == 0)
      coordinator.signal(SIGINT)
      coordinator.signal(SIGINT)
    }
  }
}

func decimal(_ value: Double) -> String { String(format: "%.1f", value) }
