// SPDX-License-Identifier: Apache-2.0

import Randomness

/// How much of the objective's variance one parameter explains by itself, among trials that have it.
///
///     ω² = (SSB − (k − 1)·MSW) / (SST + MSW)
///
/// over k bins of the parameter with as many trials each (a word a bin). It is about 0 for a parameter that does nothing, where the plain
/// share SSB/SST grows with the number of bins. What two parameters do only together is in neither's share.
///
/// - Source: Hays 1963, "Statistics for Psychologists", ω²; the interval is the bootstrap's over trials (Efron 1979).
package struct ParameterImportance: Sendable {
  package let share: Double
  package let interval: ClosedRange<Double>

  /// - Parameters:
  ///   - groups: the bin of each trial.
  ///   - seed: of the resamples; the same trials give the same interval.
  /// - Returns: `nil` with fewer than ten trials, or one bin.
  package init?(groups: [Int], objectives: [Double], seed: UInt64 = 1) {
    precondition(groups.count == objectives.count, "a bin a trial: \(groups.count) and \(objectives.count)")
    guard objectives.count >= 10, let share = Self.omegaSquared(groups, objectives) else { return nil }
    var random = CounterGenerator(key: seed)
    var resampled: [Double] = []
    for _ in 0..<200 {
      let drawn = (0..<groups.count).map { _ in random.below(groups.count) }
      if let one = Self.omegaSquared(drawn.map { groups[$0] }, drawn.map { objectives[$0] }) { resampled.append(one) }
    }
    resampled.sort()
    self.share = max(share, 0)
    guard resampled.count >= 100 else { return nil }
    let (low, high) = (resampled[resampled.count / 40], resampled[resampled.count - 1 - resampled.count / 40])
    interval = max(low, 0)...max(high, 0)
  }

  /// Bins of equal counts; equal values share one.
  package static func bins(_ values: [Double], count: Int = 6) -> [Int] {
    let sorted = values.sorted()
    guard let first = sorted.first else { return [] }
    var edges: [Double] = []
    for bin in 1..<count {
      let edge = sorted[min(sorted.count * bin / count, sorted.count - 1)]
      if edge > (edges.last ?? first) { edges.append(edge) }
    }
    // Where nearly all are equal, the others are still others.
    if edges.isEmpty, let last = sorted.last, last > first { edges.append(last) }
    return values.map { value in edges.firstIndex { value < $0 } ?? edges.count }
  }

  private static func omegaSquared(_ groups: [Int], _ objectives: [Double]) -> Double? {
    let size = (groups.max() ?? 0) + 1
    var (counts, sums) = ([Double](repeating: 0, count: size), [Double](repeating: 0, count: size))
    for (group, objective) in zip(groups, objectives) {
      counts[group] += 1
      sums[group] += objective
    }
    let count = Double(objectives.count)
    let used = Double(counts.filter { $0 > 0 }.count)
    guard used > 1, count > used else { return nil }
    let mean = sums.reduce(0, +) / count
    let total = objectives.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let between = zip(counts, sums).reduce(0.0) { sum, pair in
      pair.0 > 0 ? sum + pair.0 * (pair.1 / pair.0 - mean) * (pair.1 / pair.0 - mean) : sum
    }
    let within = max(total - between, 0) / (count - used)
    guard total > 0 else { return 0 }
    return (between - (used - 1) * within) / (total + within)
  }
}
