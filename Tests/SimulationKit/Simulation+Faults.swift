// SPDX-License-Identifier: Apache-2.0

import Randomness
import Sweeps

extension Simulation {
  mutating func scheduleStart() {
    heap.push(.coordinatorStarts, at: 0)
    for spot in workers.indices { heap.push(.workerStarts(spot: spot), at: Int64(random.below(500))) }
    for trial in 0..<shape.trialCount {
      // Some are there from the start, others are proposed while it runs.
      heap.push(.trialAdded(trial), at: trial < 2 ? 0 : Int64(trial) * shape.trialIntervalMilliseconds)
    }
  }

  mutating func scheduleFaults() {
    func moment() -> Int64 { Int64(random.below(Int(max(plan.endMilliseconds, 1)))) }
    for _ in 0..<plan.workerCrashCount { heap.push(.workerDies(spot: random.below(workers.count)), at: moment()) }
    for _ in 0..<plan.drainCount { heap.push(.workerDrains(spot: random.below(workers.count)), at: moment()) }
    for _ in 0..<plan.pauseCount {
      let length = Int64(500 + random.below(20_000))
      if random.below(3) == 0 {
        heap.push(.coordinatorPauses(milliseconds: length), at: moment())
      } else {
        heap.push(.workerPauses(spot: random.below(workers.count), milliseconds: length), at: moment())
      }
    }
    for _ in 0..<plan.coordinatorCrashCount {
      heap.push(.coordinatorDies(CrashPoint(rawValue: random.below(4)) ?? .atOnce), at: moment())
    }
    for _ in 0..<plan.cutCount {
      let way = random.below(4)
      heap.push(
        .cut(
          spot: random.below(workers.count), toCoordinator: way != 1, toWorker: way != 2,
          milliseconds: Int64(500 + random.below(25_000))), at: moment())
    }
    if plan.kind == .storm, random.below(4) == 0 {
      heap.push(.trialCancelled(random.below(shape.trialCount)), at: moment())
    }
    heap.push(.healed, at: plan.endMilliseconds)
  }

  mutating func injectFault(_ event: Event) {
    switch event {
    case .coordinatorDies(let point):
      if point == .atOnce { killCoordinator() } else { crashAtCommit = point }
    case .coordinatorPauses(let length): coordinatorPausedUntil = max(coordinatorPausedUntil, now + length)
    case .workerDies(let spot): killWorker(spot)
    case .workerDrains(let spot): drainWorker(spot)
    case .workerPauses(let spot, let length): workers[spot].pausedUntil = max(workers[spot].pausedUntil, now + length)
    case .cut(let spot, let toCoordinator, let toWorker, let length):
      if toCoordinator { workers[spot].toCoordinator.cut(until: now + length) }
      if toWorker { workers[spot].toWorker.cut(until: now + length) }
    default: break
    }
  }

  /// The network is sound from here on, pauses end, and no one dies but by a poison task. What is down comes up.
  mutating func heal() {
    isHealed = true
    healedAt = now
    crashAtCommit = nil
    coordinatorPausedUntil = min(coordinatorPausedUntil, now)
    for spot in workers.indices {
      workers[spot].pausedUntil = min(workers[spot].pausedUntil, now)
      workers[spot].toCoordinator.cutUntil = now
      workers[spot].toWorker.cutUntil = now
      workers[spot].slowness = 1
    }
  }

  // MARK: The network

  /// When each copy of a message arrives; none for a lost one. `last` is the way's latest arrival: one connection keeps its
  /// order, and only a storm breaks connections.
  private mutating func arrivals(isCut: Bool, lastLost: inout Bool, last: inout Int64) -> [Int64] {
    if isHealed || plan.kind == .calm {
      last = max(last, now + Int64(1 + random.below(5)))
      return [last]
    }
    let mayLose = !(plan.neverTwiceInARow && lastLost)
    lastLost = isCut || (mayLose && random.uniform() < plan.lossShare)
    if lastLost { return [] }
    var times = [delayed()]
    if plan.repeatShare > 0, random.uniform() < plan.repeatShare { times.append(delayed()) }
    guard plan.kind != .storm else { return times }
    times = times.map { max($0, last) }
    last = times.max() ?? last
    return times
  }

  private mutating func delayed() -> Int64 {
    guard plan.delayShare > 0, random.uniform() < plan.delayShare else { return now + Int64(1 + random.below(20)) }
    return now + Int64(100 + random.below(random.below(4) == 0 ? 60_000 : 4_000))
  }

  mutating func sendToCoordinator(_ message: WorkerMessage, from spot: Int) {
    var way = workers[spot].toCoordinator
    for time in arrivals(isCut: now < way.cutUntil, lastLost: &way.lastLost, last: &way.lastArrival) {
      heap.push(.toCoordinator(message, spot: spot), at: time)
    }
    workers[spot].toCoordinator = way
  }

  mutating func sendToWorker(_ message: CoordinatorMessage) {
    guard let spot = spots[message.recipient] else { return }
    var way = workers[spot].toWorker
    for time in arrivals(isCut: now < way.cutUntil, lastLost: &way.lastLost, last: &way.lastArrival) {
      heap.push(.toWorker(message, spot: spot), at: time)
    }
    workers[spot].toWorker = way
  }
}
