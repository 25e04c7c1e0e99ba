// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Testing

@testable import Boosters

@Suite struct BoosterPredictorTests {
  /// Goal: the walk down the trees, to the last bit. Method: trees of 1 to 150 leaves (so one to five words of them), rows
  /// that do not fill the last eight, and values at, below and above every threshold, missing and infinite.
  @Test(arguments: [2, 31, 33, 64, 150]) func scores_areThoseOfAWalk(leaves: Int) throws {
    let train = Case(seed: 4, rowCount: 2_000, columnCount: 5, decimals: 3)
    let booster = try train.fit([
      "trees": .integer(7), "leaves": .integer(Int64(leaves)), "min_leaf": .integer(2),
    ]).booster
    #expect(booster.trees.contains { $0.leafValues.count == leaves })
    var values = train.values[0..<(5 * 211)] + []
    for tree in booster.trees {
      for node in tree.nodes {
        for value in [node.threshold, node.threshold.nextUp, node.threshold.nextDown] {
          var row: [Float] = [0.1, -0.2, .nan, 0, -0.0]
          row[Int(node.column)] = value
          values += row
        }
      }
    }
    for value: Float in [.nan, .infinity, -.infinity, 0, -0.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude] {
      values += [value, value, value, value, value]
    }
    let rows = Case(
      values: Array(values), labels: [Float](repeating: 0, count: values.count / 5), columnCount: 5)
    let walked = rows.values.withUnsafeBufferPointer { raw in
      (0..<rows.rowCount).map { row in
        booster.trees.reduce(booster.initialScore) { sum, tree in
          raw.baseAddress.map { sum + tree.leafValues[tree.leaf($0 + row * 5)] } ?? .nan
        }
      }
    }
    #expect(booster.scores(rows) == walked)
  }
}
