// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Sweeps
import Testing
import Training

/// `monotone` and `categorical` of boosted trees, by names of the data set's columns.
@Suite struct ColumnRuleTests {
  private func auroc(_ fixture: Fixture, _ changes: Parameters) throws -> Double {
    let result = try fixture.runner.run(fixture.assignment(.booster, changing: changes)) { _, _ in .goOn }
    return try #require(result.measurement.metric("valid/auroc"))
  }

  /// In real life: a clinician asks that risk must not fall with a severity score. Method: c0 carries the signal, upwards; the
  /// wrong sign forbids it.
  @Test func monotone_holdsTheNamedColumns() throws {
    let fixture = try Fixture()
    #expect(try auroc(fixture, ["monotone": .text("+c0")]) > 0.7)
    #expect(try auroc(fixture, ["monotone": .text("-c0")]) < 0.65)
    #expect(try auroc(fixture, ["monotone": .text("-c*")]) < 0.6)
  }

  /// Method: 16 categories whose numbers are in another order than their risks; trees of two leaves part them once.
  @Test(arguments: ["fold", "all"]) func categorical_areSplitBySubsets(binsFrom: String) throws {
    let fixture = try Fixture(rows: 480) { _, tabular, _ in
      let bucket = Int(max(0, min(15, Double(tabular[0] + 2) * 4)))
      tabular = [.nan, tabular[1], tabular[2], Float(bucket * 7 % 16)]
    }
    let few: Parameters = [
      "bins_from": .text(binsFrom), "trees": .integer(3), "leaves": .integer(2), "subsample": .real(1),
    ]
    var subsets = few
    subsets["categorical"] = .text("c3")
    let (byOrder, bySubsets) = (try auroc(fixture, few), try auroc(fixture, subsets))
    #expect(bySubsets > byOrder + 0.05, "\(bySubsets), by order \(byOrder)")
    let files = try FileManager.default.contentsOfDirectory(atPath: fixture.folder + "/data")
    #expect(files.count { $0.hasSuffix(".bins") } == (binsFrom == "all" ? 2 : 0), "\(files)")
  }

  @Test(
    arguments: [
      (["monotone": .text("+age")], "`monotone`: expected columns of the data set, found \"age\""),
      (
        ["monotone": .text("+c*"), "categorical": .text("c2")],
        "`monotone`: expected columns with an order, found c2, which is categorical"
      ),
      (
        ["imbalance": .text("smote"), "categorical": .text("c2")],
        "`categorical`: expected no columns beside `imbalance: smote`, found some"
      ),
    ] as [(Parameters, String)]) func rulesThatCannotBe_areRefused(changes: Parameters, says: String) throws
  {
    let fixture = try Fixture { row, tabular, _ in tabular[0] += row % 5 == 0 ? 2 : -2 }
    #expect { try auroc(fixture, changes) } throws: { error in
      let report = (error as? TrainingError)?.failureReport
      return report?.kind == .invalidTask && report?.message.contains(says) == true
    }
  }
}
