// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import Search
import Sweeps

/// A tabulated sweep: what each fold of each trial scored and cost when it was trained once, for good.
struct ScoreTable: Sendable {
  struct Row: Sendable {
    let learner: Learner
    let scores: [Double]
    let milliseconds: [Int]
  }

  let name: String
  let rows: [Row]
  var foldCount: Int { rows[0].scores.count }
  /// The best mean over all folds.
  var best: Double { rows.map { $0.scores.reduce(0, +) / Double($0.scores.count) }.max() ?? 0 }

  /// Trials with a level, fold effects and noise of their own; costs that differ, so that results overtake each other.
  static func invented(seed: UInt64, trialCount: Int, foldCount: Int = 5, spread: Double = 0.05, noise: Double = 0.01)
    -> ScoreTable
  {
    var generator = CounterGenerator(key: seed)
    let hardness = (0..<foldCount).map { _ in 0.02 * generator.normal() }
    let rows = (0..<trialCount).map { number in
      let level = 0.75 - spread * abs(generator.normal())
      return Row(
        learner: number % 4 == 3 ? .linear : .booster,
        scores: hardness.map { level + $0 + noise * generator.normal() },
        milliseconds: hardness.map { _ in 50 + generator.below(400) })
    }
    return ScoreTable(name: "invented", rows: rows)
  }
}

/// Proposes the rows of a table in a shuffled order; `l2` carries the row's number.
struct TableSampler: Sampler {
  let order: [Int]
  let learners: [Learner]

  init(_ table: ScoreTable, seed: UInt64) {
    var order = Array(table.rows.indices)
    var generator = CounterGenerator(key: seed)
    generator.shuffle(&order)
    self.order = order
    learners = table.rows.map(\.learner)
  }

  func suggest(trial number: Int, after history: TrialHistory) -> Parameters? {
    guard order.indices.contains(number) else { return nil }
    return ["model": .text(learners[order[number]].rawValue), "l2": .real(Double(order[number]))]
  }
}

/// Runs a sweep over a table in virtual time: the same `TrialBook` as the coordinator's, and workers that only wait.
struct SweepReplay {
  struct Outcome {
    /// Fold-trainings in all.
    var trainings = 0
    /// Fold-trainings when a whole trial first came within the tolerance of the table's best; `nil` where none did.
    var trainingsToGoal: Int?
    /// Virtual time of the last result.
    var milliseconds = 0
    var foldsSaved = 0
    var stepsSaved = 0
    var best: Double?
    /// One line a trial: folds done and how it ended. What must not depend on the workers.
    var table: [String] = []
    var ending: String?
  }

  let table: ScoreTable
  var workerCount = 1
  /// Share of the best value that still counts as the goal.
  var tolerance = 0.005
  /// Results that a worker takes with it when it dies: the fold is trained again. 0 for none.
  var lossShare = 0.0
  var isReproducible = true
  var stopRules = StopRules()

  func run(
    _ sampler: any Sampler, space: SearchSpace = SearchSpace([]), pruner settings: PrunerSettings, trials: Int,
    chaosSeed: UInt64 = 0
  ) throws -> Outcome {
    try run(
      sampler, space: space, pruner: settings.makePruner(), settings: settings, trials: trials, chaosSeed: chaosSeed)
  }

