// SPDX-License-Identifier: Apache-2.0

import SweepPlans
import Testing

/// A change of the fixture, and the error it must give: its code, the stretch under the caret, a part of its text.
struct WrongFile: Sendable, CustomTestStringConvertible {
  let old: String
  let new: String
  let code: SweepPlanError.Code
  let caret: String
  let says: String

  init(_ old: String, _ new: String, _ code: SweepPlanError.Code, _ caret: String, _ says: String) {
    (self.old, self.new, self.code, self.caret, self.says) = (old, new, code, caret, says)
  }

  var testDescription: String { "\(old) → \(new)" }
}

@Suite struct SweepFileRuleTests {
  @Test(arguments: WrongFile.keys + WrongFile.values + WrongFile.spaces + WrongFile.enqueued)
  func wrongFile_isRefusedAtItsPlace(wrong: WrongFile) throws {
    let error = try #require(Fixtures.error(Fixtures.file(wrong.old, wrong.new)), "it was taken")
    #expect(error.code == wrong.code, "\(error)")
    #expect(error.description.contains(wrong.says), "\(error)")
    let place = try #require(error.place, "\(error)")
    let caret = String(
      String.UnicodeScalarView(place.text.unicodeScalars.dropFirst(place.column - 1).prefix(place.width)))
    #expect(caret == wrong.caret, "\(error)")
  }
}

extension WrongFile {
  static let keys: [WrongFile] = [
    .init("kind: Sweep\n", "", .missingKey, "a", "missing key `kind`"),
    .init("name: small\n", "", .missingKey, "a", "missing key `name`"),
    .init("task: readmission_30d\n", "", .missingKey, "a", "missing key `task`"),
    .init("{dataset: sets/readmission_30d}", "{}", .missingKey, "{", "missing key `dataset` in data"),
    .init("metric: valid/auroc", "", .missingKey, "{", "missing key `metric` in objective"),
    .init("kind: random, seed: 5", "seed: 5", .missingKey, "{", "missing key `kind` in sampler"),
    .init("budget: {trials: 8}", "", .missingKey, "a", "a random search ends at a number of trials"),
    .init("trials: 8", "wall_time: 2h", .missingKey, "{", "missing key `trials` in budget"),
    .init("model: {choice: [booster, lstm]}", "models: {value: booster}", .missingKey, "m", "missing key `model`"),
    .init("folds: 4", "fold: 4", .unknownKey, "fold", "did you mean `folds`? cv takes: scheme, group_by, folds"),
    .init("budget:", "finish: {report: html}\nbudget:", .notSupportedYet, "report", "finish takes: refit_best"),
    .init("folds: 4", "folds: 4, test: {}", .missingKey, "{", "missing key `fraction` in cv.test"),
    .init("folds: 4", "folds: 4, test: {size: 3}", .unknownKey, "size", "cv.test takes: fraction, seed, part"),
    .init("budget:", "warm_start: {best: 3}\nbudget:", .missingKey, "{", "missing key `sweep` in warm_start"),
    .init("log: true", "logarithm: true", .unknownKey, "logarithm", "space.params.NAME takes: float, int"),
    .init("log: true", "weights: [1]", .badValue, "weights", "float takes: log, step, points"),
    .init("folds: 4", "[1]: 4", .wrongType, "[", "a key is a list"),
    .init("cv: {folds: 4, seed: 3}", "cv: 5", .wrongType, "5", "cv: expected a mapping, found 5"),
    .init("cv: {folds: 4, seed: 3}", "cv:", .wrongType, "", "cv: expected a mapping, found nothing"),
  ]

