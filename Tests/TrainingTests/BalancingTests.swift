// SPDX-License-Identifier: Apache-2.0

import Evaluation
import Foundation
import Hyperparameters
import Shards
import Sweeps
import Testing

@testable import Training

@Suite struct BalancingTests {
  private func options(_ balancing: Balancing, ratio: Double = 1) throws -> BalancingOptions {
    try BalancingOptions(
      ["imbalance": .text(balancing.rawValue), "imbalance_ratio": .real(ratio)], of: .linear)
  }

  /// Fitted rows with a rare class: a quarter of the rows with label 1.
  private func rareRows(_ dataset: Dataset, from first: Int = 0) -> [Int] {
    (first..<dataset.rowCount).filter { dataset.labels[$0] != 1 || $0.isMultiple(of: 4) }
  }

  private func counts(_ balanced: BalancedRows, _ dataset: Dataset) -> (positives: Int, negatives: Int) {
    let labels = balanced.labels(dataset)
    return (labels.count { $0 == 1 }, labels.count { $0 == 0 })
  }

  @Test(arguments: [1.0, 0.6])
  func eachKind_reachesTheRatio(ratio: Double) throws {
    let dataset = try Fixture().dataset
    let rows = rareRows(dataset)
    let rare = rows.count { dataset.labels[$0] == 1 }
    let common = rows.count - rare
    let plain = BalancedRows(dataset, rows, try options(.none, ratio: ratio), seed: 1)
    #expect(plain.rows == rows && plain.count == rows.count && plain.positiveWeight == 1)

    let weighed = BalancedRows(dataset, rows, try options(.classWeights, ratio: ratio), seed: 1)
    #expect(weighed.rows == rows && weighed.count == rows.count)
    #expect(weighed.positiveWeight == ratio * Double(common) / Double(rare))

    let under = BalancedRows(dataset, rows, try options(.undersample, ratio: ratio), seed: 1)
    #expect(counts(under, dataset) == (rare, Int((Double(rare) / ratio).rounded())))
    #expect(Set(under.rows).count == under.rows.count && Set(under.rows).isSubset(of: rows))

    for kind in [Balancing.oversample, .smote] {
      let over = BalancedRows(dataset, rows, try options(kind, ratio: ratio), seed: 1)
      #expect(counts(over, dataset) == (Int((ratio * Double(common)).rounded()), common), "\(kind)")
      #expect(Array(over.rows.prefix(rows.count)) == rows && Set(over.rows) == Set(rows), "\(kind)")
      #expect(over.synthetic.isEmpty == (kind == .oversample))
    }
  }

  @Test func rareClassOfLabelZero_isTheOneThatGrows() throws {
    let dataset = try Fixture().dataset
    let rows = (0..<dataset.rowCount).filter { dataset.labels[$0] == 1 || $0.isMultiple(of: 4) }
    let rare = rows.count { dataset.labels[$0] == 0 }
    let common = rows.count - rare
    #expect(counts(BalancedRows(dataset, rows, try options(.smote), seed: 1), dataset) == (common, common))
    let weighed = BalancedRows(dataset, rows, try options(.classWeights), seed: 1)
    #expect(weighed.positiveWeight == 1 / (Double(common) / Double(rare)))
  }

  @Test(arguments: [Balancing.undersample, .oversample, .smote])
  func draw_isTheSeeds(kind: Balancing) throws {
    let dataset = try Fixture().dataset
    let rows = rareRows(dataset)
    func draw(_ seed: UInt64) throws -> ([Int], [UInt32]) {
      let balanced = BalancedRows(dataset, rows, try options(kind), seed: seed)
      return (balanced.rows, balanced.synthetic.map(\.bitPattern))
    }
    #expect(try draw(1) == draw(1))
    #expect(try draw(1) != draw(2))
  }

  @Test func enoughOfTheRareClass_nothingIsDone() throws {
    let dataset = try Fixture().dataset
    let rows = Array(0..<dataset.rowCount)
    for kind in Balancing.allCases {
      let balanced = BalancedRows(dataset, rows, try options(kind, ratio: 0.3), seed: 1)
      #expect(balanced.rows == rows && balanced.count == rows.count && balanced.positiveWeight == 1, "\(kind)")
    }
  }

