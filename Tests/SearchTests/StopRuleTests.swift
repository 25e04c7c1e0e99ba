// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import Sweeps
import Testing

/// What ends a sweep before its number of trials does.
@Suite struct StopRuleTests {
  private func rules(folds: Int? = nil, target: Double? = nil, noImprovement: Int? = nil) -> StopRules {
    var rules = StopRules()
    rules.foldCountMax = folds
    rules.target = target
    rules.noImprovementCount = noImprovement
    return rules
  }

  private func play(
    _ rules: StopRules, _ sampler: SamplerKind = .tpe, pruner: PrunerKind = .foldRungs, workers: Int = 1,
    chaos: UInt64 = 0, isReproducible: Bool = true, trials: Int = 60
  ) throws -> SweepReplay.Outcome {
    let space = try PrunedSweepTests.learningSpace()
    let replay = SweepReplay(
      table: ScoreTable.invented(seed: 4, trialCount: 61), workerCount: workers, lossShare: chaos == 0 ? 0 : 0.2,
      isReproducible: isReproducible, stopRules: rules)
    return try replay.run(
      try SamplerSettings(kind: sampler, seed: 2).makeSampler(space: space), space: space,
      pruner: PrunedSweepTests.settings(pruner), trials: trials, chaosSeed: chaos)
  }

  // In real life: a sweep has 120 fold-trainings of somebody's night, and no more.
  @Test(arguments: [PrunerKind.none, .foldRungs, .asha, .pairedTest], [SamplerKind.random, .tpe])
  func foldBudget_isNeverExceeded_andUsedUp(pruner: PrunerKind, sampler: SamplerKind) throws {
    for isReproducible in [true, false] {
      let outcome = try play(rules(folds: 122), sampler, pruner: pruner, isReproducible: isReproducible, trials: 120)
      #expect(outcome.trainings <= 122)
      // A trial counts with all its folds until its round is over.
      #expect(outcome.trainings > 122 - 8 * 5, "\(outcome.trainings)")
      #expect(outcome.table.allSatisfy { !$0.contains(" open ") })
      #expect(outcome.ending == "budget.folds: at most 122 folds are trained")
      #expect(pruner == .none ? outcome.table.count == 24 : outcome.table.count > 24)
    }
  }

  @Test(arguments: [SamplerKind.random, .tpe, .cmaes]) func target_endsTheSweep(sampler: SamplerKind) throws {
    let all = try play(rules(), sampler)
    let best = try #require(all.best)
    #expect(all.table.count == 60 && all.ending == "budget.trials: 60 trials")
    let some = try play(rules(target: best - 0.03), sampler)
    #expect(some.table.count < 60 && (some.best ?? 0) >= best - 0.03)
    #expect(some.ending?.hasPrefix("budget.stop_if.target: trial #") == true)
    #expect(some.table.allSatisfy { !$0.contains(" open ") })
    #expect(try play(rules(target: best + 0.01), sampler).table.count == 60)
  }

  @Test func noImprovement_endsTheSweep() throws {
    let outcome = try play(rules(noImprovement: 12))
    #expect(outcome.table.count < 60)
    #expect(outcome.ending?.contains("trials since the best, #") == true, "\(outcome.ending ?? "")")
  }

  // Goal: every rule stops at the same trial for any number of workers.
  @Test(arguments: [PrunerKind.none, .foldRungs, .pairedTest], [SamplerKind.random, .tpe])
  func anyNumberOfWorkers_stopsAtOneTrial(pruner: PrunerKind, sampler: SamplerKind) throws {
    let best = try #require(try play(rules(), sampler, pruner: pruner).best)
    for rules in [rules(folds: 122), rules(target: best - 0.02), rules(noImprovement: 9)] {
      let alone = try play(rules, sampler, pruner: pruner)
      for workers in [2, 8, 64] {
        let other = try play(rules, sampler, pruner: pruner, workers: workers, chaos: UInt64(workers))
        #expect(other.table == alone.table && other.ending == alone.ending, "\(rules) \(workers) workers")
      }
    }
  }

  // In real life: 60 folds were not enough and the file now says 120. The sweep goes on to the table of 120 from the start.
  @Test(arguments: [PrunerKind.none, .foldRungs, .asha]) func largerFoldBudget_goesOn(kind: PrunerKind) throws {
    func finish(_ book: inout TrialBook, _ story: BookStory, _ recorded: inout [(trial: Int, fold: Int)]) throws {
      while true {
        while try book.propose() != nil {}
        if book.isExhausted { _ = book.stopProposing("the end") }
        guard let (trial, fold) = story.next(book, recorded) else { break }
        _ = book.record(story.task(trial, fold), story.result(book, trial, fold))
        recorded.append((trial, fold))
      }
    }
    var story = BookStory(kind: kind)
    story.stopRules = rules(folds: 60)
    var short = story.fresh(trials: 40)
    var recorded: [(trial: Int, fold: Int)] = []
    try finish(&short, story, &recorded)
    #expect(short.isComplete && recorded.count <= 60)
    var again = try story.restored(from: short, recorded, trials: 40)
    let closing = again.closeIfSpent()
    #expect(again.isComplete && again.ending == short.ending, "\(closing)")

    story.stopRules = rules(folds: 120)
    var extended = try story.restored(from: short, recorded, trials: 40)
    #expect(extended.closeIfSpent().isEmpty && !extended.isExhausted)
    try finish(&extended, story, &recorded)
    var whole = story.fresh(trials: 40)
    var others: [(trial: Int, fold: Int)] = []
    try finish(&whole, story, &others)
    #expect(extended.trialCount == whole.trialCount && extended.trialCount > short.trialCount)
    for trial in 0..<whole.trialCount { #expect(extended.end(of: trial) == whole.end(of: trial), "trial \(trial)") }
  }
}
