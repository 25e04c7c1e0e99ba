// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import Testing

@testable import Boosters

/// Against the libraries themselves: `Tests/BoostersTests/Peers/interchange.py`.
@Suite struct ForeignModelTests {
  private static let rows = Case(seed: 1, rowCount: 800, columnCount: 6, decimals: 2)

  @Test(arguments: ObjectiveKind.allCases) func ownText_readBack_isTheSameModel(objective: ObjectiveKind) throws {
    let rows = Case(seed: 1, rowCount: 800, columnCount: 6, objective: objective)
    let booster = try rows.fit(["trees": .integer(12)], objective: objective).booster
    let read = try Booster(lightGBMText: booster.encoded)
    #expect(read.objective.loss == booster.objective.loss && read.trees.count == 12)
    for (own, back) in zip(booster.scores(rows), read.scores(rows)) { #expect(abs(own - back) < 1e-12) }
    #expect(read.splitCountByColumn == booster.splitCountByColumn)
    // A second writing has nothing left to change.
    #expect(try Booster(lightGBMText: read.encoded).trees.map(\.leafValues) == read.trees.map(\.leafValues))
  }

  /// In real life: a file from elsewhere was cut, edited, or made to do harm. It may be refused, never end the process.
  @Test func mutatedText_neverTraps() throws {
    let text = try Self.rows.fit(["trees": .integer(2), "leaves": .integer(5)]).booster.encoded
    var random = CounterGenerator(key: 3)
    var accepted = 0
    for _ in 0..<1_500 {
      var bytes = text
      for _ in 0..<(1 + random.below(3)) {
        switch random.below(3) {
        case 0: bytes[random.below(bytes.count)] = UInt8(random.below(256))
        case 1: bytes.removeSubrange(random.below(bytes.count)..<bytes.count)
        default: bytes[random.below(bytes.count)] = Array("0123456789- \n=".utf8)[random.below(14)]
        }
        if bytes.isEmpty { bytes = text }
      }
      guard let booster = try? Booster(lightGBMText: bytes), booster.columnCount == 6 else { continue }
      accepted += 1
      #expect(booster.scores(Self.rows).count == Self.rows.rowCount)
    }
    #expect(accepted > 50)
  }

  private static let header = """
    tree
    version=v4
    num_class=1
    num_tree_per_iteration=1
    max_feature_idx=1
    objective=binary sigmoid:1

    """

  private func model(_ tree: String) throws -> Booster {
    try Booster(lightGBMText: Array((Self.header + tree + "\nend of trees\n").utf8))
  }

  private func tree(left: String = "1 -1", right: String = "-2 -3", column: String = "0 1", decision: String = "10 8")
    -> String
  {
    """
    Tree=0
    num_leaves=3
    num_cat=0
    split_feature=\(column)
    threshold=0.5 1.5
    decision_type=\(decision)
    left_child=\(left)
    right_child=\(right)
    leaf_value=1 2 3
    """
  }

  @Test func unsoundTrees_areRefused() throws {
    #expect(try model(tree()).trees[0].leafValues == [1, 2, 3])
    for unsound in [
      tree(left: "0 -1"), tree(left: "1 1"), tree(left: "1 -2"), tree(left: "5 -1"), tree(right: "-2 -4"),
      tree(column: "0 2"), tree(column: "-1 1"), tree(left: "1"), tree(left: "1 x"), tree(left: "-1 -1"),
      tree(decision: "1 8"),
    ] {
      #expect(performing: { _ = try model(unsound) }, throws: { ($0 as? BoosterError)?.code == .badModel })
    }
    #expect(
      performing: { _ = try model(tree(decision: "4 8")) },
      throws: { ($0 as? BoosterError)?.code == .unsupportedModel })
    #expect(throws: BoosterError.self) { try Booster(lightGBMText: Array((Self.header + tree()).utf8)) }
  }

  /// A threshold between two single-precision numbers parts them as the double would.
  @Test func doubleThresholds_partSinglesAlike() {
    for value in [0.1, -0.1, 1e-50, -1e-50, 16_777_217, 1e300, -1e300] {
      let cut = Float(notAbove: value)
      for x in [cut, cut.nextUp, cut.nextDown] where x.isFinite {
        #expect((Double(x) <= value) == (x <= cut), "\(x) against \(value)")
      }
    }
  }

  @Test func xgboostJSON_isReadByItsRules() throws {
    // x0 < 1 → 0.25 (missing left); else x1 < −2 → 5, else −5 (missing right). Base score 0.5: log-odds 0.
    let json = """
      {"learner": {"learner_model_param": {"num_feature": "2", "num_class": "0", "base_score": "[5E-1]"},
       "objective": {"name": "binary:logistic"},
       "gradient_booster": {"name": "gbtree", "model": {"trees": [{
         "left_children": [1, -1, 3, -1, -1], "right_children": [2, -1, 4, -1, -1],
         "split_indices": [0, 0, 1, 0, 0], "split_conditions": [1.0, 0.25, -2.0, 5.0, -5.0],
         "default_left": [1, 0, 0, 0, 0], "categories": []}]}}}}
      """
    let booster = try Booster(xgboostJSON: Array(json.utf8))
    let values: [Float] = [0.99, 0, 1, -2.1, 1, -2, .nan, .nan, 3, .nan]
    let rows = Case(values: values, labels: [0, 0, 0, 0, 0], columnCount: 2)
    #expect(booster.scores(rows) == [0.25, 5, -5, 0.25, -5])
    var random = CounterGenerator(key: 5)
    for _ in 0..<1_000 {
      var bytes = Array(json.utf8)
      bytes[random.below(bytes.count)] = Array("0123456789-,[]{}\"e".utf8)[random.below(18)]
      guard let booster = try? Booster(xgboostJSON: bytes), booster.columnCount == 2 else { continue }
      #expect(booster.scores(rows).count == 5)
    }
    #expect(throws: BoosterError.self) {
      try Booster(xgboostJSON: Array(String(repeating: "[", count: 100_000).utf8))
    }
  }

  @Test func onnx_ofCategoricalSplits_isRefused() throws {
    var booster = try Self.rows.fit(["trees": .integer(2)]).booster
    #expect(try booster.onnx().count > 1_000)
    var trees = booster.trees
    trees[0].nodes[0].categoryStart = 0
    booster = Booster(
      objective: booster.objective, columnCount: 6, initialScore: 0, learningRate: 0.1, trees: trees)
    #expect(throws: BoosterError.self) { try booster.onnx() }
  }
}
