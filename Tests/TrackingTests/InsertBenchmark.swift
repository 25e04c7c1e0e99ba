// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sweeps
import Testing
import TrackerKit
import Tracking

/// What a result costs to record in a small and in a large tracker: leases and results, 100 a commit, flushed to the disk each time.
@Suite struct InsertBenchmark {
  @Test func resultsCostTheSame_inASmallAndALargeTracker() throws {
    let isLarge = ProcessInfo.processInfo.environment["MUSTER_BENCH"] != nil
    for trials in isLarge ? [200, 200_000] : [10, 20] {
      let fixture = try Fixture()
      try GeneratedTracker.fill(fixture.path, trials: trials, steps: 1)
      let results = try TrackerReader(path: fixture.path).sql("SELECT count(*) FROM result").rows[0][0].integer ?? 0
      let microseconds = try cost(fixture, commits: isLarge ? 50 : 2)
      guard isLarge else { continue }
      let size = try FileManager.default.attributesOfItem(atPath: fixture.path)[.size] as? Int ?? 0
      print(
        "insert: with \(results) results (\(size / 1_000_000) MB) in the tracker: \(Int(microseconds)) µs a result, median commit"
      )
    }
  }

  /// Microseconds a result, of the median commit.
  private func cost(_ fixture: Fixture, commits: Int) throws -> Double {
    let store = try TrackerStore(path: fixture.path, codeVersion: "test", at: 100_000_000)
    let sweep = try store.openSweep(registration(name: "insert"), at: 1).id
    try store.commit([.workerJoined(identity)], at: 2)
    var times: [Duration] = []
    for batch in 0..<commits {
      var records: [TrackerRecord] = []
      for index in 0..<20 {
        let number = batch * 20 + index
        records.append(trial(sweep, number))
        for fold in 0..<5 {
          let attempt = attempt(task(sweep, number, fold), store.epoch, Int64(number * 5 + fold + 1))
          records.append(.leaseGranted(attempt, to: worker))
          records.append(.resultAccepted(attempt, from: worker, result(auroc: 0.5 + Double(fold) / 100)))
        }
      }
      times.append(try ContinuousClock().measure { try store.commit(records, at: Int64(batch + 3)) })
    }
    try store.close()
    let median = times.sorted()[times.count / 2]
    return (Double(median.components.seconds) * 1e6 + Double(median.components.attoseconds) / 1e12) / 100
  }
}
