// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing
import Tracking

extension SweepTests {
  /// Several outcomes together, by the executables: labels beside a row's own, and a network with a head for each.
  @Suite(.serialized) struct FurtherHeadTests {
    let muster: Installation

    init() throws { muster = try Installation.shared.get() }

    private func prepare(_ folder: String, _ more: [String] = []) throws -> String {
      let out = muster.folder + "/" + folder
      let result = try muster.run(
        ["data", "prepare", "--mimic", muster.tables, "--out", out, "--outcome", "icu_mortality"] + more)
      try #require(result.status == 0, "\(result.error)")
      return out + "/icu_mortality"
    }

    private static let also = ["--also", "readmission_30d", "--also", "length_of_stay"]

    private func plan(_ name: String, dataset: String, _ parameters: String) throws -> Installation.Plan {
      try muster.plan(name) { run in
        """
        apiVersion: sweep/v1
        kind: Sweep
        name: \(name)
        task: icu_mortality
        data: {dataset: \(dataset)}
        cv: {folds: 3, seed: 5}
        objective: {metric: valid/auroc}
        space:
          params:
            model: {value: lstm}
            hidden: {value: 8}
            epochs: {value: 30}
            patience: {value: 0}
            \(parameters)
        sampler: {kind: grid}
        execution: {retries: 0, heartbeat: 200ms, lease: 2s}
        track: {db: \(run)/tracker.db, artifacts: \(run)/artifacts}
        finish: {refit_best: true}

        """
      }
    }

    @Test func dataCommands_knowFurtherLabels() throws {
      let dataset = try prepare("also-commands", Self.also)
      let inspected = try muster.run(["data", "inspect", dataset])
      #expect(inspected.output.contains("also      readmission_30d, known for"), "\(inspected.output)")
      #expect(try muster.run(["data", "describe", dataset]).output.contains("\nalso length_of_stay, known for"))
      // So few patients that a column of theirs nearly tells their own label; none tells another.
      let audited = try muster.run(["data", "audit", dataset])
      #expect(audited.output.contains("synthetic-icu_mortality") && !audited.output.contains("further label"))
      #expect(try muster.run(["data", "verify", dataset]).status == 0)
      let refused = try muster.run(
        ["data", "prepare", "--mimic", muster.tables, "--out", muster.folder + "/no", "--preset", "mimic3-benchmarks"]
          + Self.also)
      #expect(refused.status == 64 && refused.error.contains("leave --also out"), "\(refused.error)")
    }

    /// In real life: the final fit of several outcomes is asked for each of them, weeks later.
    @Test func finalFit_isReadBackWithEveryHead() throws {
      let dataset = try prepare("also-model", Self.also)
      let plan = try plan("heads-model", dataset: dataset, "auxiliary_weight: {value: 1}")
      let run = try muster.run(plan.runArguments)
      #expect(run.status == 0, "\(run.error)")
      func model(_ words: String...) throws -> Installation.Output {
        try muster.run(["model"] + words + ["--tracker", plan.tracker])
      }
      let shown = try model("show", "heads-model-refit")
      for head in ["icu_mortality", "readmission_30d", "length_of_stay"] {
        #expect(shown.output.contains(head), "\(shown.output) \(shown.error)")
      }
      let predicted = try model("predict", "heads-model-refit", "--rows", "0,1,2")
      let lines = predicted.output.split(separator: "\n")
      let header = "row,prediction,prediction_readmission_30d,prediction_length_of_stay"
      #expect(lines.first.map(String.init) == header, "\(predicted.error)")
      #expect(lines.count == 4)
      let explained = try model("explain", "heads-model-refit", "--head", "length_of_stay", "--top", "3")
      #expect(explained.status == 0 && explained.output.hasPrefix("length_of_stay: mean"), "\(explained.error)")
    }

    /// I10, in real life: the coordinator is killed amid a sweep over the heads' weight. The table is the undisturbed one; the winner is
    /// fitted to all rows; and a sweep of a data set without further labels says so before a fold is handed out.
    @Test func sweepOverTheHeadsWeight_survivesAKill() throws {
      let dataset = try prepare("also-sweep", Self.also)
      let weights = "auxiliary_weight: {choice: [0, 0.5, 2]}"
      let plain = try plan("heads-undisturbed", dataset: dataset, weights)
      let first = try muster.run(plain.runArguments)
      #expect(first.status == 0, "\(first.error)")
      #expect(try plain.query("SELECT count(*) FROM result") == [[.integer(10)]], "nine folds and the final fit")
      #expect(
        try plain.query("SELECT count(DISTINCT value) FROM fold_metrics WHERE metric = 'valid/auroc' AND fold = 0")
          .first != [.integer(1)])
      #expect(try plain.query("SELECT count(*) FROM artifact WHERE kind = 'model'") == [[.integer(1)]])

      let plan = try plan("heads-killed", dataset: dataset, weights)
      let (process, _, _) = try muster.start(plan.runArguments + ["--quiet"])
      for _ in 0..<600 where process.isRunning {
        if let rows = try? plan.query("SELECT count(*) FROM result"), rows != [[.integer(0)]] { break }
        Thread.sleep(forTimeInterval: 0.05)
      }
      #expect(process.isRunning, "it was done before it could be killed")
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let last = try muster.run(plan.runArguments)
      #expect(last.status == 0, "\(last.error)")
      #expect(try plan.results() == plain.results())

      let without = try self.plan("heads-missing", dataset: try prepare("also-none"), weights)
      for command in [["sweep", "check", without.file], without.runArguments] {
        let result = try muster.run(command)
        #expect(result.status != 0 && result.error.contains("data prepare --also OUTCOME"), "\(result.error)")
      }
    }
  }
}
