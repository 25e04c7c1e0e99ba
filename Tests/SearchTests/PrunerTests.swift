// SPDX-License-Identifier: Apache-2.0

import Randomness
import Search
import Sweeps
import Testing

@Suite struct PrunerTests {
  private func entrant(_ number: Int, _ scores: [Double], branch: String = "b") -> Entrant {
    Entrant(number: number, branch: branch, folds: scores.map { Entrant.Fold(score: $0) })
  }

  private func view(_ trials: [Entrant], bound: Double? = 1, aggregate: Aggregate = .mean, folds: Int = 5)
    -> PruningView
  {
    PruningView(direction: .maximize, aggregate: aggregate, foldCount: folds, bestPossible: bound, trials: trials)
  }

  private func stops(_ pruner: any Pruner, _ trials: [Entrant], on index: Int, bound: Double? = 1) -> Bool {
    pruner.verdict(on: index, in: view(trials, bound: bound)) != .keep
  }

  // Goal: the bound is exact. The incumbent has 0.8; after two folds of 0.5 three of 1 give 0.8, which is not behind.
  @Test func bound_stopsOnlyWhatCannotWin() {
    let best = entrant(0, [0.8, 0.8, 0.8, 0.8, 0.8])
    #expect(!stops(LosslessBoundPruner(), [best, entrant(1, [0.5, 0.5])], on: 1))
    #expect(stops(LosslessBoundPruner(), [best, entrant(1, [0.5, 0.49])], on: 1))
    #expect(!stops(LosslessBoundPruner(), [best, entrant(1, [0.1, 0.1, 0.1])], on: 1, bound: nil))
    let median = view([best, entrant(1, [0.1, 0.1])], aggregate: .median)
    #expect(LosslessBoundPruner().verdict(on: 1, in: median) == .keep, "three folds of 1 would make the median 1")
  }

  // Goal: with the variance known, one fold is enough to stop a poor trial, and not a near one. Differences to the
  // incumbent have a deviation of about 0.01; t(0.95) of 10 or so degrees is 1.8, and √(1 − 1/5) is 0.89.
  @Test func pairedTest_stopsAfterOneFold_whereTheVarianceIsKnown() {
    let base = [0.80, 0.70, 0.75, 0.85, 0.78]
    func whole(_ number: Int, _ off: [Double]) -> Entrant { entrant(number, zip(base, off).map { $0 + $1 }) }
    let field = [
      entrant(0, base), whole(1, [-0.02, -0.04, -0.03, -0.02, -0.04]), whole(2, [-0.05, -0.03, -0.04, -0.06, -0.05]),
      whole(3, [-0.01, -0.02, -0.01, -0.03, -0.02]),
    ]
    #expect(stops(PairedTestPruner(), field + [entrant(4, [0.74])], on: 4))
    #expect(!stops(PairedTestPruner(), field + [entrant(4, [0.79])], on: 4))
    // A hard fold is hard for the incumbent too: 0.70 on fold 1 is no reason to stop.
    #expect(!stops(PairedTestPruner(), field + [entrant(4, [0.80, 0.70])], on: 4))
    // Nothing is known of the variance yet.
    #expect(!stops(PairedTestPruner(), [entrant(0, base), entrant(1, [0.6])], on: 1))
  }

  // Goal: alpha is what it says: of trials that are as good as the incumbent, at most about alpha are stopped at a fold.
  // Method: 2,000 trials whose differences to the incumbent are pure noise; at alpha 0.1 a share of 0.1 has a standard
  // error of 0.007 and the pooled variance some more.
  @Test func pairedTest_stopsAnEqualAboutAsOftenAsAlpha() {
    var generator = CounterGenerator(key: 9)
    func noisy(_ number: Int, _ count: Int) -> Entrant {
      entrant(number, (0..<count).map { _ in 0.7 + 0.01 * generator.normal() })
    }
    var (stopped, asked) = (0, 0)
    for _ in 0..<2_000 {
      let others = (1..<8).map { noisy($0, 5) }
      let incumbent = noisy(0, 5)
      let candidate = noisy(9, 5)
      // Only where the two are equal in the end is the chance alpha by construction: the candidate is moved there.
      let off = ((incumbent.scores ?? []).reduce(0, +) - (candidate.scores ?? []).reduce(0, +)) / 5
      let even = entrant(9, (candidate.scores ?? []).map { $0 + off })
      let first = Entrant(number: 9, branch: "b", folds: [even.folds[0]])
      let field = [incumbent] + others.map { entrant($0.number, ($0.scores ?? []).map { $0 - 0.05 }) } + [first]
      asked += 1
      if stops(PairedTestPruner(alpha: 0.1), field, on: field.count - 1) { stopped += 1 }
    }
    let share = Double(stopped) / Double(asked)
    #expect(share > 0.05 && share < 0.16, "\(share)")
  }

