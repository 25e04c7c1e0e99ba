// SPDX-License-Identifier: Apache-2.0

import Boosters
import Hyperparameters
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct TreeGrowthTests {
  private let stump: Parameters = [
    "trees": .integer(1), "leaves": .integer(2), "min_leaf": .integer(1), "l2": .real(0), "learning_rate": .real(0.5),
  ]

  /// Goal: closed form of a one-split tree. Method: y = 1, 1, 1 | 5 has mean 2; the leaves' residual means are −1 and 3,
  /// the gain 3²/3 + 3²/1.
  @Test func regressionStump_inClosedForm() throws {
    let rows = Case(values: [0, 0, 0, 1], labels: [1, 1, 1, 5], columnCount: 1)
    let booster = try rows.fit(stump, objective: .regression).booster
    #expect(booster.initialScore == 2)
    #expect(booster.trees.count == 1)
    #expect(booster.trees[0].leafValues == [-0.5, 1.5])
    #expect(abs(booster.gainByColumn[0] - 12) < 1e-6)
    #expect(booster.trees[0].nodes[0].threshold == 0.5)
    #expect(booster.predict(rows) == [1.5, 1.5, 1.5, 3.5])
  }

  /// Goal: closed form with weights and penalty. Method: weight 2 on the one positive of 1 | 3 rows: prior 2/5; with
  /// λ = 1 the leaves are −η·G/(H + 1).
  @Test func binaryStump_inClosedForm() throws {
    let rows = Case(values: [9, 0, 0, 0], labels: [1, 0, 0, 0], columnCount: 1)
    var parameters = stump
    parameters["l2"] = .real(1)
    parameters["positive_weight"] = .real(2)
    let booster = try rows.fit(parameters).booster
    let p = 2.0 / 5
    #expect(abs(booster.initialScore - log(p / (1 - p))) < 1e-15)
    let left = -0.5 * (3 * p) / (3 * p * (1 - p) + 1)
    let right = -0.5 * (2 * (p - 1)) / (2 * p * (1 - p) + 1)
    #expect(zip(booster.trees[0].leafValues, [left, right]).allSatisfy { abs($0 - $1) < 1e-15 })
  }

  /// In real life: that a lab was not drawn says more than its value would. Missing rows must find either side.
  @Test(arguments: [false, true])
  func missingValues_goWhereTheyBelong(isMissingLikeLow: Bool) throws {
    let values: [Float] = [.nan, .nan, 1, 1, 2, 2]
    let labels: [Float] = isMissingLikeLow ? [0, 0, 0, 0, 8, 8] : [8, 8, 0, 0, 8, 8]
    let booster = try Case(values: values, labels: labels, columnCount: 1).fit(stump, objective: .regression).booster
    #expect(booster.trees[0].nodes[0].isMissingLeft == isMissingLikeLow)
    #expect(booster.trees[0].nodes[0].threshold == 1.5)
  }

  /// In real life: only whether it was measured matters. The split's threshold is then above every value.
  @Test func missingOnly_isASplitOfItsOwn() throws {
    let rows = Case(values: [.nan, .nan, 1, 2, 3, .infinity], labels: [4, 4, 0, 0, 0, 0], columnCount: 1)
    let booster = try rows.fit(stump, objective: .regression).booster
    #expect(booster.trees[0].nodes[0].threshold == .infinity)
    #expect(booster.trees[0].leafRowCounts == [4, 2])
    #expect(booster.predict(rows)[0] > booster.predict(rows)[5])
  }

  /// In real life: a unit never records some lab at all, and another is the same for everyone.
  @Test func emptyAndConstantColumns_areNeverSplit() throws {
    var rows = Case(seed: 1, rowCount: 400, columnCount: 3)
    for row in 0..<400 {
      rows.values[row * 3 + 1] = .nan
      rows.values[row * 3 + 2] = 4
    }
    let fit = try rows.fit(["trees": .integer(10)])
    #expect(fit.booster.gainByColumn[0] > 0)
    #expect(fit.booster.gainByColumn[1...] == [0, 0])
    // At prediction such a column may suddenly hold anything.
    let strange = Case(values: [0.1, 5, -.infinity, 0.1, .nan, .nan], labels: [0, 0], columnCount: 3)
    #expect(fit.booster.predict(strange)[0] == fit.booster.predict(strange)[1])
  }

  /// In real life: nothing to split on. The model is the prior, not an error.
  @Test func noSignalAtAll_leavesThePrior() throws {
    let fit = try Case(values: [1, 1, 1, 1], labels: [0, 1, 0, 0], columnCount: 1).fit(["min_leaf": .integer(1)])
    #expect(fit.booster.trees.isEmpty && fit.trainLoss.isEmpty && fit.bestTreeCount == 0)
    #expect(
      fit.booster.predict(Case(values: [3, .nan], labels: [0, 0], columnCount: 1)).allSatisfy { abs($0 - 0.25) < 1e-7 })
    let noColumns = try Case(values: [], labels: [2, 4], columnCount: 0).fit(objective: .regression)
    #expect(noColumns.booster.predict(Case(values: [], labels: [0, 0], columnCount: 0)) == [3, 3])
  }

  @Test(arguments: 1...4)
  func depthLimit_holds(depthMax: Int) throws {
    let rows = Case(seed: 3, rowCount: 600, columnCount: 5)
    let parameters: Parameters = [
      "trees": .integer(5), "max_depth": .integer(Int64(depthMax)), "min_leaf": .integer(1),
    ]
    let trees = try rows.fit(parameters).booster.trees
    #expect(trees.allSatisfy { $0.depth <= depthMax && $0.leafValues.count <= 1 << depthMax })
    #expect(trees.contains { $0.depth == depthMax })
  }

  /// Goal: what training saw is what prediction says. Method: the loss of the predictions' scores equals the last
  /// training loss bit for bit, with missing values, ties and rows left out of the sample.
  @Test(arguments: ObjectiveKind.allCases)
  func predictions_ofTrainingRows_areTheTrainingScores(objective: ObjectiveKind) throws {
    let rows = Case(seed: 5, rowCount: 700, columnCount: 12, objective: objective, decimals: 2)
    let fit = try rows.fit(["trees": .integer(40), "subsample": .real(0.6)], objective: objective)
    let loss = zip(fit.booster.scores(rows), rows.labels).reduce(into: 0.0) { loss, row in
      switch objective {
      case .binary: loss += max(row.1 > 0 ? -row.0 : row.0, 0) + log1p(exp(-abs(row.0)))
      case .regression: loss += (row.0 - Double(row.1)) * (row.0 - Double(row.1))
      }
    }
    #expect(abs(loss / 700 - fit.trainLoss[39]) < 1e-12)
  }
}
