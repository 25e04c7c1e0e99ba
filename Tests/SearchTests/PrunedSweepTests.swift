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
    if kind != .bound { #expect(outcome.foldsSaved > 50, "\(outcome.foldsSaved)") }
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
    let table = ScoreTable.invented(seed: 5, trialCount: 30)
    let folds = FoldPlan(scheme: .grouped, foldCount: 5, seed: 1)
    func fresh() -> TrialBook {
      var settings = TrialBook.Settings(
        sweep: SweepID(1), dataset: ContentDigest(bytes: [UInt8](repeating: 1, count: 32)), outcome: .readmission30d,
        folds: folds, seed: 1, objective: Objective(metric: "valid/auprc", direction: .maximize), trialCountMax: 20)
      settings.roundSize = 7
      return TrialBook(settings, sampler: TableSampler(table, seed: 1), pruner: Self.settings(kind).makePruner())
    }
    func result(_ book: TrialBook, _ trial: Int, _ fold: Int) -> TrialBook.FoldEnd {
      let row = Int(book.order(of: trial)?.parameters["l2"]?.number ?? 0)
      return .measured(
        [MetricValue(name: "valid/auprc", value: table.rows[row].scores[fold])], trainRowCount: 80, validRowCount: 20)
    }
    var book = fresh()
    while try book.propose() != nil {}
    var recorded: [(trial: Int, fold: Int)] = []
    while !book.isComplete {
      let open = (0..<book.trialCount).flatMap { trial in (0..<book.openFoldCount(of: trial)).map { (trial, $0) } }
      let next = open.first { pair in
        book.end(of: pair.0) == nil && !recorded.contains { $0.trial == pair.0 && $0.fold == pair.1 }
      }
      let (trial, fold) = try #require(next)
      _ = book.record(TrialTask(sweep: SweepID(1), trial: trial, fold: fold, rung: 0), result(book, trial, fold))
      recorded.append((trial, fold))
      guard recorded.count.isMultiple(of: 9) else { continue }
      var other = fresh()
      for trial in 0..<book.trialCount {
        let order = try #require(book.order(of: trial))
        _ = try other.restore(
          TrialRecord(sweep: SweepID(1), number: trial, learner: order.learner, parameters: order.parameters))
        for (_, fold) in recorded
        where other.order(of: trial) != nil && recorded.contains(where: { $0 == (trial, fold) }) {
          _ = other.record(TrialTask(sweep: SweepID(1), trial: trial, fold: fold, rung: 0), result(other, trial, fold))
        }
      }
      for trial in 0..<book.trialCount {
        #expect(other.end(of: trial) == book.end(of: trial), "trial \(trial) after \(recorded.count)")
        guard book.end(of: trial) == nil else { continue }
        #expect(other.openFoldCount(of: trial) == book.openFoldCount(of: trial))
      }
    }
  }
}
