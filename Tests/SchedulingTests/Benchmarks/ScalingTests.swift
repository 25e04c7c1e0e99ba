// SPDX-License-Identifier: Apache-2.0

import Foundation
import SimulationKit
import Testing

/// How well many workers are used, in virtual time: both machines as shipped, folds that last as real ones did, a coordinator whose
/// loop takes as long for a message as the real one. Small in every run so that it cannot rot; `make bench-scaling` for the table
/// of docs/Scaling.md.
@Suite struct ScalingTests {
  /// How long folds take.
  struct Folds: Sendable, CustomStringConvertible {
    let name: String
    let milliseconds: [Int64]
    var description: String { name }
    var mean: Double { Double(milliseconds.reduce(0, +)) / Double(milliseconds.count) }

    /// CPU milliseconds of the demo's fifty folds (`SELECT cpu_ms FROM attempt`), of one core.
    private static let demo: [Int64] = [
      134, 106, 115, 108, 97, 126, 97, 121, 99, 93, 94, 98, 135,
      116, 117, 91, 94, 102, 103, 81, 596, 610, 675, 661, 622, 439, 287, 383, 365, 479, 706, 648, 621,
      693, 704, 585, 459, 356, 440, 443, 651, 660, 593, 594, 512, 1276, 1243, 1410, 1482, 1295,
    ]

    static let all = [
      /// `make demo`: linear models, trees, LSTMs on 2,000 synthetic patients.
      Folds(name: "demo", milliseconds: demo),
      /// Thirty times as long, as on thirty times as many patients: all of MIMIC-III.
      Folds(name: "demo × 30", milliseconds: demo.map { $0 * 30 }),
    ]
  }

  /// What the real coordinator's busiest thread takes for a result, and all its messages, in docs/Scaling.md.
  static let messageMicroseconds: Int64 = 52

  @Test(arguments: Folds.all) func efficiency_isPrinted(folds: Folds) {
    let isLarge = ProcessInfo.processInfo.environment["MUSTER_LARGE"] != nil
    for workerCount in isLarge ? [2, 8, 64, 512, 4_096] : [2, 8] {
      var shape = Simulation.Shape()
      shape.workerCount = workerCount
      shape.foldCount = 5
      // Twenty-five folds a worker, so that the end, when some have nothing left to do, is a small part.
      shape.trialCount = workerCount * 5
      shape.troubleShare = 0
      shape.trialIntervalMilliseconds = 0
      shape.foldMilliseconds = folds.milliseconds
      shape.messageMicroseconds = Self.messageMicroseconds
      var simulation = Simulation(seed: 1, plan: FaultPlan(.calm, workerCount: workerCount), shape: shape)
      #expect(simulation.run() == nil)
      #expect(simulation.recordedCount == shape.trialCount * shape.foldCount)
      let work = simulation.workload.tasks.reduce(0) { $0 + simulation.workload.milliseconds($1) }
      let ideal = best(simulation.workload.tasks.map { simulation.workload.milliseconds($0) }, workerCount)
      let share = Double(work) / Double(workerCount) / Double(simulation.lastTrainedAt)
      print(
        "scaling: \(folds), mean \(Int(folds.mean)) ms, \(workerCount) workers, \(simulation.recordedCount) folds: "
          + "\(simulation.lastTrainedAt) ms, efficiency \(percent(share)); folds handed out in this order at no cost "
          + "\(ideal) ms, \(percent(Double(ideal) / Double(simulation.lastTrainedAt))) of it reached")
      #expect(share <= 1 && simulation.lastTrainedAt >= ideal)
    }
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

  /// When the last of the folds ends if whoever is free takes the next at once.
  private func best(_ durations: [Int64], _ workerCount: Int) -> Int64 {
    var free = [Int64](repeating: 0, count: workerCount)
    for duration in durations {
      guard let next = free.indices.min(by: { free[$0] < free[$1] }) else { return 0 }
      free[next] += duration
    }
    return free.max() ?? 0
  }
}
