// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// What a task's state is called outside.
package enum TaskStatus: Hashable, Sendable {
  case queued
  case waiting(until: Tick)
  case reserved(Attempt)
  case leased(Attempt, by: Incarnation)
  case done(Attempt)
  case quarantined
  case cancelled
}

package struct HeldTask: Hashable, Sendable {
  package let taskAttempt: TaskAttempt
  package let since: Tick
  /// Trees, epochs or iterations done, of `stepCount`; 0 of 0 while it waits for the trainer.
  package let step: Int
  package let stepCount: Int
}

package struct WorkerSnapshot: Hashable, Sendable {
  package let identity: WorkerIdentity
  package let slotCount: Int
  package let isDraining: Bool
  package let isReachable: Bool
  package let lastHeard: Tick
  /// In the order of their grants.
  package let held: [HeldTask]
}

/// Views of the machine for the shell's live view and for tests.
extension CoordinatorMachine {
  package var counts: TaskCounts { table.counts }
  package var workerCount: Int { workers.count }
  /// Tasks that all workers together take at a time. O(w).
  package var slotCount: Int { workers.entries.reduce(0) { $0 + ($1?.slotCount ?? 0) } }

  /// Workers by name, then incarnation. O(w log w).
  package var workerSnapshots: [WorkerSnapshot] {
    workers.entries.compactMap { $0 }.map(snapshot).sorted {
      ($0.identity.name, $0.identity.incarnation) < ($1.identity.name, $1.identity.incarnation)
    }
  }

  package func worker(_ incarnation: Incarnation) -> WorkerSnapshot? {
    workers.slot(of: incarnation).map { snapshot(workers[$0]) }
  }

  /// `nil` for a task that no added trial has.
  package func status(of task: TrialTask) -> TaskStatus? {
    guard let index = table.index(of: task) else { return nil }
    switch table.entries[index].state {
    case .queued: return .queued
    case .waiting(let until): return .waiting(until: until)
    case .reserved(let attempt): return .reserved(attempt)
    case .leased(let attempt, let slot): return .leased(attempt, by: workers[Int(slot)].identity.incarnation)
    case .done(let attempt, _): return .done(attempt)
    case .quarantined: return .quarantined
    case .cancelled: return .cancelled
    }
  }

  /// When a tick can next change something by itself, if ever.
  package var nextDeadline: Tick? {
    [workers.nextDeadline.map { $0 + 1 }, queue.nextDue, reserved.isEmpty ? nil : graceEnd].compactMap { $0 }.min()
  }

  private func snapshot(_ worker: WorkerEntry) -> WorkerSnapshot {
    let held = worker.leases.map { lease in
      HeldTask(
        taskAttempt: TaskAttempt(task: table.task(at: lease.index), attempt: lease.attempt), since: lease.since,
        step: lease.step, stepCount: lease.stepCount)
    }
    return WorkerSnapshot(
      identity: worker.identity, slotCount: worker.slotCount, isDraining: worker.isDraining,
      isReachable: worker.isReachable, lastHeard: worker.lastHeard, held: held)
  }
}
