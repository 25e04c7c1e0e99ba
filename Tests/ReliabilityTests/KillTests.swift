// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Sweeps by the executables while their processes, disks, networks and clocks fail. One after the other: each wants both
/// cores of a small machine for itself.
@Suite(.serialized) struct LiveTests {}

extension LiveTests {
  @Suite struct KillTests {
    /// I1, I2, I5, I10, I18, in real life: the head node is rebooted again and again. The workers elsewhere train on, their
    /// folds are adopted, and no fold is trained twice.
    @Test func coordinatorKilledManyTimes_noFoldIsTrainedTwice() throws {
      let sweep = try LiveSweep("coordinator-kills", LiveSweep.Shape(trials: 14 * Machine.soak, trees: 400))
      for slot in 0..<2 { try sweep.startWorker(slot) }
      var restartCount = 0
      for _ in 0..<(6 * Machine.soak) {
        let coordinator = try sweep.startCoordinator()
        let goal = sweep.recordedCount + 2
        wait(20) { sweep.recordedCount >= goal || !coordinator.isRunning }
        guard coordinator.isRunning else { break }
        sweep.kill(coordinator, "coordinator")
        restartCount += 1
      }
      try sweep.startCoordinator()
      #expect(try sweep.runToEnd() == 0, "\(sweep.coordinatorSaid)")
      #expect(restartCount >= 4)
      #expect(try sweep.violations(waste: .none) == [])
      #expect(try sweep.count("SELECT epoch FROM coordinator") == Int64(restartCount) + 1)
    }

    /// I1, I2, I5, I10, in real life: nodes and the head node go down in no order. Each new worker has a disk of its own, so
    /// no crash is confirmed: all is lost contact.
    @Test func anythingKilledManyTimes_tableIsTheSame() throws {
      let shape = LiveSweep.Shape(trials: 16 * Machine.soak, trees: 300, lease: "1s")
      let sweep = try LiveSweep("kill-storm", shape)
      var random = Steps(seed: 5)
      try sweep.startCoordinator()
      for slot in 0..<3 { try sweep.startWorker(slot) }
      for kill in 0..<(24 * Machine.soak) where sweep.recordedCount < sweep.taskCount {
        Thread.sleep(forTimeInterval: 0.05 + 0.25 * Double(random.next(8)) / 8)
        let victim = random.next(4)
        if victim == 3 {
          sweep.kill(sweep.coordinator, "coordinator")
          try sweep.startCoordinator()
        } else {
          sweep.kill(sweep.workers[victim], "worker \(victim)")
          try sweep.clearSpot(victim)
          try sweep.startWorker(victim)
        }
        if kill % 8 == 7 { wait(3) { sweep.recordedCount >= kill } }
      }
      if sweep.coordinator?.isRunning != true { try sweep.startCoordinator() }
      #expect(try sweep.runToEnd() == 0, "\(sweep.coordinatorSaid)")
      #expect(sweep.faults.count >= 10)
      #expect(try sweep.violations() == [])
    }

    /// I7, in real life: one set of parameters drives the worker out of memory each time. After three crashes, each proved by
    /// the breadcrumb of the process before, it is given up; all else is trained.
    @Test func poisonedTask_isGivenUpAfterThreeCrashes() throws {
      let sweep = try LiveSweep("poison", LiveSweep.Shape(trials: 6, trees: 400))
      try sweep.startCoordinator()
      try sweep.startWorker(0)
      var crashCount = 0
      var lastKilled = ""
      wait(60) {
        guard sweep.coordinator?.isRunning == true else { return true }
        // A crumb stays until the next process is welcomed: it is a new one that says that the fold is trained again.
        if let crumb = sweep.breadcrumb(0), crumb.trial == 2, crumb.fold == 1, crumb.attempt != lastKilled,
          sweep.workers[0]?.isRunning == true
        {
          lastKilled = crumb.attempt
          sweep.kill(sweep.workers[0], "worker 0 on 2/1")
          crashCount += 1
        }
        if sweep.workers[0]?.isRunning == false, sweep.coordinator?.isRunning == true {
          do { try sweep.startWorker(0) } catch { return true }
        }
        return false
      }
      #expect(sweep.coordinator?.end(within: 5) == 3, "\(sweep.coordinatorSaid)")
      #expect(crashCount == 3)
      #expect(try sweep.count("SELECT count(*) FROM attempt WHERE state = 'crashed'") == 3)
      #expect(
        try sweep.count("SELECT count(*) FROM quarantine q JOIN trial USING(trial_id) WHERE number = 2 AND fold = 1")
          == 1)
      #expect(sweep.recordedCount == sweep.taskCount - 1)
      #expect(try sweep.violations(isWhole: false) == [])
    }
  }
}

/// Small numbers from a seed: a failing order of kills can be had again.
struct Steps {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }
}
