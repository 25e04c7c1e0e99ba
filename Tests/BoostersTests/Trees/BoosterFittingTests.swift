// SPDX-License-Identifier: Apache-2.0

import Boosters
import Hyperparameters
import Randomness
import Testing

@Suite struct BoosterFittingTests {
  private static let brief: Parameters = ["trees": .integer(30)]

  private func parameters(_ changes: Parameters) -> Parameters {
    var all = Self.brief
    for entry in changes.entries { all[entry.name] = entry.value }
    return all
  }

  /// Goal: a planted signal is found on unseen rows. The noise and the missing values of the three columns that matter
  /// leave an R² of about 0.79 to be had.
  @Test func plantedSignal_isLearned() throws {
    let train = Case(seed: 1, rowCount: 3_000, columnCount: 10)
    let fit = try train.fit(["trees": .integer(60)])
    let test = Case(seed: 2, rowCount: 3_000, columnCount: 10)
    let area = auroc(fit.booster.predict(test), test.labels)
    #expect(area > 0.88, "AUROC \(area)")
    #expect(zip(fit.trainLoss, fit.trainLoss.dropFirst()).allSatisfy { $0 > $1 })

    let trainStay = Case(seed: 1, rowCount: 3_000, columnCount: 10, objective: .regression)
    let testStay = Case(seed: 2, rowCount: 3_000, columnCount: 10, objective: .regression)
    let stay = try trainStay.fit(["trees": .integer(60)], objective: .regression)
    let explained = r2(stay.booster.predict(testStay), testStay.labels)
    #expect(explained > 0.7, "R² \(explained)")
    #expect(
      Set(stay.booster.gainByColumn.enumerated().sorted { $0.element > $1.element }.prefix(3).map(\.offset)) == [
        0, 1, 2,
      ])
  }

  /// Goal: no leak. Method: shuffled labels over 4 seeds; the mean AUROC on other rows has a standard error of 0.006.
  @Test func shuffledLabels_giveAnAreaOfOneHalf() throws {
    var sum = 0.0
    for seed in 1...4 as ClosedRange<UInt64> {
      var train = Case(seed: seed, rowCount: 1_500, columnCount: 8)
      var random = CounterGenerator(key: seed)
      random.shuffle(&train.labels)
      let test = Case(seed: seed + 100, rowCount: 2_000, columnCount: 8)
      sum += auroc(try train.fit(Self.brief).booster.predict(test), test.labels)
    }
    #expect(abs(sum / 4 - 0.5) < 0.04, "mean AUROC \(sum / 4)")
  }

  /// Goal: growth ends `patience` trees after the best, which is the argmin, and the model holds the best trees only.
  @Test func earlyStopping_keepsTheBestTrees() throws {
    let train = Case(seed: 1, rowCount: 400, columnCount: 6)
    let valid = Case(seed: 2, rowCount: 400, columnCount: 6)
    var hasty: Parameters = [
      "trees": .integer(300), "learning_rate": .real(0.3), "patience": .integer(7), "min_leaf": .integer(3),
    ]
    let fit = try train.fit(hasty, validation: valid)
    #expect(fit.validLoss.count < 300 && fit.validLoss.count == fit.bestTreeCount + 7)
    #expect(fit.validLoss.min() == fit.validLoss[fit.bestTreeCount - 1])
    #expect(fit.booster.trees.count == fit.bestTreeCount)
    #expect(fit.trainLoss.count == fit.validLoss.count)

    // The same trees without stopping: the first best of the whole curve so far, and all of them kept.
    hasty["patience"] = .integer(0)
    hasty["trees"] = .integer(Int64(fit.validLoss.count))
    let all = try train.fit(hasty, validation: valid)
    #expect(all.validLoss == fit.validLoss)
    #expect(all.bestTreeCount == fit.validLoss.count && all.booster.trees.count == all.bestTreeCount)
    #expect(Array(all.booster.trees.prefix(fit.bestTreeCount)) == fit.booster.trees)
  }

  /// In real life: validation rows whose labels have nothing to do with the training's. The prior is the best model.
  @Test func earlyStopping_mayKeepNoTree() throws {
    let train = Case(seed: 1, rowCount: 400, columnCount: 6)
    var valid = Case(seed: 2, rowCount: 400, columnCount: 6)
    valid.labels = valid.labels.map { 1 - $0 }
    let fit = try train.fit(["patience": .integer(3)], validation: valid)
    #expect(fit.bestTreeCount == 0 && fit.validLoss.count == 3)
    #expect(Set(fit.booster.predict(valid)).count == 1)
  }

  /// Goal: a class weight of k is k copies of each positive row. Method: both fits, with limits that count hessians only;
  /// bins are quantiles of rows, so the columns have few values.
  @Test func positiveWeight_isRepetition() throws {
    let rows = Case(seed: 6, rowCount: 400, columnCount: 4, decimals: 1)
    var repeated = rows.values
    var labels = rows.labels
    for row in 0..<400 where rows.labels[row] > 0 {
      for _ in 0..<2 {
        repeated += rows.values[row * 4..<row * 4 + 4]
        labels.append(1)
      }
    }
    let limits = parameters(["min_leaf": .integer(1), "min_hessian": .real(1)])
    var weighted = limits
    weighted["positive_weight"] = .real(3)
    let left = try rows.fit(weighted)
    let right = try Case(values: repeated, labels: labels, columnCount: 4).fit(limits)
    let gap = zip(left.booster.predict(rows), right.booster.predict(rows)).map { abs($0 - $1) }.max() ?? 1
    #expect(gap < 1e-4, "largest difference \(gap)")
    #expect(abs(left.trainLoss[29] - right.trainLoss[29]) < 1e-5)
  }

  /// Goal: samples come from the seed alone. Method: same bits for the same seed, other trees for another; without
  /// sampling the seed plays no part.
  @Test(arguments: ["subsample", "column_sample"])
  func sampling_isAFunctionOfTheSeed(name: String) throws {
    let rows = Case(seed: 7, rowCount: 500, columnCount: 9)
    let sampled = parameters([name: .real(0.5)])
    #expect(try rows.fit(sampled, seed: 1) == rows.fit(sampled, seed: 1))
    #expect(try rows.fit(sampled, seed: 1).booster != rows.fit(sampled, seed: 2).booster)
    #expect(try rows.fit(Self.brief, seed: 1) == rows.fit(Self.brief, seed: 2))
    let trees = try rows.fit(sampled).booster.trees
    if name == "subsample" {
      #expect(trees.allSatisfy { $0.leafRowCounts.reduce(0, +) == 250 })
    } else {
      // 4.5 rounds to 4: a tree splits on 4 columns at most, and not always on the same.
      let used = trees.map { Set($0.nodes.map(\.column)) }
      #expect(used.allSatisfy { $0.count <= 5 } && Set(used).count > 1)
    }
  }

  /// Goal: the same bits on each run. Method: two fits and their texts, sampling included.
  @Test func fit_twice_hasTheSameBits() throws {
    let rows = Case(seed: 8, rowCount: 2_000, columnCount: 20)
    let sampled = parameters(["subsample": .real(0.8), "column_sample": .real(0.7)])
    let first = try rows.fit(sampled)
    #expect(try rows.fit(sampled) == first)
    #expect(first.booster.encoded == (try rows.fit(sampled).booster.encoded))
  }

  @Test func progress_countsTrees_andCancels() throws {
    let rows = Case(seed: 9, rowCount: 200, columnCount: 3)
    var steps: [Int] = []
    #expect(throws: BoosterError.cancelled) {
      try rows.fit(Self.brief) { step, stepCount in
        #expect(stepCount == 30)
        steps.append(step)
        return step < 4
      }
    }
    #expect(steps == [1, 2, 3, 4])
  }

  struct Refusal: Sendable, CustomStringConvertible {
    var code: BoosterError.Code
    var labels: [Float]
    var objective = ObjectiveKind.binary
    var says: String
    var description: String { says }
  }

  /// In real life: a label file that does not fit its rows, an outcome that nobody in the fold had, a stay without end.
  @Test(arguments: [
    Refusal(code: .badLabel, labels: [0, 1, 2, 0], says: "training labels, row 2"),
    Refusal(code: .notFinite, labels: [0, .nan, 1, 0], says: "training labels, row 1"),
    Refusal(code: .notFinite, labels: [0, 1, 1, .infinity], objective: .regression, says: "training labels, row 3"),
    Refusal(code: .oneClass, labels: [0, 0, 0, 0], says: "0 of 4 rows"),
    Refusal(code: .oneClass, labels: [1, 1, 1, 1], says: "4 of 4 rows"),
    Refusal(code: .badShape, labels: [0, 1, 1], says: "one for each of 4 rows, found 3"),
  ])
  func badLabels_areRefused(refusal: Refusal) throws {
    let matrix = Case(values: [1, 2, 3, 4], labels: [0, 0, 0, 0], columnCount: 1).binned()
    let options = try BoosterOptions()
    let error = #expect(throws: BoosterError.self) {
      try fitBooster(
        train: matrix, labels: refusal.labels, validation: nil, objective: refusal.objective, options: options, seed: 1
      ) { _, _ in true }
    }
    #expect(error?.code == refusal.code)
    #expect(error?.description.contains(refusal.says) == true, "\(String(describing: error))")
  }

  @Test func emptyParts_areRefused() throws {
    #expect(throws: BoosterError.self) { try Case(values: [], labels: [], columnCount: 3).fit() }
    let rows = Case(seed: 1, rowCount: 50, columnCount: 3)
    let error = #expect(throws: BoosterError.self) {
      try rows.fit(validation: Case(values: [], labels: [], columnCount: 3))
    }
    #expect(error?.code == .badShape)
    #expect(throws: BoosterError.self) { try rows.fit(validation: Case(seed: 1, rowCount: 5, columnCount: 2)) }
    #expect(throws: BoosterError.self) {
      try rows.fit(validation: Case(values: [1, 2, 3], labels: [0.5], columnCount: 3))
    }
  }
}
