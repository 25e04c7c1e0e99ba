// SPDX-License-Identifier: Apache-2.0

import Search
import SweepPlans
import Sweeps
import Testing

/// Test sets, second objectives, warm starts and the sweeps that follow from a sweep.
@Suite struct SweepFileStudyTests {
  private func withCV(_ text: String) throws -> SweepPlan {
    try Fixtures.plan(Fixtures.file("cv: {folds: 4, seed: 3}", "cv: {folds: 4, seed: 3, \(text)}"))
  }

  @Test(arguments: [
    ("0.2", 5, 1), ("0.15", 7, 1), ("0.25", 4, 1), ("0.3", 10, 3), ("0.5", 2, 1), ("0.05", 10, 1), ("0.4", 5, 2),
  ]) func fraction_isTheNearestShareOfTenPartsAtMost(text: String, parts: Int, count: Int) throws {
    let plan = try withCV("test: {fraction: \(text)}")
    #expect(plan.folds.testSet == FoldPlan.TestSet(partCount: parts, count: count, seed: 3))
    #expect(try readSweepPlan(text: plan.spec, path: "spec.json") == plan)
  }

  @Test func identity_holdsWhatDecidesResults() throws {
    let plain = try Fixtures.plan().identityDigest
    #expect(try withCV("test: {fraction: 0.2}").identityDigest != plain)
    #expect(
      try withCV("test: {fraction: 0.2}").identityDigest != withCV("test: {fraction: 0.2, part: 1}").identityDigest)
    #expect(
      try withCV("test: {fraction: 0.2}").identityDigest != withCV("test: {fraction: 0.2, seed: 4}").identityDigest)
    func started(_ text: String) throws -> SweepPlan {
      try Fixtures.plan(Fixtures.file("budget:", "warm_start: {sweep: \(text)}\nbudget:"))
    }
    #expect(try started("a").identityDigest != plain)
    #expect(try started("a").identityDigest != started("a, best: 3").identityDigest)
    // What the other sweep had to give, and where it is, may change between two starts.
    #expect(
      try started("a").identityDigest == started("a, tracker: x.db, trials: [{model: lstm}]").identityDigest)
    #expect(
      try Fixtures.plan(Fixtures.file("budget:", "finish: {refit_best: true}\nbudget:")).identityDigest == plain)
  }

  @Test func warmStart_comesAfterTheEnqueued_andIsRecorded() throws {
    let plan = try Fixtures.plan(
      Fixtures.file("budget:", "enqueue: [{model: lstm}]\nwarm_start: {sweep: a, best: 2}\nbudget:"))
    #expect(plan.firstTrials.count == 1 && plan.warmStart?.trials == nil)
    let booster = try plan.readTrial("{model: booster, trees: 33, leaves: 9}")
    let warm = plan.warmed(with: [try plan.readTrial("{model: lstm}"), booster])
    #expect(warm.firstTrials == [plan.enqueued[0], booster])
    let again = try readSweepPlan(text: warm.spec, path: "spec.json")
    #expect(again == warm && again.identityDigest == plan.identityDigest)
  }

  @Test func secondObjective_needsASamplerThatWeighsTwo() throws {
    let base = Fixtures.file("kind: random", "kind: nsga2")
    func plan(_ second: String, _ more: String = "") throws -> SweepPlan {
      try Fixtures.plan(
        base.replacing("valid/auroc}", with: "valid/auroc, second: \(second)}").replacing(", seed: 5", with: more))
    }
    #expect(try plan("valid/brier").objective.second == .init(metric: "valid/brier", direction: .minimize))
    #expect(try plan("valid/brier").identityDigest != Fixtures.plan(base).identityDigest)
    let cost = try plan("cost/cpu_seconds", ", reproducible: false")
    #expect(cost.objective.second?.isCost == true)
    #expect(try readSweepPlan(text: cost.spec, path: "spec.json") == cost)
    #expect(throws: SweepPlanError.self) { try plan("cost/cpu_seconds") }
    #expect(throws: SweepPlanError.self) { try plan("cost/money") }
    #expect(throws: SweepPlanError.self) {
      try Fixtures.plan(
        base.replacing("valid/auroc}", with: "valid/auroc, second: valid/ece}") + "\npruner: fold-rungs")
    }
  }

  // In real life: a length-of-stay sweep with SMOTE would fail fold by fold, on every worker.
  @Test(arguments: [
    "trees: {int: [10, 100]}\n        imbalance: {choice: [none, smote]}",
    "trees: {int: [10, 100]}\n        imbalance: {value: undersample}",
    "trees: {int: [10, 100]}\n        stop_on: {choice: [loss, auprc]}",
  ]) func realOutcome_refusesWhatNeedsClasses(lines: String) throws {
    let text = Fixtures.file("task: readmission_30d", "task: length_of_stay").replacing(
      "valid/auroc", with: "valid/mae")
    let changed = text.replacing("trees: {int: [10, 100]}", with: lines)
    #expect(try Fixtures.plan(text).outcome == .lengthOfStay)
    let error = try #require(Fixtures.error(changed), "it was taken")
    #expect("\(error)".contains("is for labels 0 and 1"), "\(error)")
    let plan = try Fixtures.plan(text)
    #expect(throws: SweepPlanError.self) { try plan.readTrial("{model: booster, imbalance: oversample}") }
    #expect(try Fixtures.plan(Fixtures.file("trees: {int: [10, 100]}", lines)).name == "small")
  }

  @Test func derivedSweeps_shareFoldsAndNotNames() throws {
    let plan = try withCV("test: {fraction: 0.2}")
    let winner = try plan.readTrial("{model: booster, trees: 33}")
    let refit = plan.refit(of: winner)
    #expect(refit.name == "small-refit" && refit.folds == plan.folds.final && refit.folds.taskCount == 1)
    #expect(refit.trialCountMax == 1 && refit.identityDigest != plan.identityDigest)
    #expect(plan.refit(of: winner, look: 2).name == "small-refit-2")
    let again = plan.repeating(winner, number: 7, count: 3)
    #expect(again.name == "small-repeat7" && again.folds == plan.folds && again.seed != plan.seed)
    // More repeats go on with it; another trial is another sweep.
    #expect(again.identityDigest == plan.repeating(winner, number: 7, count: 30).identityDigest)
    let other = try plan.readTrial("{model: booster, trees: 34}")
    #expect(again.identityDigest != plan.repeating(other, number: 7, count: 3).identityDigest)
    var sampler = try again.makeSampler()
    #expect(sampler.suggest(trial: 0, after: .none) == sampler.suggest(trial: 2, after: .none))
    let parts = (0..<3).map { try? Fixtures.plan().outer($0, of: 3) }
    #expect(Set(parts.map { $0?.identityDigest }).count == 3)
    #expect(parts.map { $0?.folds.testSet?.first } == [0, 1, 2])
  }
}
