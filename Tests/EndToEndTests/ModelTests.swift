// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing
import Tracking

extension SweepTests {
  /// What is done with a final fit, by the executables: found by its sweep's name, shown, applied, explained, exported.
  @Suite(.serialized) struct ModelTests {
    let muster: Installation

    init() throws { muster = try Installation.shared.get() }

    /// A finished sweep of one trial of a learner, with its final fit.
    private func finished(_ learner: String, _ parameters: String) throws -> Installation.Plan {
      let plan = try muster.plan("model-\(learner)") { run in
        """
        apiVersion: sweep/v1
        kind: Sweep
        name: model-\(learner)
        task: readmission_30d
        data: {dataset: \(muster.dataset)}
        cv: {folds: 3, seed: 5, test: {fraction: 0.2}}
        objective: {metric: valid/auroc}
        space: {params: {model: {value: \(learner)}, \(parameters)}}
        sampler: {kind: random, seed: 4}
        budget: {trials: 1}
        execution: {retries: 0, heartbeat: 200ms, lease: 2s}
        finish: {refit_best: true}
        track: {db: \(run)/tracker.db, artifacts: \(run)/artifacts}

        """
      }
      let run = try muster.run(["sweep", "run", plan.file, "--workers", "2", "--quiet"])
      guard run.status == 0 else { throw Unfinished(text: run.error) }
      return plan
    }

    struct Unfinished: Error { let text: String }

    private func artifact(_ plan: Installation.Plan, _ kind: String) throws -> String {
      let rows = try plan.query(
        "SELECT artifact_sha256 FROM lineage WHERE sweep = '\(plan.name)-refit' AND artifact = '\(kind)'")
      let digest = try #require(rows.first?.first?.string)
      let folder = URL(fileURLWithPath: plan.tracker).deletingLastPathComponent().path
      return "\(folder)/artifacts/\(digest.prefix(2))/\(digest.dropFirst(2))"
    }

    private func model(_ plan: Installation.Plan, _ verb: String, _ more: String...) throws -> Installation.Output {
      try muster.run(["model", verb, plan.name + "-refit", "--tracker", plan.tracker] + more)
    }

    /// In real life: weeks after a sweep its model is applied again, and must say what it said.
    @Test(arguments: [
      ("booster", "trees: {value: 15}", "lightgbm", "onnx"), ("linear", "l2: {value: 0.1}", "safetensors", ""),
      ("lstm", "hidden: {value: 8}, epochs: {value: 2}", "onnx", "safetensors"),
    ])
    func finalFit_predictsTheTestSetAsRecorded_andIsExplained(
      learner: String, parameters: String, format: String, other: String
    ) throws {
      let plan = try finished(learner, parameters)
      let recorded = try artifact(plan, "predictions")
      let text = try String(contentsOfFile: recorded, encoding: .utf8)

      // The data set is the tracker's to know; the rows are those of the recorded file.
      let predicted = try model(plan, "predict", "--rows", recorded)
      #expect(predicted.status == 0 && predicted.output == text, "\(predicted.error)")
      let named = try muster.run([
        "model", "predict", try artifact(plan, "model"), "--data", muster.folder + "/datasets", "--rows", recorded,
      ])
      #expect(named.status == 0 && named.output == text, "\(named.error)")

      let shown = try model(plan, "show", "--json")
      #expect(shown.status == 0 && shown.output.contains("\"learner\":\"\(learner)\""), "\(shown.error)")
      let importance = try model(plan, "explain", "--top", "3")
      #expect(importance.status == 0 && importance.output.contains("mean |contribution| over"), "\(importance.error)")

      let file = muster.folder + "/explained-\(learner).csv"
      let explained = try model(plan, "explain", "--rows", "4", "--out", file)
      #expect(explained.status == 0, "\(explained.error)")
      let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").dropFirst()
      var sum = 0.0
      for fields in lines.map({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
        let amount = try #require(Double(fields[4]))
        #expect(fields[0] == "4")
        sum += fields[1] == "score" ? -amount : fields[1] == "attention" ? 0 : amount
      }
      #expect(abs(sum) < 1e-9 && lines.count > 100)

      for to in [format, other] where !to.isEmpty {
        let out = muster.folder + "/model-\(learner).\(to)"
        #expect(try model(plan, "export", "--to", to, "--out", out).status == 0)
        #expect(FileManager.default.fileExists(atPath: out))
      }
      let listed = try muster.run(["model", "list", plan.name + "-refit", "--tracker", plan.tracker])
      #expect(listed.output.contains("\(plan.name)-refit#0/f0\t\(learner)"), "\(listed.output)")
      try checkNames(plan, learner)
    }

    /// Names that are no model, and models that are not one.
    private func checkNames(_ plan: Installation.Plan, _ learner: String) throws {
      func show(_ words: String...) throws -> Installation.Output { try muster.run(["model", "show"] + words) }
      let search = try show(plan.name, "--tracker", plan.tracker)
      if learner == "booster" {
        #expect(search.status == 64 && search.error.contains("has 3 models; name one, such as \(plan.name)#0/f0"))
        #expect(try show(plan.name + "#0/f1", "--tracker", plan.tracker).status == 0)
      } else {
        #expect(search.status == 4 && search.error.contains("muster model show \(plan.name)-refit"), "\(search.error)")
      }
      let none = try show("nowhere", "--tracker", plan.tracker)
      #expect(none.status == 4 && none.error.contains("no sweep nowhere"), "\(none.error)")
      let untracked = try show(plan.name)
      #expect(untracked.status == 66 && untracked.error.contains("no tracker is named"), "\(untracked.error)")
      let elsewhere = try show(plan.name + "-refit", "--tracker", plan.tracker, "--artifacts", muster.folder)
      #expect(elsewhere.status == 66 && elsewhere.error.contains("give --artifacts DIR"), "\(elsewhere.error)")
      #expect(try show(plan.file).status == 65)
      #expect(try model(plan, "predict", "--rows", "0-100000").error.contains("badRows: expected rows 0 to"))
      #expect(try model(plan, "explain", "--sample", "10").status == 64)
      let listed = try model(plan, "explain", "--rows", "0-1", "--json", "--top", "1").output
      #expect(listed.hasPrefix("{\"schema\":\"muster.explanations/v1\""), "\(listed.prefix(80))")
      let refit = try muster.run(["sweep", "refit", plan.file, "--workers", "2"])
      #expect(refit.error.contains("next     muster model explain \(plan.name)-refit --tracker"), "\(refit.error)")
      let folder = muster.folder + "/\(plan.name)/artifacts"
      let digest = String(try artifact(plan, "model").dropFirst(folder.count + 1).replacing("/", with: ""))
      #expect(try show(digest, "--artifacts", folder).status == 0)
      #expect(try show(digest, "--tracker", plan.tracker).status == 0)
    }
  }
}
