// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import Shards

/// The rows that a fold fits, once something was done about a rare class among them.
///
/// A function of (rows, their labels and values, options, seed). It is given training rows alone: nothing of a held-out row
/// can reach it. With r = `imbalance_ratio`, M rows of the common class and m < r·M of the rare one:
///
///     class-weights   the rare class weighs r·M/m (or the common one m/(r·M), where label 1 is common)
///     undersample     m/r rows of the common class are kept, drawn without replacement
///     oversample      r·M − m rows of the rare class are drawn with replacement and added
///     smote           as many synthetic rows are added instead
struct BalancedRows: Sendable {
  /// Row numbers of the data set: the fitted rows, fewer of them, or some of them again.
  private(set) var rows: [Int]
  /// [S, F] raw values of rows that no patient has; all of the rare class.
  private(set) var synthetic: [Float] = []
  /// Of a row with label 1, on top of the learner's own.
  private(set) var positiveWeight = 1.0
  private var syntheticCount = 0
  private var rareLabel: Float = 1

  var count: Int { rows.count + syntheticCount }

  init(_ dataset: Dataset, _ fitted: [Int], _ options: BalancingOptions, seed: UInt64) {
    rows = fitted
    guard options.balancing != .none else { return }
    let positives = fitted.filter { dataset.labels[$0] == 1 }
    let negatives = fitted.filter { dataset.labels[$0] != 1 }
    let isPositiveRare = positives.count <= negatives.count
    let (rare, common) = isPositiveRare ? (positives, negatives) : (negatives, positives)
    rareLabel = isPositiveRare ? 1 : 0
    let wanted = options.ratio * Double(common.count)
    // One class alone cannot be balanced; the learner says what it makes of it.
    guard !rare.isEmpty, Double(rare.count) < wanted else { return }
    var random = CounterGenerator(key: seed)
    let missing = Int(wanted.rounded()) - rare.count
    switch options.balancing {
    case .none: break
    case .classWeights:
      let weight = wanted / Double(rare.count)
      positiveWeight = isPositiveRare ? weight : 1 / weight
    case .undersample:
      var kept = common
      random.shuffle(&kept)
      let count = min(common.count, Int((Double(rare.count) / options.ratio).rounded()))
      rows = (rare + kept.prefix(count)).sorted()
    case .oversample:
      rows += (0..<missing).map { _ in rare[random.below(rare.count)] }
    case .smote:
      syntheticCount = missing
      synthetic = SyntheticRows(dataset, rare: rare, fitted: fitted, neighbourCount: options.neighbourCount)
        .draw(missing, &random)
    }
  }

  /// Of all `count` rows.
  func labels(_ dataset: Dataset) -> [Float] {
    rows.map { dataset.labels[$0] } + [Float](repeating: rareLabel, count: syntheticCount)
  }
}