  static let values: [WrongFile] = [
    .init("sweep/v1", "sweep/v2", .badValue, "sweep/v2", "did you mean `sweep/v1`?"),
    .init("name: small", "name: My Sweep", .badValue, "My Sweep", "expected 1 to 63 of a-z, 0-9 and -"),
    .init("name: small", "name: [a]", .wrongType, "[", "name: expected text, found a list"),
    .init(
      "task: readmission_30d", "task: readmision_30d", .badValue, "readmision_30d", "did you mean `readmission_30d`?"),
    .init("folds: 4", "folds: 1", .badValue, "1", "cv.folds: expected an integer in 2...1000, found 1"),
    .init("folds: 4", "folds: many", .wrongType, "many", "expected an integer in 2...1000, found many"),
    .init("folds: 4", "folds: '4'", .wrongType, "'", "found the text \"4\""),
    .init("folds: 4", "folds: 4.0", .wrongType, "4.0", "expected an integer"),
    .init("seed: 3", "seed: -3", .badValue, "-3", "cv.seed: expected an integer of at least 0"),
    .init("folds: 4", "scheme: temporal", .notSupportedYet, "temporal", "expected stratified-grouped or grouped"),
    .init("folds: 4", "group_by: stay", .badValue, "stay", "expected patient"),
    .init("valid/auroc", "auroc", .badValue, "auroc", "did you mean `valid/auroc`?"),
    .init("valid/auroc", "valid/auroc, direction: minimize", .badValue, "minimize", "is better when it is larger"),
    .init("valid/auroc", "valid/auroc, aggregate: pooled", .notSupportedYet, "pooled", "expected mean or median"),
    .init("valid/auroc", "valid/auroc, also: [valid/rmse]", .badValue, "valid/rmse", "undefined for readmission_30d"),
    .init("kind: random", "kind: tp", .badValue, "tp", "did you mean `tpe`?"),
    .init("kind: random", "kind: random, round: 4", .badValue, "round", "means nothing beside kind: random"),
    .init("kind: random", "kind: on", .badValue, "on", "there is no `on`"),
    .init("folds: 4", "folds: 4, test: {fraction: 0.9}", .badValue, "0.9", "cv.test.fraction: expected a number in"),
    .init("folds: 4", "folds: 4, test: {fraction: 0.2, part: 5}", .badValue, "5", "expected an integer in 0...4"),
    .init("budget:", "warm_start: {sweep: a, best: 9}\nbudget:", .badValue, "8", "9 of them by warm_start"),
    .init("valid/auroc", "valid/auroc, second: valid/auroc", .badValue, "valid/auroc", "the first objective already"),
    .init("valid/auroc", "valid/auroc, second: valid/brier", .badValue, "valid/brier", "it is for nsga2"),
    .init("trials: 8", "trials: 0", .badValue, "0", "budget.trials: expected an integer in 1...1000000"),
    .init("trials: 8", "trials: 8, wall_time: 12", .wrongType, "12", "write a number and its unit"),
    .init("trials: 8", "trials: 8, folds: 3", .badValue, "3", "expected at least the 4 folds of one trial, found 3"),
    .init("trials: 8", "trials: 8, worker_hours: 0", .badValue, "0", "budget.worker_hours: expected a number in"),
    .init("trials: 8", "trials: 8, stop_if: {target: 1.2}", .badValue, "1.2", "valid/auroc never reaches 1.2"),
    .init(
      "trials: 8", "trials: 8, stop_if: {min_delta: 0.1}", .badValue, "0.1", "means nothing without no_improvement"),
    .init("trials: 8", "trials: 8, stop_if: {goal: 1}", .unknownKey, "goal", "budget.stop_if takes: target, no_imp"),
    .init("budget:", "execution: {lease: 2s}\nbudget:", .badValue, "2s", "expected at least 3 heartbeats, 3000ms"),
    .init("budget:", "execution: {timeout: -3s}\nbudget:", .wrongType, "-3s", "expected a duration"),
    .init(
      "budget:", "pruner: {kind: bound, unit: step}\nbudget:", .badValue, "unit", "it is for median, percentile, asha"),
    .init("budget:", "pruner: {kind: median, unit: rung}\nbudget:", .badValue, "rung", "expected fold or step"),
    .init("budget:", "pruner: {kind: median, first_step: 4}\nbudget:", .badValue, "first_step", "without unit: step"),
    .init(
      "budget:", "pruner: {kind: asha, unit: step, step_interval: 4}\nbudget:", .badValue, "step_interval",
      "it is for median, percentile, threshold, patience"),
    .init(
      "budget:", "pruner: {kind: asha, unit: step, min_folds: 2}\nbudget:", .badValue, "min_folds",
      "rungs begin at `first_step`"),
    .init("budget:", "pruner: {kind: median, patience: 4}\nbudget:", .badValue, "patience", "it is for patience"),
    .init("budget:", "pruner: {kind: patience, patience: 0}\nbudget:", .badValue, "0", "an integer in 1...100000"),
    .init("budget:", "pruner: {kind: patience, min_gain: -1}\nbudget:", .badValue, "-1", "a number in 0.0"),
    .init("budget:", "pruner: {kind: asha, keep: 0.4}\nbudget:", .badValue, "keep", "it is for percentile, fold-rungs"),
    .init("budget:", "pruner: threshold\nbudget:", .missingKey, "threshold", "needs `low` or `high`"),
    .init("budget:", "pruner: {kind: bound, protect: [linaer]}\nbudget:", .badValue, "linaer", "did you mean"),
    .init("data: {", "data: {expect_digest: sha256:12, ", .badValue, "sha256:12", "64 lower-case hexadecimal digits"),
    .init("budget:", "tags: {a: [1]}\nbudget:", .wrongType, "[", "tags.a: expected text, found a list"),
  ]

