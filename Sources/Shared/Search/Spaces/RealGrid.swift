// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Evenly spaced numbers, each computed from its index alone.
package struct RealGrid: Hashable, Sendable {
  package enum Spacing: Hashable, Sendable {
    case linear
    case log
    case step(Double)
  }

  package let low: Double
  package let high: Double
  package let count: Int
  package let spacing: Spacing

  /// The ends are exact, so that no value leaves the range by rounding.
  package func value(at index: Int) -> Double {
    precondition((0..<count).contains(index), "value \(index) of \(count)")
    if index == 0 { return low }
    if index == count - 1 { return high }
    let share = Double(index) / Double(count - 1)
    let value =
      switch spacing {
      case .linear: shortened(low + share * (high - low))
      case .log: shortened(exp(log(low) + share * (log(high) - log(low))))
      case .step(let step): stepped(index, step: step)
      }
    return min(max(value, low), high)
  }

  /// low + index·step as a person would write it: 0.3 and not 0.30000000000000004. Where both are whole multiples of some
  /// 10⁻ᵏ the sum is done in integers, and the one division by 10ᵏ (exact up to k = 22) rounds correctly.
  private func stepped(_ index: Int, step: Double) -> Double {
    var scale = 1.0
    for _ in 0...12 {
      let (low, step) = (low * scale, step * scale)
      if abs(low) < 0x1p52, abs(step) < 0x1p40, isNearWhole(low), isNearWhole(step) {
        return (low.rounded() + Double(index) * step.rounded()) / scale
      }
      scale *= 10
    }
    return low + Double(index) * step
  }

  /// `value` to 12 significant digits: 0.01 and not 0.010000000000000002, so that a person can name the point.
  private func shortened(_ value: Double) -> Double {
    guard value != 0 else { return value }
    let places = 11 - Int(log10(abs(value)).rounded(.down))
    guard abs(places) <= 22 else { return value }
    let scale = (0..<abs(places)).reduce(1.0) { power, _ in power * 10 }
    return places >= 0 ? (value * scale).rounded() / scale : (value / scale).rounded() * scale
  }

  private func isNearWhole(_ value: Double) -> Bool {
    abs(value - value.rounded()) <= 1e-12 * max(abs(value), 1e-3)
  }
}
