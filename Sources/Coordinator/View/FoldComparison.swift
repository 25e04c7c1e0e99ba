// SPDX-License-Identifier: Apache-2.0

import Randomness
import Search
import Tracking

/// Two trials over the same held-out folds.
struct FoldComparison {
  struct Pair: Equatable {
    let fold: Int
    let one: Double
    let other: Double
    var difference: Double { one - other }
  }

  /// Ascending by fold: those on which both have a value.
  let pairs: [Pair]
  let mean: Double?
  /// Percentiles of means over folds drawn with replacement: what these folds alone say, and too narrow, for they share
  /// training rows.
  let bootstrap: ClosedRange<Double>?
  /// `mean ± t(0.975; k − 1) · sd · √(1/k + n_valid/n_train)` (Nadeau & Bengio 2003). The verdict's.
  let corrected: ClosedRange<Double>?

  init(_ one: [FoldValue], _ other: [FoldValue]) {
    var pairs: [Pair] = []
    var (trainCount, validCount) = (0, 0)
    for left in one {
      guard let right = other.first(where: { $0.fold == left.fold && $0.rung == left.rung }), let first = left.value,
        let second = right.value
      else { continue }
      pairs.append(Pair(fold: left.fold, one: first, other: second))
      trainCount += left.trainRowCount
      validCount += left.validRowCount
    }
    self.pairs = pairs
    let differences = pairs.map(\.difference)
    mean = differences.isEmpty ? nil : differences.reduce(0, +) / Double(differences.count)
    bootstrap = differences.count < 2 ? nil : Self.resampled(differences)
    corrected = Self.corrected(differences, share: Double(validCount) / Double(max(trainCount, 1)))
  }

  /// Neither is better, as far as these folds can tell; `nil` where there are too few.
  var isTie: Bool? { corrected.map { $0.contains(0) } }

  /// 10,000 resamples from a fixed seed: the same trials give the same interval.
  private static func resampled(_ differences: [Double]) -> ClosedRange<Double> {
    var generator = CounterGenerator(key: 0xB007_57A9)
    let count = differences.count
    var means: [Double] = []
    means.reserveCapacity(10_000)
    for _ in 0..<10_000 {
      var sum = 0.0
      for _ in 0..<count { sum += differences[generator.below(count)] }
      means.append(sum / Double(count))
    }
    means.sort()
    return means[249]...means[9_749]
  }

  private static func corrected(_ differences: [Double], share: Double) -> ClosedRange<Double>? {
    guard differences.count > 1 else { return nil }
    let count = Double(differences.count)
    let mean = differences.reduce(0, +) / count
    let variance = differences.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / (count - 1)
    let error = (variance * (1 / count + share)).squareRoot()
    let half = studentQuantile(0.975, degreesOfFreedom: differences.count - 1) * error
    return (mean - half)...(mean + half)
  }
}