  static let spaces: [WrongFile] = [
    .init("[10, 100]", "[100, 10]", .badValue, "[", "expected [low, high] with low ≤ high, found [100, 10]"),
    .init("[10, 100]", "[10]", .wrongType, "[", "trees.int: expected [low, high], found a list"),
    .init("[10, 100]", "[10, 99.5]", .badValue, "99.5", "expected an integer in 1...100000, found 99.5"),
    .init("[10, 100]", "[10, 100], step: 7", .badValue, "7", "a step that divides 10…100 into whole parts"),
    .init("[10, 100]", "[10, 100], log: true, step: 10", .badValue, "10", "`points` for values on a log scale"),
    .init("[10, 100]", "[10, 100], step: 10, points: 3", .badValue, "3", "expected step or points, found both"),
    .init("[10, 100]", "[10, 100], log: yes", .wrongType, "yes", "log: expected true or false, found yes"),
    .init("int: [10, 100]", "float: [10, 100]", .wrongType, "float", "found a range of reals"),
    .init(
      "int: [10, 100]", "int: [10, 100], value: 3", .badValue, "{",
      "expected one of float, int, choice, ordinal or value"),
    .init("int: [10, 100]", "log: true", .missingKey, "{", "found none of them"),
    .init("{int: [10, 100]}", "200", .wrongType, "200", "for one value write {value: 200}"),
    .init("trees: {int: [10, 100]}", "l2: {float: [0, 1], log: true}", .badValue, "true", "a low end above 0"),
    .init("trees: {int: [10, 100]}", "l2: {float: [0, 1], step: 0.3}", .badValue, "0.3", "divides 0…1"),
    .init("trees: {int: [10, 100]}", "l2: {int: [0, 9]}", .wrongType, "int", "write float, with step: 1"),
    .init("trees: {int: [10, 100]}", "l2: {float: [.nan, 1]}", .badValue, ".nan", "expected a number in 0.0"),
    .init("[0.01, 0.5]", "[0.01, 5]", .badValue, "5", "expected a number in 1e-06...1.0, found 5"),
    .init("choice: [log, none]", "ordinal: [log, log]", .badValue, "[", "expected each value once"),
    .init("choice: [log, none]", "ordinal: [log, none], step: 1", .badValue, "step", "means nothing beside `ordinal`"),
    .init("space:", "space:\n  require: [trees <= ]", .badValue, " ", "expected a number or a parameter"),
    .init("space:", "space:\n  require: [trees < leaves]", .unknownKey, "trees < leaves", "no parameter `leaves`"),
    .init(
      "space:", "space:\n  require: [boster.trees < 9]", .unknownKey, "boster.trees < 9", "did you mean `booster`?"),
    .init("space:", "space:\n  require: ['trees + 1']", .badValue, "'", "one of <= < >= > == !="),
    .init("space:", "space:\n  require: [7]", .badValue, "]", "one of <= < >= > == !="),
    .init("[log, none]", "[]", .badValue, "[", "expected at least one value, found none"),
    .init("[log, none]", "[log, log]", .badValue, "[", "expected each value once, found a second log"),
    .init("[log, none]", "[log, invers]", .badValue, "invers", "did you mean `inverse`?"),
    .init("[log, none]", "[log, none], weights: [1]", .badValue, "[", "one weight a value, 2, found 1"),
    .init("[log, none]", "[log, none], weights: [1, x]", .wrongType, "x", "expected a number, found x"),
    .init("[booster, lstm]", "[booster, forest]", .badValue, "forest", "expected one of booster, lstm, linear"),
    .init("{model: lstm}", "{model: lstn}", .badValue, "lstn", "`model` is never lstn"),
    .init("{model: lstm}", "{modl: lstm}", .unknownKey, "modl", "did you mean `model`? known here: model"),
    .init("{model: lstm}", "{}", .wrongType, "{", "expected a mapping such as {model: booster}"),
    .init(
      "{model: lstm}", "{model: [lstm, booster]}", .unknownKey, "decay", "put it in a branch with if: {model: lstm}"),
    .init("if: {model: lstm}\n", "when: {model: lstm}\n", .unknownKey, "when", "takes: if, params, branches"),
    .init(
      "decay: {choice: [log, none]}",
      "decay: {value: log}\n    - if: {model: lstm}\n      params: {decay: {value: none}}",
      .duplicateKey, "{", "`decay` exists in two branches"),
    .init(
      "decay: {choice: [log, none]}",
      "dropout: {float: [0, 0.5]}\n      branches: [{if: {dropout: 0.1}, params: {decay: {value: log}}}]",
      .badValue, "0.1", "a branch cannot depend on real 0…0.5"),
    .init(
      "model: {choice: [booster, lstm]}",
      "model: {choice: [booster, lstm]}\n    patience: {value: 3}\n    trees: {value: 9}",
      .unknownKey, "trees", "put it in a branch with if: {model: booster}"),
    .init(
      "[booster, lstm]}", "[booster, lstm]}\n    learning_rate: {value: 0.1}", .duplicateKey, "learning_rate",
      "exists in a level around it already"),
  ]