  @Test func foldRungs_keepTheBestShare_andWhoeverLeads() {
    let scores = [0.70, 0.72, 0.74, 0.76, 0.78, 0.80]
    let field = scores.enumerated().map { entrant($0, [$1]) }
    let kept = field.indices.filter { !stops(FoldRungsPruner(keepShare: 0.5), field, on: $0) }
    #expect(kept == [3, 4, 5])
    // On its first fold the new one beats the best whole trial, though three others did better there and fell later.
    let whole = entrant(9, [0.75, 0.9, 0.9, 0.9, 0.9])
    let fallen = (3..<6).map { entrant($0, [scores[$0], 0.1]) }
    #expect(!stops(FoldRungsPruner(keepShare: 0.2), [whole] + fallen + [entrant(10, [0.755])], on: 4))
  }

  @Test func asha_keepsTheBestThirdOfARung() {
    let field = (0..<9).map { entrant($0, [0.7 + 0.01 * Double($0)]) }
    let kept = field.indices.filter { !stops(SuccessiveHalvingPruner(reduction: 3), field, on: $0) }
    #expect(kept == [6, 7, 8])
    // Two folds are no rung of 1, 3, 9.
    let two = (0..<9).map { entrant($0, [0.5, 0.7 + 0.01 * Double($0)]) }
    #expect(two.indices.allSatisfy { !stops(SuccessiveHalvingPruner(reduction: 3), two, on: $0) })
  }

  // Goal: Hyperband's brackets have the paper's shares. J = 9, η = 3: s_max = 2, brackets of 9, 5 and 3 of 17 trials.
  @Test func hyperband_dealsTrialsToBrackets() {
    let pruner = HyperbandPruner(reduction: 3)
    let brackets = (0..<17).map { pruner.bracket(of: $0, foldCount: 9) }
    #expect((0...2).map { bracket in brackets.count { $0 == bracket } } == [9, 5, 3])
    // A trial of the last bracket runs 9 folds without a verdict.
    let field = (0..<17).map { entrant($0, [Double(17 - $0) / 20]) }
    let last = brackets.lastIndex(of: 2) ?? 0
    #expect(pruner.verdict(on: last, in: view(field, folds: 9)) == .keep)
  }

  @Test func percentile_comparesAtTheSameFoldAndStep() {
    func running(_ number: Int, _ values: [Double]) -> Entrant {
      let curve = values.enumerated().map { Entrant.Point(step: $0 + 1, value: $1) }
      return Entrant(number: number, branch: "b", folds: [.init(curve: curve, score: nil)])
    }
    let field = (0..<5).map { running($0, [0.5, 0.6, 0.7 + 0.01 * Double($0)]) }
    let pruner = PercentilePruner(keepShare: 0.5, startupCount: 5)
    // At step 2 all others had 0.6; at step 3 three of five are ahead.
    #expect(pruner.verdict(on: 5, in: view(field + [running(5, [0.5, 0.61])])) == .keep)
    #expect(pruner.verdict(on: 5, in: view(field + [running(5, [0.5, 0.61, 0.715])])) != .keep)
    #expect(pruner.verdict(on: 4, in: view(Array(field.prefix(4)) + [running(5, [0.1, 0.1, 0.1])])) == .keep)
  }

  // To have converged is no fault: the fold ends, and no trial is stopped.
  @Test func patience_isARuleForFolds_andStopsNoTrial() {
    let pruner = PatiencePruner(patience: .init(steps: 3, gainMin: 0.1), schedule: StepSchedule(first: 2, .every(4)))
    let field = view([entrant(0, [0.9, 0.9, 0.9, 0.9, 0.9]), entrant(1, [0.1])])
    #expect(pruner.verdict(on: 1, in: field) == .keep)
    let rule = pruner.stepRule(on: 1, fold: 1, stepCount: 12, in: field)
    #expect(rule?.patience == .init(steps: 3, gainMin: 0.1))
    #expect(rule?.places == [2, 6, 10].map { .init(step: $0) })
  }
}
