// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Whole numbers from `low` to `high`, both included.
package struct IntegerRange: Hashable, Sendable {
  package let low: Int64
  package let high: Int64
  /// Equal shares of the logarithm, not of the value, are about equally likely.
  package let isLog: Bool
  package let step: Int64
  /// At most this many values, evenly spaced (in the logarithm with `isLog`) and rounded; equal ones count once.
  package let pointCount: Int?
  /// The values of a range with `pointCount`; empty otherwise.
  private let points: [Int64]

  /// Beyond it, a Double no longer holds every integer.
  package static let magnitudeMax: Int64 = 1 << 53

  /// - Throws: unless low ≤ high, low > 0 with `log`, `step` divides the range, and at most one of log and step, and of
  ///   step and points, is given.
  package init(
    _ low: Int64, _ high: Int64, log isLog: Bool = false, step: Int64? = nil, points: Int? = nil
  ) throws(SearchError) {
    let allowed = -Self.magnitudeMax...Self.magnitudeMax
    guard low <= high, allowed.contains(low), allowed.contains(high) else {
      throw SearchError(.range, expected: "[low, high] with low ≤ high", found: "[\(low), \(high)]")
    }
    try requireScale(isLog: isLog, isPositive: low > 0, hasStep: step != nil, hasPoints: points != nil, low: "\(low)")
    if let step {
      guard step > 0 else { throw SearchError(.step, expected: "a step above 0", found: "\(step)") }
      guard (high - low) % step == 0 else {
        throw SearchError(.step, expected: "a step that divides \(low)…\(high) into whole parts", found: "\(step)")
      }
    }
    try requirePoints(points, isPoint: low == high)
    self.low = low
    self.high = high
    self.isLog = isLog
    self.step = step ?? 1
    pointCount = points
    var values: [Int64] = []
    for index in 0..<(points ?? 0) {
      let grid = RealGrid(
        low: Double(low), high: Double(high), count: points ?? 0, spacing: isLog ? .log : .linear)
      let value = Int64(grid.value(at: index).rounded())
      if value != values.last { values.append(value) }
    }
    self.points = values
  }

  package var count: Int { pointCount == nil ? Int((high - low) / step) + 1 : points.count }

  package func value(at index: Int) -> Int64 {
    precondition((0..<count).contains(index), "value \(index) of \(count)")
    return pointCount == nil ? low + Int64(index) * step : points[index]
  }

  func index(of value: Int64) -> Int? {
    guard pointCount == nil else { return points.firstIndex(of: value) }
    guard value >= low, value <= high, (value - low) % step == 0 else { return nil }
    return Int((value - low) / step)
  }

  /// The value that a uniform number of [0, 1) stands for on the log scale. Each integer owns the reals that round to it,
  /// so that both ends get their share.
  func logUniform(_ uniform: Double) -> Int64 {
    let (bottom, top) = (log(Double(low) - 0.5), log(Double(high) + 0.5))
    return min(max(Int64(exp(bottom + uniform * (top - bottom)).rounded()), low), high)
  }
}

extension IntegerRange: CustomStringConvertible {
  package var description: String {
    "integer \(low)…\(high)" + (isLog ? ", log" : "") + (step == 1 ? "" : ", step \(step)")
      + (pointCount.map { ", \($0) points" } ?? "")
  }
}
