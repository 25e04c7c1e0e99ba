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
    var features: [Float] = []
    features.reserveCapacity(count)
    for (place, variable) in BenchmarkVariable.all.enumerated() {
      var hours: [Double] = []
      var numbers: [Double] = []
      for row in known.rows {
        guard let number = row.cells[place].flatMap(variable.number) else { continue }
        hours.append(row.hours)
        numbers.append(number)
      }
      for part in parts { features += statistics(hours, numbers, part.share, part.isFromStart) }
    }
    return features
  }

  private static func statistics(
    _ hours: [Double], _ numbers: [Double], _ share: Double, _ isFromStart: Bool
  ) -> [Float] {
    guard let first = hours.first, let last = hours.last else { return Array(repeating: .nan, count: 6) }
    let length = (last - first) * (share * 100) / 100
    let start = isFromStart ? first : last - length
    let end = isFromStart ? first + length : last
    let epsilon = BenchmarkEpisode.epsilon
    var chosen: [Double] = []
    for (place, hour) in hours.enumerated() where hour > start - epsilon && hour < end + epsilon {
      chosen.append(numbers[place])
    }
    guard let low = chosen.min(), let high = chosen.max() else { return Array(repeating: .nan, count: 6) }
    let count = Double(chosen.count)
    let mean = chosen.reduce(0, +) / count
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
    return [Float(low), Float(high), Float(mean), Float(second.squareRoot()), Float(skewness), Float(chosen.count)]
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
}
