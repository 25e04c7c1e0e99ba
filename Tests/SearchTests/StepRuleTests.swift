// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import Search
import Sweeps
import Testing

/// What ends a fold before its last step: the bounds, and what a book of trials makes of them.
@Suite struct StepRuleTests {
  static let kinds = PrunerSettings.kindsByStep + [.patience]

  static func settings(_ kind: PrunerKind) -> PrunerSettings {
    var settings = PrunedSweepTests.settings(kind)
    settings.unit = kind == .patience ? .fold : .step
    settings.low = kind == .threshold ? 0.66 : nil
    return settings
  }

  /// Trials of fold 0 with a curve to step 40 and a score.
  private func field(_ generator: inout CounterGenerator, direction: Direction) -> PruningView {
    let trials = (0..<12).map { number in
      // A few equal values: ties are where a bound is off by one.
      let level = (0.6 + 0.1 * generator.uniform() * 20).rounded() / 20
      let curve = [10, 20, 40].map { Entrant.Point(step: $0, value: level + Double($0) / 400) }
      return Entrant(number: number, branch: "b", folds: [.init(curve: curve, score: level + 0.2)])
    }
    return PruningView(
      direction: direction, foldCount: 5, metric: direction == .maximize ? "valid/auprc" : "valid/logloss",
      trials: trials)
  }

  // Goal: a bound is the verdict, told beforehand. Method: for values between, at and beside those of others, the fold is kept by
  // the rule exactly when the pruner, shown the value, keeps the trial.
  @Test(arguments: [Direction.maximize, .minimize]) func bounds_areTheVerdictsToldBefore(direction: Direction) {
    let even = StepSchedule(first: 10, .every(10))
    let pruners: [any Pruner] = [
      MedianPruner(schedule: even), PercentilePruner(keepShare: 0.25, schedule: even),
      SuccessiveHalvingPruner(minimum: 10, reduction: 2, unit: .step),
      ThresholdPruner(low: 0.61, high: 0.8, schedule: even),
    ]
    for seed in 0..<20 as Range<UInt64> {
      var generator = CounterGenerator(key: seed)
      let others = field(&generator, direction: direction)
      for pruner in pruners {
        var view = others
        view.trials.append(Entrant(number: 12, branch: "b", folds: []))
        guard let rule = pruner.stepRule(on: 12, fold: 0, stepCount: 41, in: view) else {
          Issue.record("\(pruner) has no rule")
          continue
        }
        for place in rule.places {
          let known = others.trials.flatMap { $0.folds[0].curve.filter { $0.step == place.step }.map(\.value) }
          for value in known + known.map(\.nextUp) + known.map(\.nextDown) + [0, 1] {
            view.trials[12] = Entrant(
              number: 12, branch: "b", folds: [.init(curve: [.init(step: place.step, value: value)], score: nil)])
            let isKept = pruner.verdict(on: 12, in: view) == .keep
            #expect(place.range.contains(value) == isKept, "\(pruner), step \(place.step), \(value)")
          }
        }
      }
    }
  }

  @Test func schedules_endBeforeTheLastStep_andHaveALimit() {
    #expect(StepSchedule(first: 10, .every(5)).steps(below: 25) == [10, 15, 20])
    #expect(StepSchedule(first: 4, .times(3)).steps(below: 108) == [4, 12, 36])
    #expect(StepSchedule(first: 30, .every(5)).steps(below: 30).isEmpty)
    #expect(StepSchedule(first: 1, .every(1)).steps(below: 100_000).count == StepRule.placeCountMax)
    #expect(StepSchedule(first: 1, .times(1.2)).steps(below: 6) == [1, 2, 3, 4, 5])
  }

  // In real life: the same sweep on a laptop and on a cluster where nodes die, its folds cut by what earlier rounds had.
  @Test(arguments: kinds, [SamplerKind.random, .tpe]) func anyNumberOfWorkers_givesOneTable(
    kind: PrunerKind, sampler: SamplerKind
  ) throws {
    let table = ScoreTable.invented(seed: 4, trialCount: 61)
    let space = try PrunedSweepTests.learningSpace()
    func play(_ workers: Int, chaos: UInt64) throws -> SweepReplay.Outcome {
      try SweepReplay(table: table, workerCount: workers, lossShare: chaos == 0 ? 0 : 0.2).run(
        try SamplerSettings(kind: sampler, seed: 2).makeSampler(space: space), space: space,
        pruner: Self.settings(kind), trials: 40, chaosSeed: chaos)
    }
    let alone = try play(1, chaos: 0)
    #expect(alone.table.count == 40 && alone.table.allSatisfy { !$0.contains(" open ") })
    if kind != .patience {
      #expect(alone.stepsSaved > 0 && alone.table.contains { $0.contains("cut at step") })
      // Linear trials are a branch without steps.
      #expect(!alone.table.contains { $0.contains("linear") && $0.contains("cut at step") })
    }
    for workers in [2, 8, 64] {
      for chaos in 0..<3 as Range<UInt64> {
        let other = try play(workers, chaos: chaos)
        #expect(other.table == alone.table, "\(workers) workers, chaos \(chaos)")
        #expect(other.stepsSaved == alone.stepsSaved)
      }
    }
  }

  // Goal: rules rest on earlier rounds alone, spare the protected, and a restart makes the same.
  @Test(arguments: [Learner.linear, .booster])
  func rules_restOnEarlierRounds_andSpareTheProtected(isProtected: Learner) throws {
    var story = BookStory(kind: .median)
    story.pruner = Self.settings(.median)
    story.protected = [isProtected.rawValue]
    var book = story.fresh(trials: 21)
    var recorded: [(trial: Int, fold: Int)] = []
    var cuts = 0
    while !book.isComplete {
      while let order = try book.propose() {
        let rule = book.stepRule(of: order.trial, fold: 0)
        if order.learner == .linear || order.learner == isProtected { #expect(rule == nil) }
        let isBound = rule?.places.contains { $0.range.lowerBound.isFinite } == true
        #expect(!isBound || order.trial >= 7, "the first round has nothing before it")
      }
      guard let (trial, fold) = story.next(book, recorded) else { break }
      let before = book.stepRules(of: trial)
      let other = try story.restored(from: book, recorded, trials: 21)
      #expect(other.stepRules(of: trial) == before, "trial \(trial), fold \(fold)")
      for case .ended(_, let end) in story.record(&book, trial, fold) where end.reason?.contains("cut at step") == true
      {
        cuts += 1
        #expect(end.state == .pruned && end.foldsDone == fold)
        #expect(end.reason?.contains(" steps saved; ") == true && end.reason?.contains("folds saved") == true)
      }
      recorded.append((trial, fold))
    }
    #expect(book.isComplete)
    // Linear trials have no steps: with boosters protected too, nothing is left to cut.
    let isAnyCut = isProtected == .linear
    #expect((cuts > 0) == isAnyCut)
    #expect((book.stepsSaved > 0) == isAnyCut)
  }
}
