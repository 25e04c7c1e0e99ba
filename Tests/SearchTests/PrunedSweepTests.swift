// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import Sweeps
import Testing

/// Whole sweeps with pruning, in virtual time.
@Suite struct PrunedSweepTests {
  static let kinds = PrunerKind.allCases.filter { $0 != .none }

  static func settings(_ kind: PrunerKind) -> PrunerSettings {
    var settings = PrunerSettings(kind: kind)
    settings.low = kind == .threshold ? 0.7 : nil
    settings.roundSize = 7
    settings.reduction = 2
    return settings
  }

  /// A space of which TPE proposes and a table answers: the row is the nearest by `l2`.
  static func learningSpace() throws -> SearchSpace {
    SearchSpace([
      .init("model", .choice(try Choice([.text("booster"), .text("linear")]))),
      .init("l2", .real(try RealRange(0, 60))),
    ])
  }

  // In real life: the same sweep on a laptop, on eight cores, and on a cluster where nodes die: one table.
  // Method: costs differ by a factor of nine, so with more workers results overtake each other; 20 % of them are lost
  // and trained again. A search that learns from the results, TPE, and one that does not.
  @Test(arguments: kinds, [SamplerKind.random, .tpe, .cmaes])
  func anyNumberOfWorkers_givesOneTable(kind: PrunerKind, sampler: SamplerKind) throws {
    let table = ScoreTable.invented(seed: 4, trialCount: 61)
    let space = try Self.learningSpace()
    func play(_ workers: Int, loss: Double, chaos: UInt64) throws -> SweepReplay.Outcome {
      let replay = SweepReplay(table: table, workerCount: workers, lossShare: loss)
      return try replay.run(
        try SamplerSettings(kind: sampler, seed: 2).makeSampler(space: space), space: space,
        pruner: Self.settings(kind), trials: 40, chaosSeed: chaos)
    }
    let alone = try play(1, loss: 0, chaos: 0)
    #expect(alone.table.count == 40)
    #expect(alone.table.allSatisfy { !$0.contains(" open ") })
    for workers in [2, 8, 64] {
      for chaos in 0..<3 as Range<UInt64> {
        let other = try play(workers, loss: chaos == 0 ? 0 : 0.2, chaos: chaos)
        #expect(other.table == alone.table, "\(workers) workers, chaos \(chaos)")
      }
    }
  }

