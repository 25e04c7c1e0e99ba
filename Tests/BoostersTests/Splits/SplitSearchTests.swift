// SPDX-License-Identifier: Apache-2.0

import Boosters
import Hyperparameters
import Testing

@Suite struct SplitSearchTests {
  struct Setting: CustomStringConvertible, Sendable {
    var name: String
    var parameters: Parameters
    var rowCount = 300
    var columnCount = 9
    var missing = 0.2
    var objective = ObjectiveKind.binary
    var decimals: Float?
    var description: String { name }
  }

  static let settings: [Setting] = [
    Setting(name: "plain", parameters: ["min_leaf": .integer(1), "l2": .real(0)]),
    Setting(name: "defaults", parameters: [:]),
    Setting(name: "l1 and l2", parameters: ["min_leaf": .integer(5), "l1": .real(1.5), "l2": .real(3)]),
    Setting(name: "rows of a leaf", parameters: ["min_leaf": .integer(37)]),
    Setting(name: "hessian of a leaf", parameters: ["min_leaf": .integer(1), "min_hessian": .real(6)]),
    Setting(name: "gain", parameters: ["min_leaf": .integer(1), "min_gain": .real(9)]),
    Setting(name: "depth", parameters: ["min_leaf": .integer(1), "max_depth": .integer(2)]),
    Setting(name: "class weight", parameters: ["min_leaf": .integer(3), "positive_weight": .real(7.5)]),
    Setting(name: "few bins", parameters: ["min_leaf": .integer(2), "bins": .integer(7)]),
    Setting(name: "nothing missing", parameters: ["min_leaf": .integer(2)], missing: 0),
    Setting(name: "mostly missing", parameters: ["min_leaf": .integer(2)], missing: 0.9),
    Setting(name: "ties", parameters: ["min_leaf": .integer(2), "l2": .real(0)], decimals: 1),
    Setting(name: "one column", parameters: ["min_leaf": .integer(1)], columnCount: 1),
    Setting(name: "two blocks", parameters: ["min_leaf": .integer(10)], rowCount: 150, columnCount: 70),
    Setting(name: "regression", parameters: ["min_leaf": .integer(11)], objective: .regression),
    Setting(
      name: "regression, all limits",
      parameters: [
        "min_leaf": .integer(4), "l1": .real(2), "l2": .real(5), "min_hessian": .real(9), "min_gain": .real(0.5),
        "max_depth": .integer(4),
      ], objective: .regression, decimals: 1),
  ]

  /// Goal: every split of every tree is the best that keeps the limits, in leaf-wise order, and every leaf has its Newton
  /// value. Method: trees grown on 16 settings × 3 seeds against an exhaustive search in double precision (`TreeAudit`).
  @Test(arguments: settings, 1...3 as ClosedRange<UInt64>)
  func trees_againstExhaustiveSearch_areBestFirst(setting: Setting, seed: UInt64) throws {
    let rows = Case(
      seed: seed, rowCount: setting.rowCount, columnCount: setting.columnCount, missing: setting.missing,
      objective: setting.objective, decimals: setting.decimals)
    var parameters = setting.parameters
    parameters["trees"] = .integer(3)
    parameters["leaves"] = .integer(8)
    parameters["learning_rate"] = .real(0.5)
    let fit = try rows.fit(parameters, objective: setting.objective)
    let options = try BoosterOptions(parameters)
    let audit = TreeAudit(
      matrix: rows.binned(options.binCountMax), labels: rows.labels, objective: setting.objective, options: options,
      booster: fit.booster)
    #expect(audit.complaints == [], "\(setting), seed \(seed)")
    #expect(fit.booster.trees.contains { $0.nodes.count > 1 }, "\(setting), seed \(seed): nothing to audit")
    #expect(audit.scores == fit.booster.scores(rows), "\(setting), seed \(seed)")
  }

  /// Goal: subtraction is exact, however small the leaf. Method: room for four histograms forces most leaves to be built
  /// from their rows; the models must agree to the last bit, with each way of counting rows.
  @Test(arguments: ObjectiveKind.allCases, [500, 70_000])
  func siblingsBySubtraction_equalSiblingsFromRows(objective: ObjectiveKind, rowCount: Int) throws {
    let rows = Case(seed: 4, rowCount: rowCount, columnCount: 3, objective: objective)
    let parameters: Parameters = [
      "trees": .integer(rowCount > 10_000 ? 2 : 10), "leaves": .integer(60), "min_leaf": .integer(1),
    ]
    let roomy = try rows.fit(parameters, objective: objective)
    let tight = try rows.fit(parameters, objective: objective, histogramByteCountMax: 1)
    #expect(roomy == tight)
    #expect(roomy.booster.trees[0].leafValues.count == 60)
  }
}
