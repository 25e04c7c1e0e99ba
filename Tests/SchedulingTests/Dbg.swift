import SimulationKit
import Testing

#if canImport(Glibc)
  import Glibc
#endif
@Suite struct Dbg {
  @Test func replay() {
    let seed = UInt64(String(cString: getenv("SEED")))!,
      kind = FaultPlan.Kind(rawValue: String(cString: getenv("KIND")))!
    var s = Simulation(seed: seed, plan: FaultPlan(kind, workerCount: 4), shape: Simulation.Shape())
    s.isLogging = true
    let f = s.run()
    print(s.history.joined(separator: "\n")); print(f ?? "ok")
  }
}
