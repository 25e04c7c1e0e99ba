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
    #expect(plan.seed == 0 && plan.samplerSeed == 5 && plan.samplerKind == .random)
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
    #expect(plan.seed == 99 && plan.folds.seed == 99 && plan.samplerSeed == 99)
  }

  // Goal: a plan's proposals are always taken by their learner. Method: resolve 50 of each example.
  @Test(arguments: ExampleFiles.paths) func example_parsesAndItsProposalsAreTaken(path: String) throws {
    let plan = try readSweepPlan(path: path)
    let sampler = try plan.makeSampler()
    var seen: Set<Learner> = []
    for number in 0..<min(50, plan.trialCountMax) {
      let proposal = try #require(sampler.suggest(trial: number, completed: []), "trial \(number)")
      let trial = plan.trial(of: proposal)
      _ = try trial.learner.resolve(trial.parameters)
      seen.insert(trial.learner)
    }
    #expect(seen == Set(plan.learners))
  }

  @Test func demo_isTheIssuesTenTrials() throws {
    let plan = try readSweepPlan(path: Fixtures.root.appending(path: "configs/sweeps/demo.yaml").path)
    let sampler = try plan.makeSampler()
    let learners = (0..<plan.trialCountMax).compactMap { sampler.suggest(trial: $0, completed: []) }
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
    #expect(try plan.makeSampler().suggest(trial: 1, completed: []) == plan.enqueued[1])
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
    let proposal = try #require(try plan.makeSampler().suggest(trial: 0, completed: []))
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
