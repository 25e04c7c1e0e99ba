// SPDX-License-Identifier: Apache-2.0

import Foundation
import SimulationKit
import Testing

/// Both machines, as shipped, in simulated sweeps.
///
/// A failure names its seed. Its history: `MUSTER_SEED=12 MUSTER_FAULTS=storm swift test -c release --filter Simulation`.
/// More seeds: `MUSTER_SEEDS=1000000`, from `MUSTER_FIRST_SEED` on.
@Suite struct SimulationTests {
  static let environment = ProcessInfo.processInfo.environment

  /// Some of the seeds of one weather: storms are shared out to as many lanes as there are cores.
  struct Lane: CustomStringConvertible, Sendable {
    let kind: FaultPlan.Kind
    let number: UInt64
    let laneCount: UInt64
    var description: String { "\(kind.rawValue), lane \(number) of \(laneCount)" }

    static let all = FaultPlan.Kind.allCases.flatMap { kind -> [Lane] in
      let count = kind == .storm ? UInt64(ProcessInfo.processInfo.activeProcessorCount) : 1
      return (0..<count).map { Lane(kind: kind, number: $0, laneCount: count) }
    }
  }

  /// Goal: no broken invariant, whatever fails. Method: 10,000 storms, and 1,000 runs of each gentler kind, in which
  /// nothing may run twice either. A debug build runs a fiftieth of them.
  @Test(arguments: Lane.all)
  func anySeed_keepsEveryInvariant(lane: Lane) {
    #if DEBUG
      let divisor: UInt64 = 50
    #else
      let divisor: UInt64 = 1
    #endif
    func number(_ name: String) -> UInt64? { Self.environment[name].flatMap(UInt64.init) }
    let first = number("MUSTER_FIRST_SEED") ?? 1
    let last = number("MUSTER_SEEDS") ?? 10_000 / divisor
    let (low, high) = lane.kind == .storm ? (first, last) : (max(1, first / 10), max(1, last / 10))
    for seed in stride(from: low + lane.number, through: max(low, high), by: Int(lane.laneCount)) {
      var simulation = Simulation(seed: seed, lane.kind)
      if let failure = simulation.run() {
        Issue.record("\(failure)")
        return
      }
      if (seed - low - lane.number) / lane.laneCount % 50_000 == 49_999 {
        print("soak: \(lane), sound to seed \(seed)")
      }
    }
  }

  /// Goal: each mistake that the simulation is there to find is found. Method: plant it in the simulated shells.
  @Test(arguments: PlantedBug.allCases)
  func plantedBug_isFound(bug: PlantedBug) {
    let isFound = (1...500 as ClosedRange<UInt64>).contains { seed in
      var simulation = Simulation(seed: seed, bug.faults, bug: bug)
      return simulation.run() != nil
    }
    #expect(isFound, "no seed of 1...500 shows \(bug.rawValue) under \(bug.faults.rawValue)")
  }

  /// Goal: the simulation reaches the rare branches; a run that never loses a lease proves nothing. Method: count what
  /// the machines report over 300 seeds of each kind.
  @Test func rareBranches_areReached() {
    var reached: Set<String> = []
    for kind in FaultPlan.Kind.allCases {
      for seed in 1...300 as ClosedRange<UInt64> {
        var simulation = Simulation(seed: seed, kind)
        _ = simulation.run()
        reached.formUnion(simulation.probes)
      }
    }
    let wanted: Set<String> = [
      "assignmentRepeated", "cancel", "drain", "epochStale", "exit.0", "exit.75", "graceEnded", "leaseAdopted",
      "leaseEnded.cancelled", "leaseEnded.crashed", "leaseEnded.drained", "leaseEnded.failed", "leaseEnded.lost",
      "leaseEnded.superseded", "fetched", "messageForAnotherProcess", "recalled", "remakeSocket",
      "resultUnneeded.duplicate", "resultUnneeded.superseded", "taskQuarantined", "workerLeft",
    ]
    #expect(wanted.subtracting(reached).isEmpty, "never reached: \(wanted.subtracting(reached).sorted())")
  }

  /// Goal: a seed replays exactly, or its message is worth nothing. Method: the history twice.
  @Test func seed_replaysExactly() {
    for seed in 1...20 as ClosedRange<UInt64> {
      let histories = (0..<2).map { _ in
        var simulation = Simulation(seed: seed, .storm)
        simulation.isLogging = true
        _ = simulation.run()
        return simulation.history
      }
      #expect(histories[0] == histories[1], "seed \(seed)")
      #expect(histories[0].count > 100, "seed \(seed)")
    }
  }

  /// Not a check: prints the history of the seed that a failure named. Not run: when MUSTER_SEED is not set.
  @Test(.enabled(if: environment["MUSTER_SEED"] != nil))
  func namedSeed_isShown() throws {
    let seed = try #require(Self.environment["MUSTER_SEED"].flatMap(UInt64.init))
    let kind = try #require(FaultPlan.Kind(rawValue: Self.environment["MUSTER_FAULTS"] ?? "storm"))
    var simulation = Simulation(seed: seed, kind)
    simulation.isLogging = true
    let failure = simulation.run()
    print(simulation.history.joined(separator: "\n"))
    print(failure ?? "seed \(seed), \(kind.rawValue): no invariant broken")
  }
}