  // Goal: a pruned trial trains no fold beyond its verdict, and what is said to be saved is what was not trained.
  @Test(arguments: kinds) func savedFolds_areThoseNotTrained(kind: PrunerKind) throws {
    let table = ScoreTable.invented(seed: 8, trialCount: 60)
    let outcome = try SweepReplay(table: table, workerCount: 3).run(
      TableSampler(table, seed: 1), pruner: Self.settings(kind), trials: 60)
    #expect(outcome.trainings + outcome.foldsSaved == 300)
    if kind != .bound, kind != .patience { #expect(outcome.foldsSaved > 50, "\(outcome.foldsSaved)") }
  }

  // Goal: the lossless bound never changes the winner. Method: 40 tables in which it can bind: scores near 1.
  @Test(arguments: 0..<40 as Range<UInt64>) func bound_neverCostsTheWinner(seed: UInt64) throws {
    var table = ScoreTable.invented(seed: seed, trialCount: 30, spread: 0.3)
    table = ScoreTable(
      name: "high",
      rows: table.rows.map { row in
        ScoreTable.Row(learner: .booster, scores: row.scores.map { min(0.24 + $0, 1) }, milliseconds: row.milliseconds)
      })
    let sampler = TableSampler(table, seed: seed)
    let bound = try SweepReplay(table: table).run(sampler, pruner: Self.settings(.bound), trials: 30)
    let all = try SweepReplay(table: table).run(sampler, pruner: PrunerSettings(), trials: 30)
    #expect(bound.best == all.best)
    #expect(bound.foldsSaved > 0, "the bound never came into play")
  }

  // In real life: the linear baseline is there to be compared with, and must finish whatever the pruner thinks of it.
  @Test func protectedLearner_alwaysFinishes() throws {
    let table = ScoreTable.invented(seed: 2, trialCount: 40)
    var settings = Self.settings(.foldRungs)
    settings.protected = ["linear"]
    let outcome = try SweepReplay(table: table, workerCount: 4).run(
      TableSampler(table, seed: 3), pruner: settings, trials: 40)
    let rows = TableSampler(table, seed: 3).order
    for (trial, line) in outcome.table.enumerated() where table.rows[rows[trial]].learner == .linear {
      #expect(line.contains(" 5 completed "), "\(line)")
    }
    #expect(outcome.foldsSaved > 50)
  }

  // In real life: `reproducible: false`: verdicts fall at once, nobody waits for a round, and every trial still ends.
  @Test(arguments: kinds) func notReproducible_endsEveryTrial(kind: PrunerKind) throws {
    let table = ScoreTable.invented(seed: 6, trialCount: 50)
    let replay = SweepReplay(table: table, workerCount: 8, isReproducible: false)
    let outcome = try replay.run(TableSampler(table, seed: 1), pruner: Self.settings(kind), trials: 50)
    #expect(outcome.table.count == 50 && outcome.table.allSatisfy { !$0.contains(" open ") })
  }

  // In real life: the coordinator is killed in the middle of a pruned sweep and restored from the tracker's rows.
  @Test(arguments: kinds) func restoredBook_goesOnToTheSameVerdicts(kind: PrunerKind) throws {
    let story = BookStory(kind: kind)
    var book = story.fresh(trials: 20)
    while try book.propose() != nil {}
    var recorded: [(trial: Int, fold: Int)] = []
    while let (trial, fold) = story.next(book, recorded) {
      _ = book.record(story.task(trial, fold), story.result(book, trial, fold))
      recorded.append((trial, fold))
      guard recorded.count.isMultiple(of: 9) else { continue }
      let other = try story.restored(from: book, recorded, trials: 20)
      for trial in 0..<book.trialCount {
        #expect(other.end(of: trial) == book.end(of: trial), "trial \(trial) after \(recorded.count)")
        guard book.end(of: trial) == nil else { continue }
        #expect(other.openFoldCount(of: trial) == book.openFoldCount(of: trial))
      }
    }
    #expect(book.isComplete)
  }

  // In real life: 17 trials were not enough and the file now says 40. The sweep goes on to the table that 40 trials would
  // have given from the start: a trial that was pruned in a round cut short may be given its other folds after all.
  @Test(arguments: kinds) func extendedSweep_isTheLongerOne(kind: PrunerKind) throws {
    let story = BookStory(kind: kind)
    func finish(_ book: inout TrialBook, _ recorded: inout [(trial: Int, fold: Int)]) throws {
      while try book.propose() != nil {}
      while let (trial, fold) = story.next(book, recorded) {
        _ = book.record(story.task(trial, fold), story.result(book, trial, fold))
        recorded.append((trial, fold))
      }
    }
    var short = story.fresh(trials: 17)
    var recorded: [(trial: Int, fold: Int)] = []
    try finish(&short, &recorded)
    #expect(short.isComplete)
    var extended = try story.restored(from: short, recorded, trials: 40)
    try finish(&extended, &recorded)
    var whole = story.fresh(trials: 40)
    var others: [(trial: Int, fold: Int)] = []
    try finish(&whole, &others)
    for trial in 0..<40 { #expect(extended.end(of: trial) == whole.end(of: trial), "trial \(trial)") }
  }
}

/// A book of trials over an invented table, fed by hand.
struct BookStory {
  let kind: PrunerKind
  let table = ScoreTable.invented(seed: 5, trialCount: 50)
  var stopRules = StopRules()
  var pruner: PrunerSettings
  var protected: [String] = []

  init(kind: PrunerKind) {
    self.kind = kind
    pruner = PrunedSweepTests.settings(kind)
  }

  func fresh(trials: Int) -> TrialBook {
    var settings = TrialBook.Settings(
      sweep: SweepID(1), dataset: ContentDigest(bytes: [UInt8](repeating: 1, count: 32)), outcome: .readmission30d,
      folds: FoldPlan(scheme: .grouped, foldCount: 5, seed: 1), seed: 1,
      objective: Objective(metric: "valid/auprc", direction: .maximize), trialCountMax: trials)
    settings.roundSize = 7
    settings.stopRules = stopRules
    settings.protected = protected
    settings.judgesSteps = pruner.judgesSteps
    settings.comparesSteps = pruner.comparesSteps
    return TrialBook(settings, sampler: TableSampler(table, seed: 1), pruner: pruner.makePruner())
  }

  func task(_ trial: Int, _ fold: Int) -> TrialTask { TrialTask(sweep: SweepID(1), trial: trial, fold: fold, rung: 0) }

  func result(_ book: TrialBook, _ trial: Int, _ fold: Int) -> TrialBook.FoldEnd {
    let row = Int(book.order(of: trial)?.parameters["l2"]?.number ?? 0)
    return .measured(
      [MetricValue(name: "valid/auprc", value: table.rows[row].scores[fold])], trainRowCount: 80, validRowCount: 20)
  }

  /// Trains a fold by its rule and enters what came of it.
  func record(_ book: inout TrialBook, _ trial: Int, _ fold: Int) -> [TrialBook.Change] {
    let row = Int(book.order(of: trial)?.parameters["l2"]?.number ?? 0)
    let (end, curve) = SweepReplay.train(table.rows[row].scores[fold], book.stepRule(of: trial, fold: fold))
    return book.record(task(trial, fold), end, curve: curve)
  }

  /// The first open fold that has no result yet.
  func next(_ book: TrialBook, _ recorded: [(trial: Int, fold: Int)]) -> (trial: Int, fold: Int)? {
    let done = Set(recorded.map { [$0.trial, $0.fold] })
    for trial in 0..<book.trialCount where book.end(of: trial) == nil {
      for fold in 0..<book.openFoldCount(of: trial) where !done.contains([trial, fold]) { return (trial, fold) }
    }
    return nil
  }

  /// As the coordinator does it at a start: trial by trial, each with its results.
  func restored(
    from book: TrialBook, _ recorded: [(trial: Int, fold: Int)], trials: Int
  ) throws -> TrialBook {
    var other = fresh(trials: trials)
    for trial in 0..<book.trialCount {
      guard let order = book.order(of: trial) else { continue }
      _ = try other.restore(
        TrialRecord(sweep: SweepID(1), number: trial, learner: order.learner, parameters: order.parameters))
      for (_, fold) in recorded.filter({ $0.trial == trial }) {
        _ = record(&other, trial, fold)
      }
    }
    return other
  }
}
