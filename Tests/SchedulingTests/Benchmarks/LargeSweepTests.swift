// SPDX-License-Identifier: Apache-2.0

import Foundation
import SimulationKit
import Testing

/// A large sweep through both machines as shipped, in virtual time, every invariant checked as in the small ones. Small in every
/// run so that it cannot rot; `MUSTER_LARGE=1` for 1,000 workers and 100,000 tasks. Times are printed, never checked.
@Suite struct LargeSweepTests {
  @Test func largeSweep_keepsEveryInvariant_andItsCostIsPrinted() {
    let isLarge = ProcessInfo.processInfo.environment["MUSTER_LARGE"] != nil
    var shape = Simulation.Shape()
    shape.workerCount = isLarge ? 1_000 : 40
    shape.trialCount = isLarge ? 20_000 : 200
    shape.foldCount = 5
    // Trials come about as fast as the crew trains them: a fold takes 2 s.
    shape.trialIntervalMilliseconds = isLarge ? 10 : 250
    var simulation = Simulation(seed: 1, plan: FaultPlan(.calm, workerCount: shape.workerCount), shape: shape)
    simulation.isTiming = true
    let started = ContinuousClock.now
    let failure = simulation.run()
    let wall = started.duration(to: .now)
    #expect(failure == nil)
    let taskCount = shape.trialCount * shape.foldCount
    print(
      "large sweep: \(shape.workerCount) workers, \(taskCount) tasks, \(simulation.recordedCount) results: virtual "
        + "\(simulation.elapsedMilliseconds / 1_000) s in \(wall); the coordinator: \(simulation.coordinatorEventCount) "
        + "events, \(simulation.coordinatorDuration / taskCount) a task")
  }
}
