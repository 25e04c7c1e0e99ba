// SPDX-License-Identifier: Apache-2.0

import Sweeps

/// A lease as its holder's entry keeps it.
struct HeldLease: Sendable {
  let index: Int
  let attempt: Attempt
  let since: Tick
  /// When the assignment was sent last.
  var sentAt: Tick
  /// When the worker spoke of it last; the grant, before it ever did.
  var seenAt: Tick
  /// Whether the worker ever spoke of it: the assignment has arrived.
  var isConfirmed: Bool
  var step = 0
  var stepCount = 0
}

struct WorkerEntry: Sendable {
  let identity: WorkerIdentity
  var slotCount: Int
  var datasets: [ContentDigest]
  var room: WorkerRoom
  /// Places of those data sets that some trial uses.
  var datasetPlaces: [Int] = []
  var lastHeard: Tick
  var isDraining: Bool
  var isReachable = true
  var leases: [HeldLease] = []
  /// The newest attempts that this worker has reported on: a delayed hello that still lists one must not revive it.
  var settled: [Attempt] = []
  /// The entry in the table's list of workers with credit that counts; older ones are stale.
  var hungryKey: HungryKey?

  var credit: Int { isDraining || !isReachable ? 0 : max(0, slotCount - leases.count) }

  mutating func settle(_ attempt: Attempt) {
    if settled.count >= 32 { settled.removeFirst() }
    settled.append(attempt)
  }
}

/// Workers with credit: those with the fewest leases first, then those whose host is the least busy for its cores, then those
/// that have waited longest.
struct HungryKey: Comparable, Hashable, Sendable {
  let leaseCount: Int
  /// Thousandths of a host's cores that are at work; 0 where the host does not say how many it has.
  let pressure: Int
  let number: Int
  let slot: Int
  static func < (left: Self, right: Self) -> Bool {
    (left.leaseCount, left.pressure, left.number) < (right.leaseCount, right.pressure, right.number)
  }
}

/// The workers of this epoch, in slots that are used again once their worker has left and holds nothing.
struct WorkerTable: Sendable {
  private struct Deadline: Comparable, Sendable {
    let at: Tick
    let slot: Int
    let incarnation: Incarnation
    static func < (left: Self, right: Self) -> Bool { (left.at, left.slot) < (right.at, right.slot) }
  }

  private(set) var entries: [WorkerEntry?] = []
  private var slots: [Incarnation: Int] = [:]
  private var free: [Int] = []
  private var deadlines = MinHeap<Deadline>()
  private var hungry = MinHeap<HungryKey>()
  private var hungryNumber = 0
  /// Workers of each host that hold a lease.
  private var busyCounts: [String: Int] = [:]

  var count: Int { slots.count }
  func slot(of incarnation: Incarnation) -> Int? { slots[incarnation] }

  subscript(slot: Int) -> WorkerEntry {
    get {
      guard let entry = entries[slot] else { preconditionFailure("no worker in slot \(slot)") }
      return entry
    }
    _modify {
      guard entries[slot] != nil else { preconditionFailure("no worker in slot \(slot)") }
      yield &entries[slot]!
    }
  }

  mutating func add(_ entry: WorkerEntry, patience: Int64) -> Int {
    let slot = free.popLast() ?? entries.count
    if slot == entries.count { entries.append(entry) } else { entries[slot] = entry }
    slots[entry.identity.incarnation] = slot
    deadlines.push(Deadline(at: entry.lastHeard + patience, slot: slot, incarnation: entry.identity.incarnation))
    return slot
  }

  mutating func remove(_ slot: Int) {
    precondition(self[slot].leases.isEmpty, "a worker that holds leases cannot be removed: \(self[slot])")
    slots[self[slot].identity.incarnation] = nil
    entries[slot] = nil
    free.append(slot)
  }

  /// The next worker that has been silent for more than `patience`. Amortised O(log n) for each patience that passes.
  mutating func popSilent(at now: Tick, patience: Int64) -> Int? {
    while let first = deadlines.min, first.at < now {
      deadlines.popMin()
      guard slots[first.incarnation] == first.slot else { continue }
      let deadline = self[first.slot].lastHeard + patience
      if deadline < now { return first.slot }
      deadlines.push(Deadline(at: deadline, slot: first.slot, incarnation: first.incarnation))
    }
    return nil
  }

  var nextDeadline: Tick? { deadlines.min?.at }

  func busyCount(ofHost host: String) -> Int { busyCounts[host] ?? 0 }

  /// A lease is to come to a worker without one, or the last one is gone from it.
  mutating func noteBusy(_ slot: Int, _ isBusy: Bool) {
    let host = self[slot].identity.host
    let count = busyCount(ofHost: host) + (isBusy ? 1 : -1)
    precondition(count >= 0, "busy workers of a host are miscounted: \(self[slot].identity)")
    busyCounts[host] = count == 0 ? nil : count
  }

  /// Enters the worker among those with credit, or takes it out.
  mutating func updateHungry(_ slot: Int) {
    guard self[slot].credit > 0 else {
      self[slot].hungryKey = nil
      return
    }
    let leaseCount = self[slot].leases.count
    if let key = self[slot].hungryKey, key.leaseCount == leaseCount { return }
    hungryNumber += 1
    let coreCount = self[slot].room.coreCount
    let pressure = coreCount > 0 ? busyCount(ofHost: self[slot].identity.host) * 1_000 / coreCount : 0
    let key = HungryKey(leaseCount: leaseCount, pressure: pressure, number: hungryNumber, slot: slot)
    self[slot].hungryKey = key
    hungry.push(key)
    if hungry.count > 4 * entries.count + 64 {
      let entries = entries
      hungry.removeAll { entries[$0.slot]?.hungryKey != $0 }
    }
  }

  /// Whether a worker with credit holds nothing at all. Amortised O(log n).
  mutating func hasIdle() -> Bool {
    while let key = hungry.min {
      if entries[key.slot]?.hungryKey == key { return key.leaseCount == 0 }
      hungry.popMin()
    }
    return false
  }

  mutating func popHungry() -> Int? {
    while let key = hungry.popMin() {
      guard entries[key.slot]?.hungryKey == key else { continue }
      self[key.slot].hungryKey = nil
      return key.slot
    }
    return nil
  }
}
