// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// The statistics of one test or channel of one unit over windows that end at the index time.
struct WindowStatistics {
  /// Hours before the index time; the last window is all that belongs to the unit.
  static let hours: [Int64?] = [6, 24, 48, nil]

  private var statistics = [RunningStatistics](repeating: RunningStatistics(), count: hours.count)
  private var slopes = [SlopeSums](repeating: SlopeSums(), count: hours.count)

  mutating func add(_ observed: Observed<Float>, priority: Int, isAbnormal: Bool = false) {
    let hoursAfter = -Double(observed.secondsBefore) / Double(CivilTime.secondsPerHour)
    for (window, hours) in Self.hours.enumerated() {
      if let hours, observed.secondsBefore > hours * CivilTime.secondsPerHour { continue }
      statistics[window].add(observed, priority: priority, isAbnormal: isAbnormal)
      slopes[window].add(hoursAfter, Double(observed.value))
    }
  }

  static let names = ["min", "max", "mean", "last", "slope", "count", "abnormal"]

  /// In the order of `names`.
  func values(window: Int) -> [Float] {
    let values = statistics[window]
    return [
      values.min, values.max, values.average, values.last, slopes[window].slope, Float(values.count),
      values.abnormalShare,
    ]
  }
}

/// Least squares of value on hours, one point at a time (the recurrences of Welford 1962, for two variables).
struct SlopeSums {
  private var count = 0.0
  private var meanHours = 0.0
  private var meanValue = 0.0
  private var squares = 0.0
  private var products = 0.0

  mutating func add(_ hours: Double, _ value: Double) {
    count += 1
    let hoursBefore = hours - meanHours
    meanHours += hoursBefore / count
    meanValue += (value - meanValue) / count
    squares += hoursBefore * (hours - meanHours)
    products += hoursBefore * (value - meanValue)
  }

  /// Per hour; NaN below two times.
  var slope: Float { squares > 0 ? Float(products / squares) : .nan }
}
