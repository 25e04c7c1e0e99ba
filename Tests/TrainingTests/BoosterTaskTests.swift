// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Sweeps
import Testing
import Training

/// What only tasks of boosted trees have: bins of the whole data set in a shared file, and a metric to stop by.
@Suite struct BoosterTaskTests {
  private static let shared: Parameters = ["bins_from": .text("all")]

  private func binFile(_ fixture: Fixture) throws -> URL {
    let folder = fixture.folder + "/data"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".bins") }
    #expect(names.count == 1, "\(names)")
    return URL(fileURLWithPath: folder + "/" + (names.first ?? ""))
  }

  /// Goal: who writes the file, who maps it and who finds it damaged all give the same bits. Method: two runs, one after each
  /// of three kinds of damage, and one in a folder that takes no file.
  @Test func sharedBins_giveTheSameBits_whoeverMadeThem() throws {
    let fixture = try Fixture()
    let assignment = try fixture.assignment(.booster, changing: Self.shared)
    let first = try fixture.runner.run(assignment) { _, _ in .goOn }
    let file = try binFile(fixture)
    let whole = try Data(contentsOf: file)
    #expect(try fixture.runner.run(assignment) { _, _ in .goOn }.measurement == first.measurement)
    for damage in 0..<3 {
      var bytes = whole
      switch damage {
      case 0: bytes[bytes.count / 2] ^= 1
      case 1: bytes.removeLast(bytes.count / 3)
      default: bytes = Data("not bins".utf8)
      }
      try bytes.write(to: file)
      #expect(try fixture.runner.run(assignment) { _, _ in .goOn }.measurement == first.measurement, "damage \(damage)")
      #expect(try Data(contentsOf: file) == whole, "damage \(damage) is mended")
    }
    // The name is taken by a folder: nothing can be kept there.
    try FileManager.default.removeItem(at: file)
    try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
    #expect(try fixture.runner.run(assignment) { _, _ in .goOn }.measurement == first.measurement)
  }

  /// The signal is found with shared bins as well.
  @Test func sharedBins_learn() throws {
    let fixture = try Fixture()
    let result = try fixture.runner.run(fixture.assignment(.booster, changing: Self.shared)) { _, _ in .goOn }
    #expect(try #require(result.measurement.metric("valid/auroc")) > 0.7)
  }

  @Test(arguments: ["loss", "auroc", "auprc", "brier", "mae", "rmse"])
  func stopOn_aMetricOfTheOutcome_keepsTrees(metric: String) throws {
    let fixture = try Fixture()
    let changes: Parameters = ["stop_on": .text(metric), "patience": .integer(5)]
    let result = try fixture.runner.run(fixture.assignment(.booster, changing: changes)) { _, _ in .goOn }
    #expect(result.measurement.bestStep >= 1)
    #expect(try #require(result.measurement.metric("valid/auroc")) > 0.65)
  }

  /// In real life: a plan for readmission is copied for length of stay, `stop_on: auroc` and all.
  @Test(arguments: ["auroc", "auprc", "brier"])
  func stopOn_anUndefinedMetric_isRefused(metric: String) throws {
    let fixture = try Fixture(outcome: .lengthOfStay)
    let changes: Parameters = ["stop_on": .text(metric), "patience": .integer(5)]
    let assignment = try fixture.assignment(.booster, outcome: .lengthOfStay, changing: changes)
    #expect { try fixture.runner.run(assignment) { _, _ in .goOn } } throws: { error in
      let report = (error as? TrainingError)?.failureReport
      return report?.kind == .invalidTask && report?.message.contains("`stop_on`: expected loss, mae or rmse") == true
    }
  }
}
