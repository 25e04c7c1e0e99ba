// SPDX-License-Identifier: Apache-2.0

import Randomness
import Search
import Sweeps
import Testing

/// A pruner under a name: what every pruner must pass.
struct PrunerCase: Sendable, CustomTestStringConvertible {
  let name: String
  let pruner: any Pruner
  var testDescription: String { name }

  static let all: [PrunerCase] = [
    .init(name: "median", pruner: MedianPruner()), .init(name: "percentile", pruner: PercentilePruner(keepShare: 0.25)),
    .init(name: "asha", pruner: SuccessiveHalvingPruner(reduction: 2)),
    .init(name: "asha by step", pruner: SuccessiveHalvingPruner(minimum: 5, reduction: 2, unit: .step)),
    .init(name: "hyperband", pruner: HyperbandPruner(reduction: 2)),
    .init(
      name: "patience", pruner: PatiencePruner(patience: .init(steps: 8), schedule: StepSchedule(first: 2, .every(2)))),
    .init(name: "threshold", pruner: ThresholdPruner(low: 0.5)), .init(name: "fold-rungs", pruner: FoldRungsPruner()),
    .init(name: "paired-test", pruner: PairedTestPruner()), .init(name: "bound", pruner: LosslessBoundPruner()),
    .init(name: "first of two", pruner: FirstOfPruners([LosslessBoundPruner(), MedianPruner()])),
  ]
}

/// Trials with a level of their own, folds that are harder or easier for all, and some noise.
struct Field {
  var generator: CounterGenerator
  let foldCount = 5

  init(seed: UInt64) { generator = CounterGenerator(key: seed) }

  mutating func entrant(_ number: Int, level: Double, foldsDone: Int, branch: String = "booster") -> Entrant {
    let hardness = [0.02, -0.03, 0, 0.04, -0.01]
    var folds: [Entrant.Fold] = []
    for fold in 0..<foldsDone {
      let score = level + hardness[fold] + 0.005 * generator.normal()
      let curve = (1...10).map { Entrant.Point(step: $0, value: score - 0.1 / Double($0)) }
      folds.append(Entrant.Fold(curve: curve, score: score))
    }
    return Entrant(number: number, branch: branch, folds: folds)
  }

  /// Twelve whole trials of level 0.6…0.71 and the given one, at the end.
  mutating func view(_ candidate: Entrant, direction: Direction = .maximize, bound: Double? = 1) -> PruningView {
    let others = (0..<12).map { entrant($0, level: 0.6 + 0.01 * Double($0), foldsDone: 5) }
    return PruningView(direction: direction, foldCount: 5, bestPossible: bound, trials: others + [candidate])
  }
}

@Suite struct PrunerConformanceTests {
  // Goal: no pruner costs the sweep its winner. Method: a trial far above all others, at each of its folds, 20 seeds.
  @Test(arguments: PrunerCase.all) func clearWinner_isKept(subject: PrunerCase) {
    for seed in 0..<20 as Range<UInt64> {
      for foldsDone in 1...4 {
        var field = Field(seed: seed)
        let view = field.view(field.entrant(12, level: 0.9, foldsDone: foldsDone))
        #expect(subject.pruner.verdict(on: 12, in: view) == .keep, "seed \(seed), \(foldsDone) folds")
      }
    }
  }

  // In real life: logistic regression starts slowly and is compared with boosted trees: 96 of 96 trials died.
  @Test(arguments: PrunerCase.all.filter { $0.name != "threshold" })
  func otherBranch_isNeverComparedWith(subject: PrunerCase) {
    var field = Field(seed: 3)
    let view = field.view(field.entrant(12, level: 0.3, foldsDone: 2, branch: "linear"))
    #expect(subject.pruner.verdict(on: 12, in: view) == .keep)
  }

  @Test(arguments: PrunerCase.all) func firstTrial_isKept(subject: PrunerCase) {
    var field = Field(seed: 1)
    let alone = field.entrant(0, level: 0.6, foldsDone: 1)
    let view = PruningView(direction: .maximize, foldCount: 5, bestPossible: 1, trials: [alone])
    #expect(subject.pruner.verdict(on: 0, in: view) == .keep)
  }

  // Goal: the order in which trials stand in the view, which is that of arrival in some sweeps, plays no part.
  @Test(arguments: PrunerCase.all) func orderOfTrials_changesNoVerdict(subject: PrunerCase) {
    for seed in 0..<20 as Range<UInt64> {
      var field = Field(seed: seed)
      var view = field.view(field.entrant(12, level: 0.6 + 0.006 * Double(seed), foldsDone: 1 + Int(seed % 4)))
      let verdict = subject.pruner.verdict(on: 12, in: view)
      let candidate = view.trials.removeLast()
      var shuffled = view.trials
      field.generator.shuffle(&shuffled)
      view.trials = [candidate] + shuffled
      #expect(subject.pruner.verdict(on: 0, in: view) == verdict, "seed \(seed)")
    }
  }

  // Goal: a loss is pruned as its negative is. Method: the same field, turned over.
  @Test(arguments: PrunerCase.all.filter { $0.name != "threshold" })
  func minimising_isMaximisingTurnedOver(subject: PrunerCase) {
    for seed in 0..<40 as Range<UInt64> {
      var field = Field(seed: seed)
      let view = field.view(field.entrant(12, level: 0.55 + 0.005 * Double(seed), foldsDone: 1 + Int(seed % 4)))
      let turned = PruningView(
        direction: .minimize, foldCount: 5, bestPossible: -1,
        trials: view.trials.map { entrant in
          Entrant(
            number: entrant.number, branch: entrant.branch,
            folds: entrant.folds.map { fold in
              Entrant.Fold(
                curve: fold.curve.map { Entrant.Point(step: $0.step, value: -$0.value) }, score: fold.score.map { -$0 })
            })
        })
      let (one, other) = (subject.pruner.verdict(on: 12, in: view), subject.pruner.verdict(on: 12, in: turned))
      #expect((one == .keep) == (other == .keep), "seed \(seed)")
    }
  }

  // In real life: AUROC is undefined on a fold of one class. Nothing traps, and the trial is not the best of all.
  @Test(arguments: PrunerCase.all) func undefinedScores_areBorne(subject: PrunerCase) {
    var field = Field(seed: 5)
    let candidate = Entrant(number: 12, branch: "booster", folds: [.init(score: .nan), .init(score: 0.9)])
    var view = field.view(candidate)
    view.trials[3] = Entrant(number: 3, branch: "booster", folds: [.init(score: .nan)])
    _ = subject.pruner.verdict(on: 12, in: view)
    _ = subject.pruner.verdict(on: 3, in: view)
    let fine = field.entrant(12, level: 0.9, foldsDone: 2)
    view.trials[12] = fine
    #expect(subject.pruner.verdict(on: 12, in: view) == .keep)
  }
}
