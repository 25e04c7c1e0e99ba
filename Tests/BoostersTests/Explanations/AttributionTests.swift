// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import Testing

@testable import Boosters

/// Held to Shapley's definition: all subsets of the columns, one by one.
@Suite struct AttributionTests {
  private static let width = 4
  private static let rows = Case(seed: 3, rowCount: 300, columnCount: width, missing: 0.15)
  private static let some = Case(
    values: Array(rows.values[0..<(9 * width)]), labels: Array(rows.labels[0..<9]), columnCount: width)

  private func booster() throws -> Booster {
    try Self.rows.fit(["trees": .integer(4), "leaves": .integer(9), "min_leaf": .integer(4)]).booster
  }

  /// The score where only the columns of `known` (bits) are the row's, the others averaged by the tree's row counts.
  private func conditional(_ booster: Booster, _ row: ArraySlice<Float>, known: Int) -> Double {
    func walk(_ tree: Tree, _ child: Int32) -> Double {
      guard child >= 0 else { return tree.leafValues[Int(~child)] }
      let node = tree.nodes[Int(child)]
      if known >> Int(node.column) & 1 == 1 {
        return walk(tree, tree.sendsLeft(row[row.startIndex + Int(node.column)], node) ? node.left : node.right)
      }
      func count(_ child: Int32) -> Double {
        Double(child >= 0 ? tree.nodeRowCounts[Int(child)] : tree.leafRowCounts[Int(~child)])
      }
      let (left, right) = (count(node.left), count(node.right))
      return (left * walk(tree, node.left) + right * walk(tree, node.right)) / (left + right)
    }
    return booster.trees.reduce(booster.initialScore) { $0 + walk($1, $1.nodes.isEmpty ? ~0 : 0) }
  }

  private func factorial(_ n: Int) -> Double { (1...max(n, 1)).reduce(1) { $0 * Double($1) } }

  /// φ_i of a set function over 4 columns.
  private func shapley(_ i: Int, _ game: (Int) -> Double) -> Double {
    (0..<(1 << Self.width)).filter { $0 >> i & 1 == 0 }.reduce(0) { sum, set in
      let size = set.nonzeroBitCount
      let weight = factorial(size) * factorial(Self.width - size - 1) / factorial(Self.width)
      return sum + weight * (game(set | 1 << i) - game(set))
    }
  }

  private func pair(_ i: Int, _ j: Int, _ game: (Int) -> Double) -> Double {
    (0..<(1 << Self.width)).filter { $0 >> i & 1 == 0 && $0 >> j & 1 == 0 }.reduce(0) { sum, set in
      let size = set.nonzeroBitCount
      let weight = factorial(size) * factorial(Self.width - size - 2) / (2 * factorial(Self.width - 1))
      let (a, b) = (1 << i, 1 << j)
      return sum + weight * (game(set | a | b) - game(set | a) - game(set | b) + game(set))
    }
  }

  private func row(_ index: Int) -> ArraySlice<Float> {
    Self.some.values[(index * Self.width)..<((index + 1) * Self.width)]
  }

  @Test func values_areShapleys() throws {
    let booster = try booster()
    let values = Self.some.values.withUnsafeBufferPointer { Attribution(booster).values($0, rowCount: 9) }
    let scores = booster.scores(Self.some)
    for index in 0..<9 {
      let found = Array(values[(index * 5)..<(index * 5 + 5)])
      for column in 0..<Self.width {
        let expected = shapley(column) { conditional(booster, row(index), known: $0) }
        #expect(abs(found[column] - expected) < 1e-12, "row \(index) column \(column)")
      }
      #expect(abs(found.reduce(0, +) - scores[index]) < 1e-12)
      #expect(abs(found[4] - conditional(booster, row(index), known: 0)) < 1e-12)
    }
  }

