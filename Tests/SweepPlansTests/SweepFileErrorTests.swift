// SPDX-License-Identifier: Apache-2.0

import SweepPlans
import Testing

/// The screens that a user meets most, to the letter.
@Suite struct SweepFileErrorScreenTests {
  @Test func unknownKey_namesTheNearest() {
    #expect(
      Fixtures.error(Fixtures.file("learning_rate:", "learning_rte:"))?.description == """
        error: unknown key `learning_rte` in space.branches[0].params [E-spec-unknown-key]
          --> small.yaml:15:9
           |
        15 |         learning_rte: {float: [0.01, 0.5], log: true}
           |         ^^^^^^^^^^^^ did you mean `learning_rate`? booster takes: trees, learning_rate, leaves, max_depth, \
        min_leaf, min_hessian, l1, l2, min_gain, subsample, column_sample, bins, min_bin_rows, patience, positive_weight, \
        loss, quantile, tweedie_power, growth, rate_schedule, sampling, goss_top, goss_rest, drop_rate, drop_skip, \
        stop_on, bins_from, monotone, categorical, imbalance, imbalance_ratio, smote_neighbours
        help: docs/Configuration.md lists every key
        """)
  }

  @Test func unknownTopLevelKey_namesTheNearest() {
    #expect(
      Fixtures.error(Fixtures.file("objective:", "objectives:"))?.description == """
        error: unknown key `objectives` [E-spec-unknown-key]
         --> small.yaml:7:1
          |
        7 | objectives: {metric: valid/auroc}
          | ^^^^^^^^^^ did you mean `objective`? a sweep file takes: apiVersion, kind, name, description, tags, task, \
        seed, data, cv, objective, space, sampler, pruner, enqueue, warm_start, budget, \
        execution, track, finish
        help: docs/Configuration.md lists every key
        """)
  }

  @Test func valueOutsideTheDomain_isShown() {
    #expect(
      Fixtures.error(Fixtures.file("[10, 100]", "[0, 100]"))?.description
        == """
        error: space.branches[0].params.trees.int: expected an integer in 1...100000, found 0 [E-spec-bad-value]
          --> small.yaml:14:23
           |
        14 |         trees: {int: [0, 100]}
           |                       ^ unit: trees
        """)
  }

  @Test func metricOfAnotherTask_isUndefined() {
    let text = Fixtures.file("task: readmission_30d", "task: length_of_stay").replacing("auroc", with: "auprc")
    #expect(
      Fixtures.error(text)?.description == """
        error: objective.metric: valid/auprc is undefined for length_of_stay, whose labels are real numbers \
        [E-spec-bad-value]
         --> small.yaml:7:21
          |
        7 | objective: {metric: valid/auprc}
          |                     ^^^^^^^^^^^ expected valid/rmse, valid/mae or valid/r2
        """)
  }

  @Test func continuousGrid_saysWhichParameter() {
    #expect(
      Fixtures.error(Fixtures.file("kind: random", "kind: grid"))?.description == """
        error: sampler.kind: no grid of this space: `learning_rate`, real 0.01…0.5, log [E-spec-bad-value]
          --> small.yaml:19:17
           |
        19 | sampler: {kind: grid, seed: 5}
           |                 ^^^^ give it a step or points, or use kind: random
        """)
  }

  @Test func stepsWithoutDeclaredResults_areRefused() {
    let file = Fixtures.file("kind: random", "reproducible: false, kind: random")
    #expect(
      Fixtures.error(file + "\npruner: {kind: median, unit: step}")?.description == """
        error: pruner.unit: step and sampler.reproducible: false exclude each other [E-spec-bad-value]
          --> small.yaml:21:9
           |
        21 | pruner: {kind: median, unit: step}
           |         ^ a fold that is trained twice has to end at one step: what ends it follows from declared results
        """)
  }

  @Test func override_isShownAsItWasTyped() {
    #expect(
      Fixtures.error(Fixtures.file, overrides: ["sampler.kind=gird"])?.description == """
        error: sampler.kind: there is no `gird` [E-spec-bad-value]
         --> --set:1:14
          |
        1 | sampler.kind=gird
          |              ^^^^ did you mean `grid`? expected grid, random, sobol, halton, tpe, cmaes, gp or nsga2
        """)
  }

  @Test func missingFile_isNamed() throws {
    #expect {
      try readSweepPlan(path: "no/such.yaml")
    } throws: {
      "\($0)" == """
        error: there is no sweep file no/such.yaml [E-spec-file-missing]
        help: configs/sweeps has examples to start from
        """
    }
  }

  @Test func brokenYAML_pointsAtItsPlace() {
    let error = Fixtures.error(Fixtures.file("cv: {folds: 4, seed: 3}", "cv: {folds: 4, seed: 3"))
    #expect(error?.code == .syntax)
    #expect(error?.place?.line == 7)
  }

  @Test func duplicateKey_isRefused() {
    let error = Fixtures.error(Fixtures.file("name: small", "name: small\ntask: icu_mortality"))
    #expect(error?.code == .duplicateKey)
    #expect(error?.message == "key `task` is there twice in one mapping")
    #expect(error?.place?.line == 4)
  }
}
