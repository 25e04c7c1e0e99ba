// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import Scheduling
import Sweeps

/// A whole sweep in virtual time: both machines as shipped, with simulated shells, network, disk and processes.
///
/// Everything is a function of (seed, shape): a failure replays from its message. The parts of the run are in extensions:
/// faults, network, the two shells, checks.
package struct Simulation {
  enum Event {
    case coordinatorStarts
    case coordinatorTick(generation: Int)
    case commit(generation: Int)
    case trialAdded(Int)
    case trialCancelled(Int)
    case toCoordinator(WorkerMessage, spot: Int)
    case toWorker(CoordinatorMessage, spot: Int)
    case workerStarts(spot: Int)
    case workerTick(spot: Int, generation: Int)
    case trainingEnds(spot: Int, Attempt)
    case fetched(spot: Int, generation: Int)
    case trainingStops(spot: Int, Attempt)
    case coordinatorDies(CrashPoint)
    case coordinatorPauses(milliseconds: Int64)
    case workerDies(spot: Int)
    case workerDrains(spot: Int)
    case workerPauses(spot: Int, milliseconds: Int64)
    case cut(spot: Int, toCoordinator: Bool, toWorker: Bool, milliseconds: Int64)
    case healed
  }

  /// Where in a group commit the coordinator dies.
  enum CrashPoint: Int {
    case atOnce
    case beforeCommit
    case afterCommit
    case betweenSends
  }

  package struct Shape: Sendable {
    package var workerCount = 4
    package var trialCount = 4
    package var foldCount = 3
    package var slotCount = 2
    package var troubleShare = 0.08
    /// Between two trials that are proposed.
    package var trialIntervalMilliseconds: Int64 = 700
    /// Of folds, drawn from by task; empty: evenly 50 to 4,050.
    package var foldMilliseconds: [Int64] = []
    /// What each message takes of the coordinator's one loop; 0: nothing.
    package var messageMicroseconds: Int64 = 0
    /// All spots but the first begin without the data set and fetch it.
    package var startsCold = false
    /// Cores of a host, of which each task takes one; 0: nothing is asked of hosts.
    package var coreCount = 0
    package init() {}

    /// Mostly small, for small runs show most bugs and many fit in a minute; now and then larger, or with one worker.
    package init(of seed: UInt64) {
      switch seed % 16 {
      case 7: (workerCount, trialCount, foldCount) = (8, 8, 5)
      case 11: workerCount = 1
      case 13: slotCount = 1
      case 3: startsCold = true
      case 5: coreCount = 1
      case 9: (startsCold, coreCount) = (true, 1)
      default: break
      }
    }
  }

  /// The run that a failure message names.
  package init(seed: UInt64, _ kind: FaultPlan.Kind, bug: PlantedBug? = nil) {
    let shape = Shape(of: seed)
    self.init(seed: seed, plan: FaultPlan(kind, workerCount: shape.workerCount), shape: shape, bug: bug)
  }

  package let seed: UInt64
  package let plan: FaultPlan
  package let shape: Shape
  let bug: PlantedBug?
  let settings: SchedulerSettings
  package let workload: Workload
  var random: CounterGenerator
  var heap = EventHeap<Event>()
  var now: Int64 = 0
  var isHealed = false
  var healedAt: Int64 = 0
  var isDrainSent = false

  var coordinator: CoordinatorMachine?
  var coordinatorGeneration = 0
  var coordinatorPausedUntil: Int64 = 0
  var crashAtCommit: CrashPoint?
  var outbox: [CoordinatorMessage] = []
  var isCommitPending = false
  var tracker = SimulatedTracker()
  /// Durable with the tracker: trials proposed, and those given up.
  var trialsAdded: Set<Int> = []
  var trialsCancelled: Set<Int> = []
  var lastDelivered: [Incarnation: Int64] = [:]

  var workers: [SimulatedWorker]
  var spots: [Incarnation: Int] = [:]
  var incarnationCount: UInt64 = 0

  // What the checker knows.
  var startCounts: [TrialTask: Int] = [:]
  var failureCounts: [TrialTask: Int] = [:]
  var crashCounts: [TrialTask: Int] = [:]
  package internal(set) var violations: [String] = []
  package internal(set) var probes: Set<String> = []
  package internal(set) var eventCount = 0
  /// Set, it measures what the coordinator's decisions cost in real time.
  package var isTiming = false
  package internal(set) var coordinatorDuration: Duration = .zero
  package internal(set) var coordinatorEventCount = 0
  package var recordedCount: Int { tracker.results.count }
  /// Until then the coordinator's loop has messages before it.
  var busyUntilMicroseconds: Int64 = 0
  /// Virtual time at which the last sound fold was trained.
  package internal(set) var lastTrainedAt: Int64 = 0
  /// Virtual time.
  package var elapsedMilliseconds: Int64 { now }
  /// Set, it keeps the run's history for whoever replays a seed.
  package var isLogging = false
  package internal(set) var history: [String] = []

  package init(seed: UInt64, plan: FaultPlan, shape: Shape, bug: PlantedBug? = nil) {
    self.seed = seed
    self.plan = plan
    self.shape = shape
    self.bug = bug
    var settings = SchedulerSettings()
    settings.heartbeatMilliseconds = 2_000
    settings.leaseMilliseconds = 8_000
    settings.graceMilliseconds = 5_000
    settings.backoffMilliseconds = 200
    settings.backoffMillisecondsMax = 2_000
    workload = Workload(
      seed: seed, trialCount: shape.trialCount, foldCount: shape.foldCount, troubleShare: shape.troubleShare,
      // A poison task takes undelivered results down with its worker, which would be counted as waste.
      hasPoison: plan.kind == .calm || plan.kind == .storm, durations: shape.foldMilliseconds)
    if shape.startsCold {
      settings.bulkPort = 1
      settings.served = [workload.dataset: 1_000]
    }
    settings.requirements.coreCount = shape.coreCount == 0 ? 0 : 1
    self.settings = settings
    random = CounterGenerator(key: CounterGenerator.mix(seed))
    workers = (0..<shape.workerCount).map { SimulatedWorker(host: "host-\($0 % 3)") }
    scheduleStart()
    scheduleFaults()
  }

  /// Runs to the end, or to the first broken invariant. The result is what broke, with the seed that shows it again.
  package mutating func run() -> String? {
    // Four leases, and all work done once more by one worker, with the waits of the worst task: far beyond what is promised.
    let patience = 12 * settings.leaseMilliseconds + Int64(workload.tasks.count) * 8_000
    while violations.isEmpty, let (time, event) = heap.pop() {
      now = time
      eventCount += 1
      if isHealed, now > healedAt + patience {
        violations.append("I5: not at its end \(patience) ms after healing: \(progressText)")
        break
      }
      step(event)
      violations += tracker.violations
      if isOver { break }
    }
    if violations.isEmpty { checkEnd() }
    return violations.first.map { "\(title), at \(now) ms: \($0)" }
  }

  private var title: String {
    let shapeText = "\(shape.workerCount) workers, \(shape.trialCount) trials of \(shape.foldCount) folds"
    return "seed \(seed), \(plan.kind.rawValue)\(bug.map { ", with \($0.rawValue)" } ?? ""), \(shapeText)"
  }

  mutating func log(_ text: @autoclosure () -> String) {
    if isLogging { history.append("\(now): \(text())") }
  }

  private mutating func step(_ event: Event) {
    switch event {
    case .coordinatorStarts: startCoordinator()
    case .coordinatorTick(let generation): if generation == coordinatorGeneration { tickCoordinator(event) }
    case .commit(let generation): if generation == coordinatorGeneration { commit(event) }
    case .trialAdded(let trial): addTrial(trial)
    case .trialCancelled(let trial): cancelTrial(trial)
    case .toCoordinator(let message, let spot): deliverToCoordinator(message, spot, event)
    case .toWorker(let message, let spot): deliverToWorker(message, spot, event)
    case .workerStarts(let spot): startWorker(spot)
    case .workerTick(let spot, let generation): tickWorker(spot, generation, event)
    case .trainingEnds(let spot, let attempt): endTraining(spot, attempt, event)
    case .trainingStops(let spot, let attempt): stopTraining(spot, attempt)
    case .fetched(let spot, let generation): endFetch(spot, generation, event)
    case .healed: heal()
    default:
      log("fault \(event)")
      injectFault(event)
    }
  }

  var isOver: Bool { isDrainSent && workers.allSatisfy { $0.isGone } }

  private var progressText: String {
    let counts = coordinator.map { "\($0.counts)" } ?? "no coordinator"
    let alive = workers.filter { $0.machine != nil }.count
    return "\(counts), \(alive) workers alive, drain \(isDrainSent ? "sent" : "not sent")"
  }
}
