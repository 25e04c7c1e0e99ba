// SPDX-License-Identifier: Apache-2.0

import Sweeps

/// The order in which open tasks are handed out, one queue for each data set, so that a worker is only offered what it can
/// open.
///
/// Order: tasks that were lost or returned, then the rest, each by place in the table, which is (trial, fold) in the order
/// of arrival. Whole trials end early that way, and the sampler learns from complete scores; a lost task is the oldest
/// debt of its trial, so it goes first.
///
/// Entries are hints: an entry counts only while its task is in state `queued`, so leaving the queue costs nothing and
/// stale entries are dropped when they surface.
struct TaskQueue: Sendable {
  private struct Delayed: Comparable, Sendable {
    let until: Tick
    let index: Int
    static func < (left: Self, right: Self) -> Bool { (left.until, left.index) < (right.until, right.index) }
  }

  /// One heap for each data set, of place in the table, with `freshBit` set for tasks that never were leased.
  private var heaps: [MinHeap<Int>] = []
  private var delayed = MinHeap<Delayed>()
  /// Tasks that failed or crashed a worker; each may be barred from some workers, so they are looked through one by one.
  private var suspects: [Int] = []
  private var suspectSet: Set<Int> = []

  private static let freshBit = 1 << 40
  /// Suspects looked at for each grant: bounds the cost when every task of a sweep fails.
  private static let suspectScanMax = 64

  mutating func push(_ index: Int, dataset: Int, isFirst: Bool) {
    while heaps.count <= dataset { heaps.append(MinHeap()) }
    heaps[dataset].push(isFirst ? index : index | Self.freshBit)
  }

  var hasSuspects: Bool { !suspects.isEmpty }

  mutating func pushSuspect(_ index: Int) {
    if suspectSet.insert(index).inserted { suspects.append(index) }
  }

  mutating func delay(_ index: Int, until: Tick) { delayed.push(Delayed(until: until, index: index)) }

  /// The next task whose wait is over, if any.
  mutating func popDue(at now: Tick) -> Int? {
    guard let first = delayed.min, first.until <= now else { return nil }
    delayed.popMin()
    return first.index
  }

  var nextDue: Tick? { delayed.min?.until }

  /// Takes the first suspect that is still queued and that `mayTake` allows.
  mutating func popSuspect(isQueued: (Int) -> Bool, mayTake: (Int) -> Bool) -> Int? {
    var position = 0
    while position < min(suspects.count, Self.suspectScanMax) {
      let index = suspects[position]
      let isStale = !isQueued(index)
      guard isStale || mayTake(index) else {
        position += 1
        continue
      }
      suspects.remove(at: position)
      suspectSet.remove(index)
      if !isStale { return index }
    }
    return nil
  }

  /// Takes the first queued task of these data sets. O(d log n) for d data sets.
  mutating func pop(datasets: [Int], isQueued: (Int) -> Bool) -> Int? {
    var best: (key: Int, dataset: Int)?
    for dataset in datasets where dataset < heaps.count {
      while let key = heaps[dataset].min, !isQueued(key & ~Self.freshBit) { heaps[dataset].popMin() }
      guard let key = heaps[dataset].min else { continue }
      if best.map({ key < $0.key }) ?? true { best = (key, dataset) }
    }
    guard let best else { return nil }
    heaps[best.dataset].popMin()
    return best.key & ~Self.freshBit
  }
}