  @Test func oneClassAlone_orOneRareRow_isLeftOrRepeated() throws {
    let dataset = try Fixture().dataset
    let negatives = (0..<dataset.rowCount).filter { dataset.labels[$0] == 0 }
    for kind in Balancing.allCases {
      #expect(BalancedRows(dataset, negatives, try options(kind), seed: 1).rows == negatives, "\(kind)")
    }
    let positive = try #require((0..<dataset.rowCount).first { dataset.labels[$0] == 1 })
    let balanced = BalancedRows(dataset, negatives + [positive], try options(.smote), seed: 1)
    let own = dataset.tabularRow(positive).map(\.bitPattern)
    #expect(balanced.synthetic.prefix(dataset.columnCount).map(\.bitPattern) == own)
  }

  /// Goal: a synthetic row lies between two rows of the rare class, lacks only what a row of it lacks, and a column of two values
  /// keeps them. Method: column 2 is 0 or 7; for each synthetic row some pair of rare rows must hold it in their box.
  @Test func syntheticRow_liesBetweenTwoRareRows() throws {
    let dataset = try Fixture { row, tabular, _ in tabular[2] = row.isMultiple(of: 3) ? 7 : 0 }.dataset
    let rows = rareRows(dataset)
    let rare = rows.filter { dataset.labels[$0] == 1 }.map { Array(dataset.tabularRow($0)) }
    let balanced = BalancedRows(dataset, rows, try options(.smote), seed: 3)
    let width = dataset.columnCount
    var lackingCount = 0
    for start in stride(from: 0, to: balanced.synthetic.count, by: width) {
      let row = Array(balanced.synthetic[start..<start + width])
      #expect(row[2] == 0 || row[2] == 7)
      if row[1].isNaN { lackingCount += 1 }
      let isBetween = rare.contains { a in
        rare.contains { b in
          (0..<width).allSatisfy { column in
            if row[column].isNaN { return a[column].isNaN }
            let other = b[column].isNaN ? a[column] : b[column]
            return row[column] >= min(a[column], other) && row[column] <= max(a[column], other)
          }
        }
      }
      #expect(isBetween, "\(row)")
    }
    #expect(lackingCount > 0, "no synthetic row lacks anything, so this shows less than it says")
  }

  /// The wall. Goal: no value of a held-out or inner row is in what is fitted. Method: canaries of the rare class are planted
  /// outside the fitted rows, at a place that no mean of the others reaches.
  @Test(arguments: Balancing.allCases)
  func canaryOutsideTheFittedRows_isNowhere(kind: Balancing) throws {
    let fixture = try Fixture { row, tabular, _ in if row < 60 { tabular = tabular.map { _ in 1e6 } } }
    let dataset = fixture.dataset
    #expect((0..<60).contains { dataset.labels[$0] == 1 }, "no canary of the rare class")
    let balanced = BalancedRows(dataset, rareRows(dataset, from: 60), try options(kind), seed: 1)
    #expect(balanced.rows.allSatisfy { $0 >= 60 })
    #expect(balanced.synthetic.allSatisfy { $0.isNaN || abs($0) < 100 })
  }

  /// `class-weights` is `positive_weight` set to what the fold's own rows say.
  @Test func classWeights_areThePositiveWeightOfTheFold() throws {
    let fixture = try Fixture()
    let task = try fixture.assignment(.linear)
    let folds = try task.order.folds.assign(
      groups: fixture.dataset.groups, labels: fixture.dataset.labels, isBinary: true)
    let training = folds[0].indices.filter { folds[0][$0] != 0 }
    let positives = training.count { fixture.dataset.labels[$0] == 1 }
    let weight = Double(training.count - positives) / Double(positives)
    func run(_ changes: Parameters) throws -> [String] {
      let result = try fixture.runner.run(fixture.assignment(.linear, changing: changes)) { _, _ in .goOn }
      return try fixture.predictions(result).map(\.text)
    }
    let given = try run(["positive_weight": .real(weight)])
    #expect(try run(["imbalance": .text("class-weights")]) == given)
    #expect(try run([:]) != given)
  }

  @Test func realLabels_areRefused() throws {
    let fixture = try Fixture(outcome: .lengthOfStay)
    let task = try fixture.assignment(.linear, outcome: .lengthOfStay, changing: ["imbalance": .text("smote")])
    #expect { try fixture.runner.run(task) { _, _ in .goOn } } throws: { error in
      let report = (error as? TrainingError)?.failureReport
      return report?.kind == .invalidTask
        && report?.message == "hyperparameter `imbalance`: expected none for length_of_stay, found smote"
    }
  }

  @Test func lstm_knowsNoSmote() {
    #expect(throws: ParameterError.self) { try Learner.lstm.resolve(["imbalance": .text("smote")]) }
    #expect(throws: Never.self) { try Learner.lstm.resolve(["imbalance": .text("oversample")]) }
  }
}
