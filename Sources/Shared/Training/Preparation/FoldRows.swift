// SPDX-License-Identifier: Apache-2.0

import Evaluation
import Hyperparameters
import Randomness
import Shards
import Sweeps

/// Which rows a task trains on, looks at for early stopping, and is scored on. Ascending row numbers of the data set.
struct FoldRows: Hashable, Sendable {
  let fitted: [Int]
  /// Patients of the training rows that are set aside: early stopping looks at these and never at the held-out fold.
  let inner: [Int]
  let heldOut: [Int]
  /// The sweep's test set: held out by the final fit, and in no fold.
  let testSet: [Int]

  /// For a fit that nothing stops early: rows that were set aside to watch it are trained on.
  var withoutInner: FoldRows {
    FoldRows(fitted: (fitted + inner).sorted(), inner: [], heldOut: heldOut, testSet: testSet)
  }

  private init(fitted: [Int], inner: [Int], heldOut: [Int], testSet: [Int]) {
    (self.fitted, self.inner, self.heldOut, self.testSet) = (fitted, inner, heldOut, testSet)
  }

  var trainingCount: Int { fitted.count + inner.count }

  /// Patients of the training rows are dealt to this many parts, and one is the inner split: a seventh, about 14 %.
  static let innerParts = 7

  /// The same for every trial of a fold, so that trials are compared on equal ground.
  init(_ dataset: Dataset, _ order: TrialOrder, fold: Int) throws {
    let isBinary = order.outcome.objective == .binary
    testSet = try order.folds.testRows(groups: dataset.groups, labels: dataset.labels, isBinary: isBinary)
    let searched = Self.rest(of: dataset.rowCount, without: testSet)
    let training: [Int]
    if order.folds.isFinal {
      (training, heldOut) = (searched, testSet)
    } else {
      let folds = try order.folds.assign(
        groups: searched.map { dataset.groups[$0] }, labels: searched.map { dataset.labels[$0] }, isBinary: isBinary)
      let (round, part) = (fold / order.folds.foldCount, fold % order.folds.foldCount)
      training = searched.indices.filter { folds[round][$0] != part }.map { searched[$0] }
      heldOut = searched.indices.filter { folds[round][$0] == part }.map { searched[$0] }
    }
    let plan = FoldPlan(
      scheme: .stratifiedGrouped, foldCount: Self.innerParts, seed: derivedSeed(order.seed, .innerSplit, fold))
    let innerFolds = try? plan.assign(
      groups: training.map { dataset.groups[$0] }, labels: training.map { dataset.labels[$0] }, isBinary: isBinary)
    // Too few patients of a class for an inner split: train on all, without early stopping.
    guard let innerFolds else {
      (fitted, inner) = (training, [])
      return
    }
    fitted = training.indices.filter { innerFolds[0][$0] != 0 }.map { training[$0] }
    inner = training.indices.filter { innerFolds[0][$0] == 0 }.map { training[$0] }
  }

  /// The rows 0 ..< `count` without some of them; both ascending.
  static func rest(of count: Int, without taken: [Int]) -> [Int] {
    var next = 0
    return (0..<count).filter { row in
      guard next < taken.count, taken[next] == row else { return true }
      next += 1
      return false
    }
  }
}
