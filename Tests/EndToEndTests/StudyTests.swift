// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing
import Tracking

extension SweepTests {
  /// What comes before and after a search, by the executables: warm starts, the final fit, repeats, nested cross-validation.
  @Suite(.serialized) struct StudyTests {
    let muster: Installation

    init() throws { muster = try Installation.shared.get() }

    private func plan(
      _ name: String, in folder: String? = nil, dataset: String? = nil, cv: String = "", objective: String = "",
      sampler: String = "random, seed: 4", budget: Int = 4, more: String = ""
    ) throws -> Installation.Plan {
      try muster.plan(name, in: folder) { run in
        """
        apiVersion: sweep/v1
        kind: Sweep
        name: \(name)
        task: readmission_30d
        data: {dataset: \(dataset ?? muster.dataset)}
        cv: {folds: 3, seed: 5\(cv)}
        objective: {metric: valid/auroc\(objective)}
        space:
          params:
            model: {value: booster}
            trees: {value: 20}
            subsample: {value: 0.7}
            leaves: {int: [4, 15]}
            learning_rate: {float: [0.02, 0.3], log: true}
        sampler: {kind: \(sampler)}
        budget: {trials: \(budget)}
        execution: {retries: 0, heartbeat: 200ms, lease: 2s}
        track: {db: \(run)/tracker.db, artifacts: \(run)/artifacts}
        \(more)
        """
      }
    }

    private func sweep(_ command: String, _ plan: Installation.Plan, _ more: String...) throws -> Installation.Output {
      try muster.run(["sweep", command, plan.file, "--workers", "2", "--quiet"] + more)
    }

    private func number(_ plan: Installation.Plan, _ sql: String) throws -> Double? {
      switch try plan.query(sql).first?.first {
      case .integer(let value)?: Double(value)
      case .real(let value)?: value
      default: nil
      }
    }

    /// In real life: the winner is fitted and scored once; weeks later the sweep is extended, and another trial leads.
    @Test func winner_isFittedAndScoredOnce_andASecondLookIsRefused() throws {
      let plan = try plan(
        "tested", cv: ", test: {fraction: 0.2}", budget: 1,
        more: "enqueue: [{model: booster, trees: 1, leaves: 2}]\nfinish: {refit_best: true}\n")
      let first = try sweep("run", plan)
      #expect(first.status == 0 && first.output.contains("test     valid/auroc 0."), "\(first.error)")
      #expect(try plan.query("SELECT name, state FROM sweep ORDER BY 1").count == 2)
      #expect(
        try number(plan, "SELECT count(*) FROM artifact a JOIN trial USING(trial_id) WHERE sweep_id = 2") == 2)
      let model = try #require(
        first.output.split(separator: "\n").first { $0.hasPrefix("model") }?.split(separator: " ").last)
      #expect(FileManager.default.fileExists(atPath: String(model)))
      let score = try number(plan, "SELECT objective FROM trial WHERE sweep_id = 2")
      let again = try sweep("refit", plan)
      #expect(again.status == 0 && again.output.contains("winner   #"), "\(again.error)")
      #expect(try number(plan, "SELECT count(*) FROM attempt a JOIN trial USING(trial_id) WHERE sweep_id = 2") == 1)