  @Test func interactions_areShapleys() throws {
    let booster = try booster()
    let pairs = Self.some.values.withUnsafeBufferPointer { Attribution(booster).interactions($0, rowCount: 9) }
    let values = Self.some.values.withUnsafeBufferPointer { Attribution(booster).values($0, rowCount: 9) }
    for index in 0..<9 {
      let found = { (i: Int, j: Int) in pairs[index * 25 + i * 5 + j] }
      for i in 0..<Self.width {
        for j in 0..<Self.width where j != i {
          let expected = pair(i, j) { conditional(booster, row(index), known: $0) }
          #expect(abs(found(i, j) - expected) < 1e-12, "row \(index), \(i) and \(j)")
        }
        let sum = (0..<Self.width).reduce(0) { $0 + found(i, $1) }
        #expect(abs(sum - values[index * 5 + i]) < 1e-12)
        #expect(found(i, 4) == 0 && found(4, i) == 0)
      }
      #expect(found(4, 4) == values[index * 5 + 4])
    }
  }

  @Test func interventionalValues_areShapleysOverTheBackground() throws {
    let booster = try booster()
    let background = Case(
      values: Array(Self.rows.values[400..<(400 + 7 * Self.width)]), labels: [Float](repeating: 0, count: 7),
      columnCount: Self.width)
    let values = Self.some.values.withUnsafeBufferPointer { rows in
      background.values.withUnsafeBufferPointer {
        Attribution(booster).values(rows, rowCount: 9, background: $0, backgroundRowCount: 7)
      }
    }
    for index in 0..<9 {
      func game(_ known: Int) -> Double {
        let mixed = (0..<7).flatMap { other in
          (0..<Self.width).map { column in
            known >> column & 1 == 1
              ? Self.some.values[index * Self.width + column] : background.values[other * Self.width + column]
          }
        }
        let scores = booster.scores(
          Case(values: mixed, labels: [Float](repeating: 0, count: 7), columnCount: Self.width))
        return scores.reduce(0, +) / 7
      }
      for column in 0..<Self.width {
        #expect(abs(values[index * 5 + column] - shapley(column, game)) < 1e-12, "row \(index) column \(column)")
      }
      #expect(abs(values[index * 5 + 4] - game(0)) < 1e-12)
    }
  }

  /// Goal: importances name the columns that matter. In real life: the first question about any model.
  @Test func importances_nameTheSignal() throws {
    let train = Case(seed: 1, rowCount: 2_000, columnCount: 8)
    let test = Case(seed: 2, rowCount: 1_000, columnCount: 8)
    let booster = try train.fit(["trees": .integer(40)]).booster
    let importance = test.values.withUnsafeBufferPointer {
      booster.permutationImportance($0, labels: test.labels, repeats: 2, seed: 1) { 1 - auroc($0, $1) }
    }
    let largest = importance.indices.sorted { importance[$0] > importance[$1] }.prefix(3)
    #expect(Set(largest) == [0, 1, 2], "\(importance)")
    #expect(booster.splitCountByColumn.reduce(0, +) == booster.trees.reduce(0) { $0 + $1.nodes.count })
    // The planted score rises by 1.5 a unit of column 0 and falls on both sides of 0 in column 1.
    func dependence(_ column: Int, _ grid: [Float]) -> [Double] {
      test.values.withUnsafeBufferPointer {
        booster.partialDependence($0, rowCount: 1_000, column: column, grid: grid)
      }
    }
    let rising = dependence(0, [-1, 0, 1])
    #expect(rising[0] < rising[1] && rising[1] < rising[2])
    let hill = dependence(1, [-1.5, 0, 1.5])
    #expect(hill[0] < hill[1] && hill[1] > hill[2])
  }

  @Test(arguments: 1...12) func gaussRule_isExact(pointCount: Int) {
    let rule = GaussRule(pointCount: pointCount)
    for power in 0..<(2 * pointCount) {
      let integral = zip(rule.points, rule.weights).reduce(0) { sum, term in
        sum + term.1 * (0..<power).reduce(1) { product, _ in product * term.0 }
      }
      #expect(abs(integral - 1 / Double(power + 1)) < 1e-14)
    }
  }
}
