// SPDX-License-Identifier: Apache-2.0

import Search
import Sweeps

/// A mapping of the sweep file: its keys are the only ones that the reader takes and that the reference lists.
struct FileSection: Sendable {
  struct Key: Sendable {
    let name: String
    /// What may stand there, in words.
    let type: String
    /// `nil`: the key is required. "none": there is no value unless one is given.
    let standard: String?
    let doc: String

    init(_ name: String, _ type: String, default standard: String?, _ doc: String) {
      self.name = name
      self.type = type
      self.standard = standard
      self.doc = doc
    }
  }

  /// "data"; empty for the whole file.
  let name: String
  let keys: [Key]
  /// Keys of the format that this version does not know what to do with.
  var later: [String] = []

  var keyNames: [String] { keys.map(\.name) }

  static let all = [
    file, data, folds, testSet, objective, space, branch, parameter, sampler, pruner, warmStart, budget, stopRules,
    execution, resources, track, finish,
  ]

  static let file = FileSection(
    name: "",
    keys: [
      Key("apiVersion", "`sweep/v1`", default: nil, "Version of this format."),
      Key("kind", "`Sweep`", default: nil, "What the file describes."),
      Key("name", "1 to 63 of `a-z`, `0-9`, `-`", default: nil, "The sweep's name in the tracker."),
      Key("description", "text", default: "empty", "For people."),
      Key("tags", "mapping of text to text", default: "none", "For people and queries."),
      Key(
        "task", Outcome.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", "), default: nil,
        "What is predicted."),
      Key("seed", "integer ≥ 0", default: "`0`", "Seed of training, and of cv and sampler unless they have their own."),
      Key("data", "mapping", default: nil, "The data set."),
      Key("cv", "mapping", default: "its keys' defaults", "How rows are dealt to folds."),
      Key("objective", "mapping", default: nil, "What makes a trial better than another."),
      Key("space", "mapping", default: nil, "What is searched."),
      Key("sampler", "mapping", default: nil, "How trials are proposed."),
      Key("pruner", "mapping", default: "`{kind: none}`", "How trials are ended early."),
      Key("enqueue", "list of mappings", default: "none", "Trials that are tried first, in this order."),
      Key("warm_start", "mapping", default: "none", "The best trials of another sweep are tried next."),
      Key("budget", "mapping", default: "none for a grid", "When no new trial is begun."),
      Key("execution", "mapping", default: "its keys' defaults", "How tasks are leased and tried again."),
      Key("track", "mapping", default: "its keys' defaults", "Where results go."),
      Key("finish", "mapping", default: "none", "What follows the search."),
    ])

  static let data = FileSection(
    name: "data",
    keys: [
      Key("dataset", "path", default: nil, "Folder of the data set, from the working directory."),
      Key("expect_digest", "`sha256:` and 64 hexadecimal digits", default: "none", "Refuse any other data set."),
    ], later: ["features", "window", "missing"])

  static let folds = FileSection(
    name: "cv",
    keys: [
      Key("scheme", "`stratified-grouped`, `grouped`", default: "`stratified-grouped`", "How folds are balanced."),
      Key("group_by", "`patient`", default: "`patient`", "No group is in two folds."),
      Key("folds", "integer in 2...1000", default: "`5`", "Folds of a repeat."),
      Key("repeats", "integer in 1...1000", default: "`1`", "Repeats of the whole cross-validation."),
      Key("seed", "integer ≥ 0", default: "the file's seed", "Seed of the deal."),
      Key("test", "mapping", default: "none", "Patients that no fold holds: the final fit alone is scored on them."),
    ], later: ["temporal"])

  static let testSet = FileSection(
    name: "cv.test",
    keys: [
      Key(
        "fraction", "share in 0.05...0.5", default: nil,
        "Share of the patients, met by the nearest share of at most ten parts: 0.15 is one of seven."),
      Key("seed", "integer ≥ 0", default: "the seed of `cv`", "Seed of the deal."),
      Key("part", "integer ≥ 0", default: "`0`", "The first of the parts that are set aside."),
    ], later: ["never_touch"])

  static let objective = FileSection(
    name: "objective",
    keys: [
      Key("metric", "a metric of the task", default: nil, "Score of a fold."),
      Key("direction", "`maximize`, `minimize`", default: "the metric's own", "Must be the metric's own."),
      Key("aggregate", "`mean`, `median`", default: "`mean`", "How folds become one score."),
      Key("also", "list of metrics", default: "all others of the task", "Metrics shown beside it."),
      Key(
        "second", "a metric of the task, or `cost/cpu_seconds`", default: "none",
        "For `nsga2`: a second objective, its mean over the folds; the cost needs `sampler.reproducible: false`."),
    ], later: ["constraints"])

  static let space = FileSection(
    name: "space",
    keys: [
      Key("params", "mapping of name to parameter", default: nil, "Parameters; `model` is one of them."),
      Key("branches", "list of branches", default: "none", "Parameters that exist under a condition."),
      Key(
        "require", "list of rules", default: "none",
        "What every proposal must meet, as `leaves <= 2 ** max_depth`; a rule with a parameter that a trial lacks holds."
      ),
    ])

  static let branch = FileSection(
    name: "space.branches[]",
    keys: [
      Key("if", "mapping of name to value or list", default: nil, "Holds where each named parameter has such a value."),
      Key("params", "mapping of name to parameter", default: "none", "Parameters that exist where it holds."),
      Key("branches", "list of branches", default: "none", "Branches of the branch."),
    ])

  static let parameter = FileSection(
    name: "space.params.NAME",
    keys: [
      Key("float", "`[low, high]`", default: "none", "A real number of this range."),
      Key("int", "`[low, high]`", default: "none", "A whole number of this range."),
      Key("choice", "list of values", default: "none", "One of these."),
      Key("ordinal", "list of values", default: "none", "One of these, in an order: neighbours are alike."),
      Key("value", "value", default: "none", "Always this."),
      Key("log", "`true`, `false`", default: "`false`", "Evenly in the logarithm; for float and int, low above 0."),
      Key("step", "number above 0", default: "none", "Only low, low + step, … high; not with log."),
      Key("points", "integer ≥ 2", default: "none", "Only so many values, evenly spaced; not with step."),
      Key("weights", "list of numbers", default: "all equal", "Relative chances of a choice's values."),
    ])

  static let sampler = FileSection(
    name: "sampler",
    keys: [
      Key(
        "kind", SamplerKind.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", "), default: nil,
        SamplerKind.allCases.map { "`\($0.rawValue)`: \($0.doc)" }.joined(separator: "; ") + "."),
      Key("seed", "integer ≥ 0", default: "the file's seed", "Seed of the draws; a grid has none."),
      Key(
        "startup_trials", "integer in 1...10000", default: "`10`; `tpe` 8 for each branch of the root",
        "Trials before the first that learns; for `tpe` and `gp`."),
      Key(
        "round", "integer in 1...10000", default: "`tpe` 8, `gp` 4, `cmaes` 4 + ⌊3·ln n⌋, `nsga2` 20",
        "Trials that share one state of knowledge; more workers than it wait for each other."),
      Key(
        "reproducible", "`true`, `false`", default: "`true`",
        "Proposals and pruning depend on declared results only, for any number of workers; `false` uses all that is known."
      ),
    ], later: ["multivariate", "constant_liar"])

  static let pruner = FileSection(
    name: "pruner",
    keys: [
      Key(
        "kind", PrunerKind.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", "), default: nil,
        PrunerKind.allCases.map { "`\($0.rawValue)`: \($0.doc)" }.joined(separator: "; ")
          + ". All but `none` also stop what cannot win any more."),
      Key("protect", "list of learners", default: "none", "Learners whose trials are never stopped."),
      Key("protect_enqueued", "`true`, `false`", default: "`true`", "Enqueued trials are never stopped."),
      Key(
        "round", "integer in 1...10000", default: "`10`",
        "Trials that are compared at a time, where the sampler has no rounds of its own."),
      Key("keep", "share in 0.01...1", default: "`0.5`", "For `percentile` and `fold-rungs`: the share that goes on."),
      Key(
        "startup", "integer in 1...10000", default: "`5`",
        "For `median` and `percentile`: others it takes to judge one."),
      Key(
        "warmup_folds", "integer in 1...1000", default: "`1`",
        "For `median` and `percentile`: folds before the first verdict."),
      Key("min_folds", "integer in 1...1000", default: "`1`", "For `asha`: folds at the first rung."),
      Key("reduction", "number in 1.1...100", default: "`3`", "For `asha` and `hyperband`: η."),
      Key("low", "number", default: "none", "For `threshold`: the least mean over the folds so far."),
      Key("high", "number", default: "none", "For `threshold`: the largest."),
      Key(
        "alpha", "share in 0.0001...0.49", default: "`0.05`",
        "For `paired-test`: chance of stopping an equal of the best."),
      Key(
        "unit", "`fold`, `step`", default: "`fold`",
        "For `median`, `percentile`, `asha` and `threshold`: `step` judges within folds too (`asha`: within the first, alone), by the metric on the inner rows."
      ),
      Key(
        "first_step", "integer in 1...100000", default: "`10`",
        "For `unit: step` and `patience`: the first step (tree, epoch) that is looked at; the first rung of `asha`."),
      Key(
        "step_interval", "integer in 1...100000", default: "`10`",
        "For `unit: step` but with `asha`, and `patience`: steps from one look to the next; at most 256 looks a fold."),
      Key("patience", "integer in 1...100000", default: "`50`", "For `patience`: steps without a gain."),
      Key("min_gain", "number ≥ 0", default: "`0`", "For `patience`: by how much better is better."),
    ])

  static let warmStart = FileSection(
    name: "warm_start",
    keys: [
      Key("sweep", "name of a sweep", default: nil, "Whose best trials are tried after the enqueued ones."),
      Key("best", "integer in 1...1000", default: "`5`", "How many; only those of learners that the space has."),
      Key("tracker", "path", default: "`track.db`", "Where that sweep is recorded."),
      Key(
        "trials", "list of mappings", default: "looked up at the first start, and recorded",
        "The trials themselves, as `enqueue` writes them; then nothing is looked up."),
    ])

  static let budget = FileSection(
    name: "budget",
    keys: [
      Key(
        "trials", "integer in 1...1000000", default: "the grid's size",
        "Most trials, enqueued ones included; required unless the sampler is a grid or `folds` is given."),
      Key(
        "folds", "integer, at least one trial's", default: "none",
        "Most folds that are trained; a trial counts with all of them until it was pruned."),
      Key("wall_time", "duration", default: "none", "No new trial is begun after it; running ones finish."),
      Key(
        "worker_hours", "number above 0", default: "none",
        "No new trial is begun once recorded folds have trained for so many hours, all starts together."),
      Key("stop_if", "mapping", default: "none", "Scores at which no new trial is begun."),
    ])

  static let stopRules = FileSection(
    name: "budget.stop_if",
    keys: [
      Key("target", "number", default: "none", "A whole trial's objective that is good enough."),
      Key("no_improvement", "integer in 1...1000000", default: "none", "Trials in a row without a better one."),
      Key("min_delta", "number ≥ 0", default: "`0`", "For `no_improvement`: by how much better is better."),
    ])

  static let execution = FileSection(
    name: "execution",
    keys: [
      Key("retries", "integer in 0...100", default: "`2`", "Tries of a task after its first failure."),
      Key("heartbeat", "duration", default: "`1s`", "How often a worker gives a sign of life."),
      Key("lease", "duration", default: "5 × heartbeat", "Silence after which a worker's tasks are given to others."),
      Key("timeout", "duration", default: "none", "Longest time of one try."),
      Key("resources", "mapping", default: "none", "What a task takes of its host."),
      Key(
        "where", "mapping of `labels.NAME` to text", default: "none",
        "Only workers with these labels train: `muster-worker start --label NAME=TEXT`."),
    ],
    later: ["unit", "max_parallel", "checkpoint", "deterministic"])

  static let resources = FileSection(
    name: "execution.resources",
    keys: [
      Key("cpus", "integer in 0...4096", default: "`0`", "Cores."),
      Key("memory", "bytes, as `4GiB`", default: "`0`", "Memory."),
      Key("gpus", "integer in 0...1024", default: "`0`", "GPUs. No learner of this version uses one."),
    ])

  static let track = FileSection(
    name: "track",
    keys: [
      Key("db", "path", default: "`runs/tracker.db`", "SQLite file of the tracker, on a local disk."),
      Key("artifacts", "path", default: "`runs/artifacts`", "Folder of predictions and models."),
    ], later: ["keep", "export"])

  static let finish = FileSection(
    name: "finish",
    keys: [
      Key(
        "refit_best", "`true`, `false`", default: "`false`",
        "The winner is fitted to all rows but the test set, scored on that once, and its model kept; else `muster sweep refit` does it."
      )
    ], later: ["report"])
}
