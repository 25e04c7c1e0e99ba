// SPDX-License-Identifier: Apache-2.0

import Sweeps

extension CoordinatorMachine {
  /// What must hold of a task after each event that touched it. On in production too: it is cheap beside a message.
  func checkInvariants(of index: Int) {
    let entry = table.entries[index]
    if case .leased(let attempt, let slot) = entry.state {
      let held = workers[Int(slot)].leases.filter { $0.index == index }
      precondition(
        held.count == 1 && held[0].attempt == attempt, "\(table.task(at: index)) is leased as \(attempt), held: \(held)"
      )
      precondition(isPlausible(attempt), "\(attempt) was never given out: \(table.task(at: index))")
    }
    let trial = table.trials[Int(entry.trial)]
    precondition(!entry.state.isOpen || trial.order != nil, "\(table.task(at: index)) is open and has no order")
  }

  /// All invariants over the whole state. O(tasks + leases): for tests.
  package func checkInvariants() {
    var counts = TaskCounts()
    var openCounts = Array(repeating: 0, count: table.trials.count)
    for (index, entry) in table.entries.enumerated() {
      checkInvariants(of: index)
      counts.add(1, to: entry.state)
      if entry.state.isOpen { openCounts[Int(entry.trial)] += 1 }
      if case .reserved = entry.state { precondition(reserved.contains(index), "reservation \(index) is not listed") }
      if !entry.state.isOpen {
        precondition(
          lapsed[index] == nil && crashed[index] == nil && suspicions[index] == nil, "ended, yet kept: \(index)")
      }
    }
    precondition(counts == table.counts, "counted \(counts), kept \(table.counts)")
    precondition(openCounts == table.trials.map(\.openCount), "open tasks of trials are miscounted")
    var attempts: Set<Attempt> = []
    for (slot, worker) in workers.entries.enumerated() {
      guard let worker else { continue }
      precondition(workers.slot(of: worker.identity.incarnation) == slot, "slot \(slot) is not its worker's")
      precondition((worker.hungryKey != nil) == (worker.credit > 0), "credit and list disagree: \(worker)")
      for lease in worker.leases {
        precondition(attempts.insert(lease.attempt).inserted, "\(lease.attempt) is leased twice")
        precondition(
          table.entries[lease.index].state == .leased(lease.attempt, worker: Int32(slot)), "held, not leased: \(lease)")
      }
    }
    precondition(attempts.count == counts.leased, "\(attempts.count) leases held, \(counts.leased) tasks leased")
  }
}
