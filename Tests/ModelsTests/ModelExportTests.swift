// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import PeerKit
import Shards
import Sweeps
import Testing

@testable import Models

@Suite struct ModelExportTests {
  @Test(arguments: Learner.allCases, ExportFormat.allCases)
  func formats_areThoseThatTheLearnerHas(learner: Learner, format: ExportFormat) throws {
    let fitted = try ModelSample().fit(learner)
    if fitted.model.exportFormats.contains(format) {
      #expect(try fitted.model.exported(to: format, own: fitted.bytes).count > 500)
      return
    }
    let error = #expect(throws: ModelError.self) { try fitted.model.exported(to: format, own: fitted.bytes) }
    #expect(error?.code == .unsupported)
    #expect(error?.description.contains("expected \(fitted.model.exportFormats[0].rawValue)") == true)
  }

  @Test func categoricalTrees_haveNoONNX_andTheErrorSaysWhatThereIs() throws {
    let fitted = try ModelSample().fit(.booster, ["categorical": .text("c0 c2=x")])
    let error = #expect(throws: ModelError.self) { try fitted.model.exported(to: .onnx, own: fitted.bytes) }
    #expect(
      error?.description.contains("numeric splits for ONNX, found categorical ones; export it with --to lightgbm")
        == true)
    #expect(try fitted.model.exported(to: .lightgbm, own: fitted.bytes) == fitted.bytes)
  }

  /// Goal: onnxruntime, LightGBM and PyTorch predict from our files what we do, with the inputs prepared by docs/Models.md's recipe
  /// from what the files themselves carry. Method: raw rows and our predictions beside the files, for `Peers/check_models.py`.
  @Test(
    .enabled(
      if: PeerPython.has("numpy, onnx, onnxruntime, lightgbm, torch, safetensors"),
      "not run: there is no Python with onnxruntime, lightgbm, torch and safetensors (MUSTER_PEERS)"),
    arguments: [Outcome.readmission30d, .lengthOfStay])
  func exports_predictTheSameElsewhere(outcome: Outcome) throws {
    let scratch = try ScratchFolder()
    let sample = try ModelSample(outcome: outcome)
    let rows = Array(0..<40)
    func write(_ bytes: [UInt8], _ name: String) throws {
      try Data(bytes).write(to: URL(fileURLWithPath: scratch.path + "/" + name))
    }
    func number(_ value: Float) -> Any { value.isNaN ? NSNull() : Double(value) as Any }
    var facts: [String: Any] = [
      "binary": outcome.objective == .binary,
      "tabular": rows.map { sample.dataset.tabularRow($0).map(number) },
      "sequence": rows.map { sample.dataset.sequenceRow($0).map(number) },
    ]
    for (name, learner, changes) in [
      ("trees", Learner.booster, [:]), ("linear", .linear, [:]), ("lstm", .lstm, [:]),
      ("plain", .lstm, ["decay": .text("none")]),
    ] as [(String, Learner, Parameters)] {
      let fitted = try sample.fit(learner, changes)
      for format in fitted.model.exportFormats {
        try write(try fitted.model.exported(to: format, own: fitted.bytes), "\(name).\(format.rawValue)")
      }
      facts[name] = try fitted.model.predictions(sample.dataset, rows)[0].map(Double.init)
    }
    try JSONSerialization.data(withJSONObject: facts).write(to: URL(fileURLWithPath: scratch.path + "/facts.json"))
    let script = PeerPython.repository.path + "/Tests/ModelsTests/Peers/check_models.py"
    let answer = try PeerPython.run([script, scratch.path])
    #expect(answer.status == 0 && answer.output.contains("6 files agree"), "\(answer.output)")
  }
}
