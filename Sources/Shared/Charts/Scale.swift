// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// From values to places on an axis, in units of the picture.
package struct Scale: Sendable {
  package let low: Double
  package let high: Double
  package let isLogarithmic: Bool
  private let start: Double
  private let end: Double

  /// - Parameters:
  ///   - values: what must fit; what is not finite is left out. Nothing at all gives 0...1.
  ///   - isLogarithmic: heeded where all values are positive.
  package init(_ values: some Sequence<Double>, isLogarithmic: Bool = false, from start: Double, to end: Double) {
    var (low, high) = (Double.infinity, -Double.infinity)
    for value in values where value.isFinite { (low, high) = (min(low, value), max(high, value)) }
    if low > high { (low, high) = (0, 1) }
    if low == high { (low, high) = Self.around(low) }
    (self.low, self.high, self.isLogarithmic) = (low, high, isLogarithmic && low > 0)
    (self.start, self.end) = (start, end)
  }

  /// The same with room at both ends, so that nothing lies on the frame.
  package func padded(_ share: Double = 0.04) -> Scale {
    let (a, b) = (inner(low), inner(high))
    let room = (b - a) * share
    let ends = isLogarithmic ? [exp(a - room), exp(b + room)] : [a - room, b + room]
    return Scale(ends, isLogarithmic: isLogarithmic, from: start, to: end)
  }

  package func callAsFunction(_ value: Double) -> Double {
    let share = (inner(value) - inner(low)) / (inner(high) - inner(low))
    return start + (end - start) * min(max(share, 0), 1)
  }

  /// Round numbers within, about `count` of them.
  package func ticks(_ count: Int = 5) -> [Double] {
    isLogarithmic && high / low >= 8 ? decades(count) : steps(count)
  }

  private func steps(_ count: Int) -> [Double] {
    let rough = (high - low) / Double(max(count, 1))
    guard rough > 0, rough.isFinite else { return [low] }
    let power = pow(10, floor(log10(rough)))
    let unit = [1, 2, 5, 10].first { $0 * power >= rough * 0.999 } ?? 10
    let step = unit * power
    let first = (low / step - 1e-9).rounded(.up)
    let last = (high / step + 1e-9).rounded(.down)
    guard last - first < 1_000 else { return [low, high] }
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  private func decades(_ count: Int) -> [Double] {
    let (first, last) = (Int(ceil(log10(low) - 1e-9)), Int(floor(log10(high) + 1e-9)))
    guard last >= first else { return steps(count) }
    let stride = max(1, (last - first + 1 + count - 1) / count)
    return Swift.stride(from: first, through: last, by: stride).map { pow(10, Double($0)) }
  }

  private func inner(_ value: Double) -> Double { isLogarithmic ? log(max(value, low * 1e-3)) : value }

  private static func around(_ value: Double) -> (Double, Double) {
    let room = value == 0 ? 1 : abs(value) * 0.05
    return (value - room, value + room)
  }
}