  static let enqueued: [WrongFile] = [
    .init("budget:", "enqueue: [{trees: 5}]\nbudget:", .missingKey, "{", "missing key `model` in enqueue[0]"),
    .init("budget:", "enqueue: [{model: linear}]\nbudget:", .badValue, "linear", "expected booster or lstm"),
    .init("budget:", "enqueue: [{model: lstm, trees: 5}]\nbudget:", .unknownKey, "trees", "lstm takes: hidden"),
    .init("budget:", "enqueue: [{model: booster, trees: 0}]\nbudget:", .badValue, "0", "enqueue[0].trees: expected"),
    .init(
      "budget:", "enqueue: [{model: lstm}, {model: lstm, decay: log}]\nbudget:", .badValue, "{", "enqueue[1] is the"),
    .init(
      "budget: {trials: 8}", "enqueue: [{model: lstm}, {model: booster}]\nbudget: {trials: 1}", .badValue, "1",
      "at least the 2"),
    .init("budget:", "enqueue: {model: lstm}\nbudget:", .wrongType, "{", "enqueue: expected a list, found a mapping"),
    .init(
      "budget:", "warm_start: {sweep: a, best: 1, trials: [{model: linear}]}\nbudget:", .badValue, "linear",
      "warm_start.trials[0].model"),
  ]
}
