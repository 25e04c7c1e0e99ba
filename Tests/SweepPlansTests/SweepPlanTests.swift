// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Search
import SweepPlans
import Sweeps
import Testing

@Suite struct SweepPlanTests {
  @Test func smallFile_isReadWithItsDefaults() throws {
    let plan = try Fixtures.plan()
    #expect(plan.name == "small")
    #expect(plan.outcome == .readmission30d)
    #expect(plan.datasetPath == "sets/readmission_30d")
    #expect(plan.folds == FoldPlan(scheme: .stratifiedGrouped, foldCount: 4, seed: 3))
    #expect(plan.objective.direction == .maximize)
    #expect(plan.objective.aggregate == .mean)
    #expect(plan.objective.also == ["valid/auprc", "valid/brier", "valid/logloss", "valid/ece"])
    #expect(plan.seed == 0 && plan.sampler == SamplerSettings(kind: .random, seed: 5))
    #expect(plan.trialCountMax == 8 && plan.taskCountMax == 32)
    #expect(plan.execution.retryCount == 2)
    #expect(plan.execution.heartbeatMilliseconds == 1_000 && plan.execution.leaseMilliseconds == 5_000)
    #expect(plan.execution.attemptTimeoutMilliseconds == nil && plan.wallTimeMaxMilliseconds == nil)
    #expect(plan.trackerPath == "runs/tracker.db" && plan.artifactsPath == "runs/artifacts")
    #expect(plan.space.dimensionCount == 4)
    #expect(plan.learners == [.booster, .lstm])
  }

  @Test func fileSeed_isThatOfFoldsAndSampler() throws {
    let text = Fixtures.file("kind: Sweep", "kind: Sweep\nseed: 99").replacing(", seed: 3", with: "")
      .replacing(", seed: 5", with: "")
    let plan = try Fixtures.plan(text)
    #expect(plan.seed == 99 && plan.folds.seed == 99 && plan.sampler.seed == 99)
  }

  @Test func budget_isReadAndWrittenOut() throws {
    let text = Fixtures.file(
      "trials: 8", "folds: 90, worker_hours: 1.5, stop_if: {target: 0.8, no_improvement: 5, min_delta: 0.01}")
    let plan = try Fixtures.plan(text)
    #expect(plan.trialCountMax == 90 && plan.computeMaxMilliseconds == 5_400_000 && plan.taskCountMax == 90)
    #expect(plan.stopRules.foldCountMax == 90 && plan.stopRules.target == 0.8)
    #expect(plan.stopRules.noImprovementCount == 5 && plan.stopRules.minDelta == 0.01)
    #expect(try readSweepPlan(text: plan.spec, path: "spec.json") == plan)
  }

  // Goal: a plan's proposals are always taken by their learner. Method: resolve 50 of each example.
  @Test(arguments: ExampleFiles.paths) func example_parsesAndItsProposalsAreTaken(path: String) throws {
    let plan = try readSweepPlan(path: path)
    var sampler = try plan.makeSampler()
    var seen: Set<Learner> = []
    for number in 0..<min(50, plan.trialCountMax) {
      // A sampler that learns is asked for what it proposes before it has learnt anything.
      guard sampler.prefixCount(trial: number) == 0 else { break }
      let suggested = sampler.suggest(trial: number, after: TrialHistory(UnitCube(plan.space)))
      let proposal = try #require(suggested, "trial \(number)")
      let trial = plan.trial(of: proposal)
      _ = try trial.learner.resolve(trial.parameters)
      seen.insert(trial.learner)
    }
    #expect(seen == Set(plan.learners))
  }

  @Test func demo_isTheIssuesTenTrials() throws {
    let plan = try readSweepPlan(path: Fixtures.root.appending(path: "configs/sweeps/demo.yaml").path)
    var sampler = try plan.makeSampler()
    let learners = (0..<plan.trialCountMax).compactMap { sampler.suggest(trial: $0, after: .none) }
      .map { plan.trial(of: $0).learner }
    #expect(learners.count == 10 && plan.folds.taskCount == 5)
    #expect(Learner.allCases.map { learner in learners.count { $0 == learner } } == [4, 2, 4])
    #expect(plan.datasetPath == "runs/demo/datasets/readmission_30d")
    #expect(plan.trackerPath == "runs/demo/tracker.db" && plan.artifactsPath == "runs/demo/artifacts")
  }

  @Test func grid_needsNoBudgetAndKeepsToItsSize() throws {
    let grid = Fixtures.file("kind: random, seed: 5", "kind: grid").replacing(
      "learning_rate: {float: [0.01, 0.5], log: true}", with: "learning_rate: {float: [0.1, 0.3], step: 0.1}"
    ).replacing("[10, 100]}", with: "[10, 30], step: 10}")
    #expect(try Fixtures.plan(grid.replacing("budget: {trials: 8}", with: "")).trialCountMax == 11)
    #expect(try Fixtures.plan(grid.replacing("trials: 8", with: "trials: 500")).trialCountMax == 11)
    #expect(try Fixtures.plan(grid.replacing("trials: 8", with: "trials: 3")).trialCountMax == 3)
    let enqueued = grid + "\nenqueue: [{model: booster, trees: 20, learning_rate: 0.3}, {model: lstm, decay: inverse}]"
    #expect(try Fixtures.plan(enqueued.replacing("trials: 8", with: "trials: 500")).trialCountMax == 12)
  }

