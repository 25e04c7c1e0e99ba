// SPDX-License-Identifier: Apache-2.0

import GRDB
import Sweeps

/// By how much one commit changes `sweep_total`, sweep by sweep: one statement a sweep and commit, however many results.
struct SweepTotals {
  private struct Change {
    var trials: [TrialState: Int] = [:]
    var folds = 0
    var cpuMilliseconds: Int64 = 0
    var lastResult: Int64?
  }

  private var changes: [SweepID: Change] = [:]

  mutating func add(_ sweep: SweepID) { changes[sweep, default: Change()].trials[.running, default: 0] += 1 }

  mutating func move(_ sweep: SweepID, from: TrialState, to: TrialState) {
    changes[sweep, default: Change()].trials[from, default: 0] -= 1
    changes[sweep, default: Change()].trials[to, default: 0] += 1
  }

  mutating func record(_ sweep: SweepID, _ cost: Cost, at now: Int64) {
    var change = changes[sweep, default: Change()]
    change.folds += 1
    change.cpuMilliseconds += Int64(cost.cpuMilliseconds)
    change.lastResult = max(change.lastResult ?? now, now)
    changes[sweep] = change
  }

  func write(to database: Database) throws {
    for (sweep, change) in changes.sorted(by: { $0.key.value < $1.key.value }) {
      func count(_ state: TrialState) -> Int { change.trials[state] ?? 0 }
      // max() of two is NULL where one is.
      try database.run(
        """
        UPDATE sweep_total SET trials = trials + ?, completed = completed + ?, pruned = pruned + ?, failed = failed + ?,
          running = running + ?, folds = folds + ?, cpu_ms = cpu_ms + ?,
          last_result_ms = coalesce(max(last_result_ms, ?), ?, last_result_ms)
        WHERE sweep_id = ?
        """, change.trials.values.reduce(0, +), count(.completed), count(.pruned), count(.failed), count(.running),
        change.folds, change.cpuMilliseconds, change.lastResult, change.lastResult, sweep.value)
    }
  }
}
