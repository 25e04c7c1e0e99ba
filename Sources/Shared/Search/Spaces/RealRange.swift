// SPDX-License-Identifier: Apache-2.0

/// Real numbers from `low` to `high`, both included.
package struct RealRange: Hashable, Sendable {
  package let low: Double
  package let high: Double
  /// Equal shares of the logarithm, not of the value, are equally likely.
  package let isLog: Bool
  /// Only low, low + step, … high.
  package let step: Double?
  /// Only this many values, evenly spaced from low to high (in the logarithm with `isLog`).
  package let pointCount: Int?

  /// Most values of a stepped range: beyond it, a range is as good as continuous.
  package static let valueCountMax = 1_000_000

  /// - Throws: unless low ≤ high are finite, low > 0 with `log`, `step` divides the range, `points` is at least 2, and at
  ///   most one of them is given; a step and `log` exclude each other, since steps are even in the value.
  package init(
    _ low: Double, _ high: Double, log isLog: Bool = false, step: Double? = nil, points: Int? = nil
  ) throws(SearchError) {
    guard low.isFinite, high.isFinite, low <= high, (high - low).isFinite else {
      throw SearchError(.range, expected: "[low, high] with low ≤ high", found: "[\(low), \(high)]")
    }
    try requireScale(isLog: isLog, isPositive: low > 0, hasStep: step != nil, hasPoints: points != nil, low: "\(low)")
    if let step {
      guard step > 0, step.isFinite else { throw SearchError(.step, expected: "a step above 0", found: "\(step)") }
      let count = (high - low) / step
      // A quotient such as 0.6 / 0.05 is a whole number but for rounding.
      guard count <= Double(Self.valueCountMax), abs(count - count.rounded()) <= 1e-6 else {
        let expected = "a step that divides \(shortest(low))…\(shortest(high)) into whole parts"
        throw SearchError(.step, expected: expected, found: shortest(step))
      }
    }
    try requirePoints(points, isPoint: low == high)
    self.low = low
    self.high = high
    self.isLog = isLog
    self.step = step
    pointCount = points
  }

  /// The values of a stepped range; `nil` for a continuous one.
  package var grid: RealGrid? {
    if let pointCount { return RealGrid(low: low, high: high, count: pointCount, spacing: isLog ? .log : .linear) }
    guard let step else { return nil }
    return RealGrid(low: low, high: high, count: Int(((high - low) / step).rounded()) + 1, spacing: .step(step))
  }
}

extension RealRange: CustomStringConvertible {
  package var description: String {
    "real \(shortest(low))…\(shortest(high))" + (isLog ? ", log" : "") + (step.map { ", step \(shortest($0))" } ?? "")
      + (pointCount.map { ", \($0) points" } ?? "")
  }
}

func requireScale(
  isLog: Bool, isPositive: Bool, hasStep: Bool, hasPoints: Bool, low: String
) throws(SearchError) {
  if isLog, !isPositive {
    throw SearchError(.log, expected: "a low end above 0 for a log scale", found: "low \(low)")
  }
  if isLog, hasStep {
    throw SearchError(.step, expected: "`points` for values on a log scale", found: "both log and step")
  }
  if hasStep, hasPoints { throw SearchError(.points, expected: "step or points", found: "both") }
}

func requirePoints(_ points: Int?, isPoint: Bool) throws(SearchError) {
  guard let points else { return }
  guard (2...RealRange.valueCountMax).contains(points), !isPoint else {
    let expected = "2 to \(RealRange.valueCountMax) points of a range that is more than one number"
    throw SearchError(.points, expected: expected, found: "\(points)")
  }
}