  @Test func enqueuedTrial_isCompletedFromSpaceAndDefaults() throws {
    let text =
      Fixtures.file("learning_rate: {float: [0.01, 0.5], log: true}", "leaves: {value: 7}")
      + "\nenqueue:\n  - {model: booster, l2: 3}\n  - {model: lstm}\n"
    let plan = try Fixtures.plan(text)
    #expect(
      plan.enqueued.map(\.json) == [
        #"{"l2":3.0,"leaves":7,"model":"booster","trees":200}"#, #"{"decay":"log","model":"lstm"}"#,
      ])
    var sampler = try plan.makeSampler()
    let second = sampler.suggest(trial: 1, after: .none)
    #expect(second == plan.enqueued[1])
  }

  // In real life: leaves must fit the depth, and sizes have an order that no number shows.
  @Test func searchKeys_areRead() throws {
    var text = Fixtures.file(
      "trees: {int: [10, 100]}", "leaves: {int: [2, 256], log: true}\n        max_depth: {int: [1, 8]}")
    text = text.replacing("choice: [log, none]", with: "ordinal: [none, log, inverse]")
    text = text.replacing("space:\n", with: "space:\n  require: ['booster.leaves <= 2 ** max_depth']\n")
    text = text.replacing(
      "{kind: random, seed: 5}", with: "{kind: tpe, startup_trials: 4, round: 3, reproducible: false}")
    text += "\npruner: {kind: paired-test, alpha: 0.1, protect: [lstm], protect_enqueued: false}"
    let plan = try Fixtures.plan(text)
    #expect(plan.sampler == SamplerSettings(kind: .tpe, seed: 0, startupCount: 4, roundSize: 3) && !plan.isReproducible)
    #expect(plan.pruner.kind == .pairedTest && plan.pruner.alpha == 0.1 && plan.pruner.protected == ["lstm"])
    #expect(!plan.pruner.protectsEnqueued && plan.pruner.makePruner() != nil)
    #expect(plan.space.requirements.map(\.names) == [["leaves", "max_depth"]])
    #expect(!plan.space.allows(["model": .text("booster"), "leaves": .integer(9), "max_depth": .integer(3)]))
    #expect(try readSweepPlan(text: plan.spec, path: "spec.json") == plan)
    let other = try Fixtures.plan(text.replacing("alpha: 0.1", with: "alpha: 0.2"))
    #expect(other.identityDigest != plan.identityDigest)
  }

  @Test(arguments: [
    "{kind: asha, unit: step, first_step: 5, reduction: 2}",
    "{kind: percentile, keep: 0.25, unit: step, step_interval: 20}",
    "{kind: threshold, low: 0.6, unit: step}", "{kind: patience, patience: 30, min_gain: 0.01, first_step: 3}",
    "patience",
  ]) func prunersByStep_areRead_andKeptInTheSpec(pruner: String) throws {
    let plan = try Fixtures.plan(Fixtures.file + "\npruner: " + pruner)
    #expect(plan.pruner.judgesSteps)
    #expect(try readSweepPlan(text: plan.spec, path: "spec.json") == plan)
    let other = try Fixtures.plan(Fixtures.file + "\npruner: {kind: median}")
    #expect(!other.pruner.judgesSteps && !other.spec.contains("step") && other.identityDigest != plan.identityDigest)
  }

  @Test func sharedParameter_liesAboveTheBranches() throws {
    let text = Fixtures.file(
      "model: {choice: [booster, lstm]}", "model: {choice: [booster, lstm]}\n    learning_rate: {float: [0.01, 0.1]}"
    ).replacing("        learning_rate: {float: [0.01, 0.5], log: true}\n", with: "")
    #expect(try Fixtures.plan(text).space.parameters.map(\.name) == ["model", "learning_rate"])
  }

  @Test func oneLearner_needsNoBranches() throws {
    let text = Fixtures.file("model: {choice: [booster, lstm]}", "model: {value: linear}\n    l2: {value: 1}")
    let cut = text.replacing(/\ \ branches:(.|\n)*?sampler/, with: "sampler")
    let plan = try Fixtures.plan(cut)
    #expect(plan.learners == [.linear])
    var sampler = try plan.makeSampler()
    let suggested = sampler.suggest(trial: 0, after: .none)
    let proposal = try #require(suggested)
    #expect(plan.trial(of: proposal).parameters == ["l2": .real(1)])
  }
}

enum ExampleFiles {
  static let paths: [String] = {
    let folder = Fixtures.root.appending(path: "configs/sweeps").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".yaml") }.sorted().map { folder + "/" + $0 }
  }()
}

@Suite struct ExampleFileTests {
  @Test func examples_areFound() { #expect(ExampleFiles.paths.count >= 4) }
}
