// SPDX-License-Identifier: Apache-2.0

/// What each feature adds to one row's raw score, against the row at the base. Contributions alone: no value of a feature.
///
///     score = base + Σ columns + Σ channels + rest
///
/// - Units: the score's: log-odds of a binary outcome, else the label's unit (its logarithm for Poisson and Tweedie trees).
package struct Explanation: Hashable, Sendable {
  package let row: Int
  /// Trees: the mean score of the rows that were fitted. Lines: of a row with every column at its mean and nothing missing. Networks:
  /// of a row whose inputs are all at their mean.
  package let base: Double
  package let score: Double
  /// [F]
  package let columns: [Double]
  /// [T, C], hour by hour: value, mask and age of a channel together. Empty for other learners.
  package let channels: [Double]
  /// [T]: each hour's share in the pooled state; empty for other learners.
  package let attention: [Double]

  /// What the rule that stands for the integral misses; for trees and lines the rounding.
  package var rest: Double { score - base - columns.reduce(0, +) - channels.reduce(0, +) }

  /// [C]: a channel's hours together.
  package func channelSums(_ channelCount: Int) -> [Double] {
    guard !channels.isEmpty else { return [] }
    return (0..<channelCount).map { channel in
      stride(from: channel, to: channels.count, by: channelCount).reduce(0) { $0 + channels[$1] }
    }
  }
}

/// Mean |contribution| of each feature over many rows.
package struct Importance: Hashable, Sendable {
  /// Fewer rows are never shown together: cells under n = 11.
  package static let rowCountMin = 11

  package let rowCount: Int
  package let base: Double
  /// [F]; nil where 1 to 10 rows have another value than all the rest, whose values could be computed back.
  package let columns: [Double?]
  /// [C], of a channel's hours together, nil where 1 to 10 rows have it; empty for other learners.
  package let channels: [Double?]
  /// [T], means; empty for other learners.
  package let attention: [Double]
  /// Of |rest|.
  package let rest: Double
}