      // A larger budget extends the finished sweep; the first trial stays as it is.
      let before = try plan.query("SELECT number, objective FROM trial WHERE sweep_id = 1 ORDER BY 1")
      let extended = try sweep("run", plan, "--set", "budget.trials=5")
      #expect(
        try plan.query("SELECT number, objective FROM trial WHERE sweep_id = 1 AND number < 1 ORDER BY 1") == before)
      #expect(try number(plan, "SELECT count(*) FROM trial WHERE sweep_id = 1") == 5)
      let leader = try number(
        plan, "SELECT number FROM trial WHERE sweep_id = 1 ORDER BY objective DESC, number LIMIT 1")
      try #require(leader != nil && leader! >= 1, "the fixture needs a better trial among the later ones")
      #expect(extended.status == 65 && extended.error.contains("a second look flatters"), "\(extended.error)")
      #expect(try number(plan, "SELECT count(*) FROM sweep") == 2)
      let look = try sweep("refit", plan, "--set", "budget.trials=5", "--again")
      #expect(look.status == 0 && look.output.contains("winner   #\(Int(leader!))"), "\(look.error)")
      #expect(try plan.query("SELECT name FROM sweep WHERE sweep_id = 3") == [[.text("tested-refit-2")]])
      #expect(try number(plan, "SELECT objective FROM trial WHERE sweep_id = 2") == score)
    }

    @Test func refit_withoutATestSet_keepsAModel_andNeedsAFinishedSweep() throws {
      let plan = try plan("untested", budget: 1)
      #expect(try sweep("refit", plan).status == 66)
      #expect(try sweep("run", plan).status == 0)
      let fitted = try sweep("refit", plan)
      #expect(
        fitted.status == 0 && fitted.output.contains("there is no test set") && fitted.output.contains("model    "),
        "\(fitted.error)")
    }

    /// In real life: the best trial leads by a hair; is it luck?
    @Test func repeats_showTheNoise_andMoreGoOn() throws {
      let plan = try plan("repeated", budget: 3)
      #expect(try sweep("run", plan).status == 0)
      let three = try sweep("repeat", plan, "--trial", "1", "--times", "3")
      #expect(three.status == 0 && three.output.contains("3 repeats  mean 0."), "\(three.error)")
      let scores = try plan.query("SELECT objective FROM trial WHERE sweep_id = 2 ORDER BY number")
      let own = try plan.query("SELECT objective FROM trial WHERE sweep_id = 1 AND number = 1")
      #expect(Set(scores.map { "\($0)" }).count == 3 && !scores.contains(own[0]), "equal seeds: \(scores)")
      #expect(
        try number(plan, "SELECT count(DISTINCT params) FROM trial WHERE sweep_id = 2 OR number = 1") == 1)
      let five = try sweep("repeat", plan, "--trial", "1", "--times", "5")
      #expect(five.status == 0 && five.output.contains("5 repeats"), "\(five.error)")
      #expect(try plan.query("SELECT objective FROM trial WHERE sweep_id = 2 AND number < 3 ORDER BY number") == scores)
      let none = try sweep("repeat", plan, "--trial", "77")
      #expect(none.status == 4 && none.error.contains("no trial #77"), "\(none.error)")
    }

    @Test func nested_holdsOutEveryPatientOnce() throws {
      let plan = try plan("nested", budget: 2)
      let run = try sweep("nested", plan, "--parts", "3")
      #expect(run.status == 0 && run.output.contains("of the whole procedure"), "\(run.error)")
      let rows = try #require(try number(plan, "SELECT n_rows FROM dataset"))
      let held = "FROM result r JOIN trial USING(trial_id) JOIN sweep s USING(sweep_id) WHERE s.name LIKE '%-refit'"
      #expect(try number(plan, "SELECT sum(n_valid) \(held)") == rows)
      #expect(try number(plan, "SELECT min(n_train + n_valid) \(held)") == rows)
      // A search never had the part: its folds are over the others.
      #expect(
        try number(
          plan,
          "SELECT max(n_train + n_valid) FROM result JOIN trial USING(trial_id) JOIN sweep s USING(sweep_id) WHERE s.name LIKE '%-outer_'"
        ) ?? rows < rows * 0.75)
      let again = try sweep("nested", plan, "--parts", "3")
      #expect(again.status == 0 && again.output == run.output, "\(again.error)")
      let refused = try sweep("nested", plan, "--parts", "3", "--set", "cv.test={fraction: 0.2}")
      #expect(refused.status == 65 && refused.error.contains("take cv.test out"), "\(refused.error)")
    }

    /// In real life: last month's sweep is where this month's begins, and last month's goes on meanwhile.
    @Test func warmStart_beginsWithTheBestOfAnother_asItStoodThen() throws {
      let old = try plan("old", in: "warm", budget: 4)
      #expect(try sweep("run", old).status == 0)
      let best = try old.query("SELECT params FROM trial WHERE sweep_id = 1 ORDER BY objective DESC, number LIMIT 2")
      let new = try plan("new", in: "warm", budget: 3, more: "warm_start: {sweep: old, best: 2}\n")
      #expect(try sweep("run", new).status == 0)
      let firsts =
        "SELECT params FROM trial JOIN sweep USING(sweep_id) WHERE sweep.name = 'new' AND number < 2 ORDER BY number"
      #expect(try new.query(firsts) == best)
      #expect(try sweep("run", old, "--set", "budget.trials=14").status == 0)
      let later = try sweep("run", new, "--set", "budget.trials=5")
      #expect(later.status == 0, "\(later.error)")
      #expect(try new.query(firsts) == best)
      let lost = try plan("lost", in: "warm", budget: 9, more: "warm_start: {sweep: nowhere}\n")
      let answer = try sweep("run", lost)
      #expect(answer.status == 4 && answer.error.contains("no sweep nowhere"), "\(answer.error)")
    }

    /// In real life: a shard on disk is damaged while a sweep runs over night; in the morning it is copied anew.
    @Test func retry_afterTheShardWasMended_givesTheUndisturbedTable() throws {
      let folder = muster.folder + "/damaged-set"
      try FileManager.default.copyItem(atPath: muster.dataset, toPath: folder)
      let sound = try plan("sound", dataset: folder, budget: 3)
      #expect(try sweep("run", sound).status == 0)
      let shard = folder + "/shard-0000.h5"
      let whole = try #require(FileManager.default.contents(atPath: shard))
      var damaged = whole
      // Values come last in the file: some row of every fold's training is hit.
      for at in stride(from: damaged.count / 4, to: damaged.count, by: 4_001) { damaged[at] ^= 1 }
      try damaged.write(to: URL(fileURLWithPath: shard))
      let plan = try plan("mended", dataset: folder, budget: 3)
      let run = try sweep("run", plan)
      #expect(run.status == 3, "\(run.status) \(run.error)")
      // Nothing has a score, so nothing can be fitted.
      #expect(try sweep("refit", plan).status == 4)
      #expect(try number(plan, "SELECT count(*) FROM trial WHERE state = 'failed'") == 3)
      try whole.write(to: URL(fileURLWithPath: shard))
      let retry = try muster.run(["sweep", "retry", plan.file])
      #expect(retry.status == 0 && retry.output.contains("for the next muster sweep run"), "\(retry.error)")
      let second = try sweep("run", plan)
      #expect(second.status == 0, "\(second.error)")
      #expect(try plan.results() == sound.results())
      #expect(try number(plan, "SELECT count(*) FROM request WHERE effect = 'trial-retried'") == 3)
      #expect(try muster.run(["sweep", "retry", plan.file]).status == 4)
    }

    @Test func secondObjective_endsWithAFront() throws {
      let plan = try plan(
        "two-objectives", objective: ", second: cost/cpu_seconds", sampler: "nsga2, round: 4, reproducible: false",
        budget: 12)
      let run = try sweep("run", plan)
      #expect(run.status == 0 && run.output.contains("front of valid/auroc and cost/cpu_seconds"), "\(run.error)")
      let longer = try sweep("run", plan, "--set", "budget.trials=14")
      #expect(longer.status == 0, "\(longer.error)")
      #expect(try number(plan, "SELECT count(*) FROM trial WHERE state = 'completed'") == 14)
    }
  }
}
