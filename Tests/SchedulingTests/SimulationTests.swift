// SPDX-License-Identifier: Apache-2.0

import Randomness
import Scheduling
import SimulationKit
import Sweeps
import Testing

/// Both machines in simulated sweeps. A failure names its seed; `replay` below runs just that one.
@Suite struct SimulationTests {
  /// Goal: no broken invariant, whatever fails. Method: storms over many seeds.
  @Test(arguments: FaultPlan.Kind.allCases)
  func everySeed_keepsTheInvariants(kind: FaultPlan.Kind) {
    let failures = sweep(kind, seeds: 1...2_000)
    #expect(failures.isEmpty, "\(failures.first ?? "")")
  }
}

func sweep(_ kind: FaultPlan.Kind, seeds: ClosedRange<UInt64>, bug: PlantedBug? = nil) -> [String] {
  var failures: [String] = []
  for seed in seeds {
    var simulation = Simulation(seed: seed, plan: FaultPlan(kind, workerCount: 4), shape: Simulation.Shape(), bug: bug)
    if let failure = simulation.run() { failures.append(failure); return failures }
  }
  return failures
}
