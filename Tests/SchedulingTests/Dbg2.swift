import SimulationKit
import Testing
@Suite struct Dbg2 {
  @Test func bugs() {
    for bug in PlantedBug.allCases {
      for kind in FaultPlan.Kind.allCases {
        let f = sweep(kind, seeds: 1...1000, bug: bug)
        if let x = f.first { print(bug, kind, x.prefix(200)) }
      }
    }
    var probes: [String: Int] = [:]
    for seed in 1...1000 { for kind in FaultPlan.Kind.allCases { 
      var s = Simulation(seed: UInt64(seed), plan: FaultPlan(kind, workerCount: 4), shape: Simulation.Shape()); _ = s.run()
      for p in s.probes { probes[p, default: 0] += 1 } } }
    print(probes.sorted { $0.key < $1.key })
  }
}