  func run(
    _ sampler: any Sampler, space: SearchSpace = SearchSpace([]), pruner: (any Pruner)?, settings: PrunerSettings,
    trials: Int, chaosSeed: UInt64 = 0
  ) throws -> Outcome {
    var bookSettings = TrialBook.Settings(
      sweep: SweepID(1), dataset: ContentDigest(bytes: [UInt8](repeating: 1, count: 32)), outcome: .readmission30d,
      folds: FoldPlan(scheme: .grouped, foldCount: table.foldCount, seed: 1), seed: 1,
      objective: Objective(metric: "valid/auprc", direction: .maximize), trialCountMax: trials)
    bookSettings.isReproducible = isReproducible
    bookSettings.stopRules = stopRules
    bookSettings.protected = settings.protected
    bookSettings.protectsEnqueued = settings.protectsEnqueued
    bookSettings.roundSize = settings.roundSize
    bookSettings.judgesSteps = settings.judgesSteps
    bookSettings.comparesSteps = settings.comparesSteps
    var book = TrialBook(bookSettings, sampler: sampler, space: space, pruner: pruner)
    func row(_ parameters: Parameters) -> Int { Int(parameters["l2"]?.number ?? 0) }
    var pool = VirtualPool(workerCount: workerCount, lossShare: lossShare, seed: chaosSeed)
    var outcome = Outcome()
    while true {
      while pool.queue.count < max(8, 2 * workerCount), let order = try book.propose() {
        pool.queue += (0..<book.openFoldCount(of: order.trial)).map { (order.trial, $0) }
        pool.openFolds[order.trial] = book.openFoldCount(of: order.trial)
      }
      var changes = book.isExhausted ? book.stopProposing("the end") : []
      pool.start { self.table.rows[row(book.order(of: $0)?.parameters ?? [:])].milliseconds[$1] }
      if let (trial, fold, isLost) = pool.next() {
        outcome.trainings += 1
        if isLost {
          pool.queue.insert((trial, fold), at: 0)
        } else {
          let value = table.rows[row(book.order(of: trial)?.parameters ?? [:])].scores[fold]
          let (end, curve) = Self.train(value, book.stepRule(of: trial, fold: fold))
          changes += book.record(
            TrialTask(sweep: SweepID(1), trial: trial, fold: fold, rung: 0), end, curve: curve)
        }
      } else if changes.isEmpty {
        break
      }
      for change in changes { absorb(change, &pool, &outcome) }
    }
    outcome.milliseconds = pool.now
    outcome.foldsSaved = book.foldsSaved
    outcome.stepsSaved = book.stepsSaved
    outcome.best = book.best?.end.objective
    outcome.ending = book.ending
    outcome.table = (0..<book.trialCount).map { trial in
      let end = book.end(of: trial)
      return "\(trial) \(book.order(of: trial)?.parameters.json ?? "") \(end?.foldsDone ?? -1) "
        + "\(end?.state.rawValue ?? "open") \(end?.objective ?? .nan) \(end?.reason ?? "")"
    }
    return outcome
  }

  /// As a worker does it: a curve that rises to the score, looked at where the rule says, and ended where it does.
  static func train(_ score: Double, _ rule: StepRule?) -> (TrialBook.FoldEnd, [CurvePoint]) {
    var points: [CurvePoint] = []
    let done = TrialBook.FoldEnd.measured(
      [MetricValue(name: "valid/auprc", value: score)], trainRowCount: 80, validRowCount: 20)
    guard let rule else { return (done, points) }
    for place in rule.places {
      let value = score - 1 / Double(10 + place.step)
      points.append(CurvePoint(metric: rule.curveName, step: place.step, value: value))
      if !place.range.contains(value) { return (.cut(step: place.step), points) }
    }
    return (done, points)
  }

  private func absorb(_ change: TrialBook.Change, _ pool: inout VirtualPool, _ outcome: inout Outcome) {
    switch change {
    case .released(let trial, let foldCount):
      for fold in pool.openFolds[trial, default: 0]..<foldCount { pool.queue.append((trial, fold)) }
      pool.openFolds[trial] = foldCount
      // As in the scheduler: by trial, then by fold.
      pool.queue.sort { $0 < $1 }
    case .ended(let trial, let end):
      pool.queue.removeAll { $0.trial == trial }
      if let objective = end.objective, objective >= table.best * (1 - tolerance), outcome.trainingsToGoal == nil {
        outcome.trainingsToGoal = outcome.trainings
      }
    }
  }
}

/// Workers in virtual time: an event heap of one entry a busy worker.
struct VirtualPool {
  var queue: [(trial: Int, fold: Int)] = []
  var openFolds: [Int: Int] = [:]
  private(set) var now = 0
  private var running: [(end: Int, ticket: Int, trial: Int, fold: Int)] = []
  private let workerCount: Int
  private let lossShare: Double
  private var ticket = 0
  private var generator: CounterGenerator

  init(workerCount: Int, lossShare: Double, seed: UInt64) {
    self.workerCount = workerCount
    self.lossShare = lossShare
    generator = CounterGenerator(key: seed)
  }

  mutating func start(_ cost: (Int, Int) -> Int) {
    while running.count < workerCount, !queue.isEmpty {
      let (trial, fold) = queue.removeFirst()
      ticket += 1
      running.append((now + cost(trial, fold), ticket, trial, fold))
    }
  }

  /// The next result, and whether it was lost on the way.
  mutating func next() -> (trial: Int, fold: Int, isLost: Bool)? {
    guard
      let index = running.indices.min(by: {
        (running[$0].end, running[$0].ticket) < (running[$1].end, running[$1].ticket)
      })
    else { return nil }
    let done = running.remove(at: index)
    now = done.end
    return (done.trial, done.fold, lossShare > 0 && generator.uniform() < lossShare)
  }
}
