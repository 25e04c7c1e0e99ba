// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// The worker's half of a session: what it trains next, what it has to deliver, and whom it believes.
///
/// Pure, as its counterpart is. It keeps each report until it is acknowledged, over lost messages, new sockets and new
/// coordinators, and goes on training meanwhile.
package struct WorkerMachine: Sendable {
  /// Ways out: `idle` by `start`; `connecting` by a welcome; `active` by silence or `helloAgain`, to `connecting`; each by
  /// the end of a drain or a rejection, to `ended`, which is final.
  enum Phase: Hashable, Sendable {
    case idle
    case connecting
    case active
    case ended
  }

  /// A report that the coordinator has not acknowledged yet.
  struct Undelivered: Sendable {
    let taskAttempt: TaskAttempt
    let body: WorkerMessage.Body
    /// How far it had come; heartbeats go on naming it.
    let progress: TaskProgress
    var sendAt: Tick
    var wait: Int64
  }

  struct Running: Sendable {
    let assignment: Assignment
    var step = 0
    var stepCount = 0
    var isCancelled = false

    var progress: TaskProgress {
      TaskProgress(taskAttempt: assignment.taskAttempt, step: step, stepCount: stepCount)
    }
  }

  package let identity: WorkerIdentity
  let slotCount: Int
  /// Ascending; grows as fetched ones arrive.
  package private(set) var datasets: [ContentDigest]
  let room: WorkerRoom
  let settings: WorkerSettings
  var now: Tick
  var phase = Phase.idle
  /// The epoch of the coordinator that welcomed this worker last; 0 before the first welcome.
  package var epoch: Int64 = 0
  var heartbeatMilliseconds: Int64
  var running: Running?
  var ready: [Assignment] = []
  var undelivered: [Undelivered] = []
  /// What an earlier process on this spot left behind; told in each hello until one is answered.
  var crashed: [TaskAttempt]
  /// Attempts that ended here and are delivered: a delayed assignment must not start one again.
  var settled: [Attempt] = []
  package var isDraining = false
  /// When a draining worker gives up delivering: counted from the end of its last training.
  var deliveryEnd: Tick?
  var hasReturnedWork = false
  var helloAt: Tick
  var heartbeatAt: Tick
  var silenceEnd: Tick
  private var jitter: UInt64
  private var directives: [Directive] = []

  /// - Parameters:
  ///   - slotCount: tasks it takes at a time: 1 to train and the rest to hold ready.
  ///   - crashed: the breadcrumbs found on this spot.
  ///   - jitterSeed: moves timers apart between workers; nothing else depends on it.
  package init(
    identity: WorkerIdentity, datasets: [ContentDigest], slotCount: Int, crashed: [TaskAttempt] = [],
    settings: WorkerSettings = WorkerSettings(), room: WorkerRoom = WorkerRoom(), jitterSeed: UInt64,
    at now: Tick = Tick(milliseconds: 0)
  ) {
    precondition(slotCount >= 1, "a worker needs a slot, got \(slotCount)")
    self.identity = identity
    self.slotCount = slotCount
    self.datasets = datasets.sorted()
    self.room = room
    self.crashed = crashed
    self.settings = settings
    self.now = now
    heartbeatMilliseconds = settings.heartbeatMilliseconds
    helloAt = now
    heartbeatAt = now
    silenceEnd = now
    jitter = jitterSeed
  }

  package mutating func handle(_ event: Event, at time: Tick) -> [Directive] {
    now = max(now, time)
    guard phase != .ended else { return [] }
    switch event {
    case .start: start()
    case .message(let message): receive(message)
    case .tick: break
    case .finished(let taskAttempt, let result):
      endTraining(taskAttempt, report: .result(taskAttempt, result))
    case .failed(let taskAttempt, let failure):
      endTraining(taskAttempt, report: .failed(taskAttempt, failure))
    case .stopped(let taskAttempt):
      let isUnwanted = running?.isCancelled ?? false
      if !isUnwanted { hasReturnedWork = true }
      endTraining(taskAttempt, report: isUnwanted ? nil : .returned(taskAttempt))
    case .progress(let progress): note(progress)
    case .drain: beginDraining()
    case .holds(let dataset): hold(dataset)
    }
    if phase != .idle, phase != .ended { runTimers() }
    trainNext()
    endIfDrained()
    checkInvariants()
    defer { directives.removeAll() }
    return directives
  }

  /// Attempts this worker has and has not reported on.
  package var heldAttempts: [TaskAttempt] {
    (running.map { [$0.assignment.taskAttempt] } ?? []) + ready.map(\.taskAttempt)
  }

  package var undeliveredAttempts: [TaskAttempt] { undelivered.map(\.taskAttempt) }
  package var isConnected: Bool { phase == .active }

  /// The coordinator learns of it from a hello.
  private mutating func hold(_ dataset: ContentDigest) {
    guard !datasets.contains(dataset) else { return }
    datasets = (datasets + [dataset]).sorted()
    if phase == .active { connect() }
  }

  mutating func direct(_ directive: Directive) { directives.append(directive) }

  mutating func send(_ body: WorkerMessage.Body) {
    directives.append(.send(WorkerMessage(incarnation: identity.incarnation, epoch: epoch, body: body)))
  }

  /// Uniform on 0..<bound; a linear congruential generator is random enough to keep workers apart.
  ///
  /// - Source: Knuth, The Art of Computer Programming, volume 2, section 3.3.4 (MMIX's multiplier).
  mutating func nextJitter(below bound: Int64) -> Int64 {
    jitter = jitter &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return bound > 0 ? Int64((jitter >> 33) % UInt64(bound)) : 0
  }

  private func checkInvariants() {
    let attempts = heldAttempts.map(\.attempt) + undelivered.map(\.taskAttempt.attempt)
    // The lists are a few slots long, so the square of their length is less than a hash.
    for (place, attempt) in attempts.enumerated() {
      precondition(!attempts[..<place].contains(attempt), "\(attempt) is held twice: \(self)")
    }
    precondition(running != nil || ready.isEmpty || phase == .ended, "idle beside work: \(self)")
  }
}
