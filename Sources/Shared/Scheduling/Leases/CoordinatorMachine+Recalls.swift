// SPDX-License-Identifier: Apache-2.0

import Sweeps

/// Work that one worker holds ready while another has nothing to do.
///
/// A worker is handed its next task while it trains one, so that no time passes between two. At the end of a sweep, or of a
/// round, that task would wait behind a long fold for no reason. It is asked for, never taken: the holder gives it back as it
/// does when it drains, unless it has begun it. So a recall that is lost, late or not understood changes nothing.
extension CoordinatorMachine {
  /// What the worker is asked for with the answer to its heartbeat: the task it was handed last, if it has held that for a
  /// heartbeat and more, nothing is queued, and more workers could begin it now than others have been asked on account of.
  ///
  /// O(workers), where somebody is idle; else O(log workers).
  mutating func recall(from slot: Int) -> [TaskAttempt] {
    for lease in workers[slot].leases { recalled.remove(lease.attempt) }
    guard !isDraining, !workers[slot].isDraining, table.counts.queued == 0, workers[slot].leases.count > 1,
      let lease = workers[slot].leases.last,
      lease.isConfirmed, now.milliseconds - lease.since.milliseconds > settings.heartbeatMilliseconds,
      workers.hasIdle(), idleCount(for: lease.index, upTo: recalled.count + 1) > recalled.count
    else { return [] }
    recalled.insert(lease.attempt)
    return [TaskAttempt(task: table.task(at: lease.index), attempt: lease.attempt)]
  }

  /// Workers that hold nothing and could begin the task now; counted up to a bound.
  private func idleCount(for index: Int, upTo bound: Int) -> Int {
    let dataset = table.dataset(at: index)
    var count = 0
    for (slot, worker) in workers.entries.enumerated() where count < bound {
      guard let worker, worker.leases.isEmpty, worker.credit > 0, worker.datasetPlaces.contains(dataset),
        !(suspicions[index]?.isAgainst(worker.identity) ?? false), hasRoom(slot)
      else { continue }
      count += 1
    }
    return count
  }
}
