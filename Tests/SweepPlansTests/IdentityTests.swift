// SPDX-License-Identifier: Apache-2.0

import Foundation
import SweepPlans
import Sweeps
import Testing

@Suite struct IdentityTests {
  // Goal: the tracker's copy of a sweep is the sweep. Method: the resolved JSON is read as a sweep file.
  @Test(arguments: ExampleFiles.paths) func spec_isASweepFileThatGivesThePlan(path: String) throws {
    let plan = try readSweepPlan(path: path)
    let again = try readSweepPlan(text: plan.spec, path: "spec.json")
    #expect(again == plan)
    #expect(again.spec == plan.spec)
    #expect(again.identityDigest == plan.identityDigest)
  }

  @Test func spec_writesDefaultsOut() throws {
    #expect(
      try Fixtures.plan().spec == """
        {"apiVersion":"sweep/v1","budget":{"trials":8},"cv":{"folds":4,"group_by":"patient","repeats":1,\
        "scheme":"stratified-grouped","seed":3},"data":{"dataset":"sets/readmission_30d"},"description":"",\
        "enqueue":[],"execution":{"heartbeat":"1000ms","lease":"5000ms","retries":2},"kind":"Sweep","name":"small",\
        "objective":{"aggregate":"mean","also":["valid/auprc","valid/brier","valid/logloss","valid/ece"],\
        "direction":"maximize","metric":"valid/auroc"},"pruner":{"kind":"none"},"sampler":{"kind":"random","seed":5},\
        "seed":0,"space":{"branches":[{"if":{"model":["booster"]},"params":{"trees":{"int":[10,100],"log":false},\
        "learning_rate":{"float":[0.01,0.5],"log":true}}},{"if":{"model":["lstm"]},"params":{"decay":{"choice":\
        ["log","none"]}}}],"params":{"model":{"choice":["booster","lstm"]}}},"tags":{},"task":"readmission_30d",\
        "track":{"artifacts":"runs/artifacts","db":"runs/tracker.db"}}
        """)
  }

  // In real life: the file is tidied up between two starts of one sweep, and the sweep must go on.
  @Test(arguments: [
    ("kind: Sweep", "kind: Sweep # a comment"), ("name: small", "name: other"),
    ("name: small", "name: small\ndescription: new\ntags: {a: b}"),
    ("cv: {folds: 4, seed: 3}", "cv:\n   seed: 3\n   folds: 4\n"), ("cv: {folds: 4,", "cv: {folds: 0x4, repeats: 1,"),
    ("metric: valid/auroc", "metric: \"valid/auroc\", direction: maximize"),
    ("metric: valid/auroc", "metric: valid/auroc, also: [valid/ece]"),
    ("[0.01, 0.5], log: true", "[1e-2, 5.0E-1], log: TRUE"), ("log: true", "log: &yes true"),
    ("dataset: sets/readmission_30d", "dataset: elsewhere"), ("trials: 8", "trials: 80"),
    ("trials: 8}", "trials: 8, folds: 90, worker_hours: 1.5, stop_if: {target: 0.8, no_improvement: 5}}"),
    ("trials: 8}", "trials: 8, wall_time: 2h}\nexecution: {retries: 5, lease: 9s}\ntrack: {db: a.db, artifacts: b}"),
    ("int: [10, 100]", "int: [10, 100], step: 1, log: false"), ("if: {model: lstm}", "if: {model: [lstm]}"),
  ]) func appearance_leavesTheDigest(old: String, new: String) throws {
    let changed = try Fixtures.plan(Fixtures.file(old, new))
    #expect(try changed.identityDigest == Fixtures.plan().identityDigest)
  }

  @Test func keyOrder_leavesTheDigest() throws {
    var lines = Fixtures.file.split(separator: "\n").map(String.init)
    let tail = lines.suffix(2)
    lines.removeLast(2)
    let moved = (tail + lines.prefix(7).reversed() + lines.dropFirst(7)).joined(separator: "\n")
    #expect(try Fixtures.plan(moved).identityDigest == Fixtures.plan().identityDigest)
  }

  // Goal: two sweeps with other results never share an identity. Method: one change of each thing that decides results.
  @Test func whateverDecidesResults_changesTheDigest() throws {
    let changes = [
      ("task: readmission_30d", "task: icu_mortality"), ("kind: Sweep", "kind: Sweep\nseed: 1"),
      ("folds: 4", "folds: 5"), ("folds: 4", "folds: 4, repeats: 2"), ("seed: 3", "seed: 4"),
      ("folds: 4", "folds: 4, scheme: grouped"), ("valid/auroc", "valid/auprc"),
      ("valid/auroc", "valid/auroc, aggregate: median"), ("[booster, lstm]", "[lstm, booster]"),
      ("[booster, lstm]", "[booster, lstm], weights: [1, 1]"), ("[10, 100]", "[10, 101]"),
      ("[10, 100]", "[10, 100], step: 2"), ("[10, 100]", "[10, 100], log: true"), ("[10, 100]", "[10, 100], points: 3"),
      ("[0.01, 0.5], log: true", "[0.01, 0.5]"), ("[log, none]", "[log, inverse]"), ("seed: 5", "seed: 6"),
      ("trees: {int: [10, 100]}", "leaves: {int: [10, 100]}"), ("if: {model: lstm}", "if: {model: [lstm, booster]}"),
      ("budget:", "enqueue: [{model: lstm}]\nbudget:"),
      ("kind: random", "kind: grid}\n# {"),
    ]
    var digests: [ContentDigest: String] = [try Fixtures.plan().identityDigest: "no change"]
    for (old, new) in changes {
      var text = Fixtures.file(old, new)
      if new.contains("[lstm, booster]}") {
        text = text.replacing("decay: {choice: [log, none]}", with: "patience: {value: 3}")
      }
      if new.contains("grid") {
        text = text.replacing("[0.01, 0.5], log: true", with: "[0.01, 0.5], log: true, points: 3")
      }
      let digest = try Fixtures.plan(text).identityDigest
      #expect(digests[digest] == nil, "\(old) → \(new) has the digest of \(digests[digest] ?? "")")
      digests[digest] = "\(old) → \(new)"
    }
  }

  // In real life: a tracker of last month is opened by today's build. The digest is part of the contract.
  @Test func digest_isTheRecordedOne() throws {
    let digest = try Fixtures.plan().identityDigest.hex
    #expect(
      digest == "b8c69876e7c576ce27a0faeb3efa26d5db95158b820d9925c3ade40942935f4b", "now \(digest): a default changed?")
  }
}
