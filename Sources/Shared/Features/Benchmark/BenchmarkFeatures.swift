// SPDX-License-Identifier: Apache-2.0

import Shards

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The 714 features: of 17 variables over 7 parts of the time between a variable's first and last value, 6 statistics.
///
/// Standard deviation and skewness are those of a population (division by n); the skewness of equal values is not a
/// number.
enum BenchmarkFeatures {
  /// Share of the variable's own time, from its start or up to its end.
  private static let parts: [(name: String, words: String, share: Double, isFromStart: Bool)] = [
    ("all", "whole time", 1, true), ("first10", "first tenth", 0.1, true), ("first25", "first quarter", 0.25, true),
    ("first50", "first half", 0.5, true), ("last10", "last tenth", 0.1, false), ("last25", "last quarter", 0.25, false),
    ("last50", "last half", 0.5, false),
  ]
  private static let statistics = ["min", "max", "mean", "sd", "skew", "count"]

  static let count = BenchmarkVariable.all.count * parts.count * statistics.count

  static let columns: [FeatureColumn] = BenchmarkVariable.all.flatMap { variable in
    parts.flatMap { part in
      statistics.map { statistic in
        let slug = variable.name.lowercased().split(separator: " ").joined(separator: "_")
        return FeatureColumn(
          name: "\(slug)_\(part.name)_\(statistic)", item: variable.itemText,
          unit: ["skew", "count"].contains(statistic) ? "1" : variable.unit,
          window: "\(part.words) between its first and last value before the index time", statistic: statistic,
          items: variable.chartItems + variable.labItems)
      }
    }
  }

  /// [714]; NaN where a variable has no value.
  static func values(_ known: KnownRows) -> [Float] {
    var features = [Float](repeating: .nan, count: count)
    features.withUnsafeMutableBufferPointer { features in
      for place in BenchmarkVariable.all.indices {
        known.withValues(of: place) { hours, numbers, _ in
          for (part, entry) in parts.enumerated() {
            let start = (place * parts.count + part) * statistics.count
            write(
              UnsafeMutableBufferPointer(rebasing: features[start..<(start + statistics.count)]), hours, numbers,
              entry.share, entry.isFromStart)
          }
        }
      }
    }
    return features
  }

  /// Leaves `features` as it is where there is no value.
  private static func write(
    _ features: UnsafeMutableBufferPointer<Float>, _ hours: UnsafeBufferPointer<Double>,
    _ numbers: UnsafeBufferPointer<Double>, _ share: Double, _ isFromStart: Bool
  ) {
    guard let first = hours.first, let last = hours.last else { return }
    let length = (last - first) * (share * 100) / 100
    let start = isFromStart ? first : last - length
    let end = isFromStart ? first + length : last
    let epsilon = BenchmarkEpisode.epsilon
    // Hours ascend.
    let lower = hours.firstPlace { $0 > start - epsilon }
    let upper = hours.firstPlace { $0 >= end + epsilon }
    guard lower < upper else { return }
    let chosen = UnsafeBufferPointer(rebasing: numbers[lower..<upper])
    var (low, high, sum) = (chosen[0], chosen[0], 0.0)
    for value in chosen {
      low = value < low ? value : low
      high = value > high ? value : high
      sum += value
    }
    let count = Double(chosen.count)
    let mean = sum / count
    var (second, third) = (0.0, 0.0)
    for value in chosen {
      let difference = value - mean
      second += difference * difference
      third += difference * difference * difference
    }
    second /= count
    third /= count
    // Equal values but for rounding.
    let isConstant = second <= (1e-15 * mean) * (1e-15 * mean)
    let skewness = isConstant ? .nan : third / pow(second, 1.5)
    features[0] = Float(low)
    features[1] = Float(high)
    features[2] = Float(mean)
    features[3] = Float(second.squareRoot())
    features[4] = Float(skewness)
    features[5] = Float(chosen.count)
  }
}

extension BenchmarkVariable {
  /// What a cell counts as; nil for a text that is no number and no known category, which the benchmark cannot read.
  func number(_ cell: BenchmarkCell) -> Double? {
    switch cell {
    case .number(let value): return value
    case .text(let text):
      guard categories.isEmpty else { return categories.first { $0.text == text }?.number }
      return Double(text)
    }
  }

  /// The place of a cell among the categories; nil where it is none of them.
  func category(_ cell: BenchmarkCell) -> Int? {
    guard !categories.isEmpty else { return nil }
    let shown = cell.shown
    return categories.firstIndex { $0.text == shown }
  }
}
