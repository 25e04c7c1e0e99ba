// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How the benchmark turns VALUE, a text, into a value. Each rule is what its published code does, oddities kept: a data
/// set that bears its name must be its data set.
enum BenchmarkCleaning: Hashable, Sendable {
  /// The text as charted. Of two of one time the greater by its letters stays, so "98" before "101".
  case text
  /// `a/b`: a; else the number.
  case systolic
  /// `a/b`: b; else the number.
  case diastolic
  /// Four wordings; all else is dropped.
  case capillaryRefill
  /// A hundredth of what was charted, whether percent or fraction, unless the unit is torr: the benchmark reads VALUE as
  /// texts, and divides every text.
  case inspiredOxygen
  /// Digits with at most one point, or dropped.
  case laboratory
  /// As `laboratory`; at most 1 it is a fraction.
  case oxygenSaturation
  /// From 79 on it was Fahrenheit, whatever the item.
  case temperature
  /// Pounds and ounces by the unit or the item's label.
  case weight
  /// Inches by the unit or the item's label, and then rounded to centimetres.
  case height

  /// - Parameters:
  ///   - value: VALUE, not NULL.
  ///   - unit: VALUEUOM.
  /// - Returns: nil for a value that is dropped. For `.text` call it not.
  func number(_ value: String, unit: String, item: BenchmarkItem) -> Double? {
    switch self {
    case .text: return nil
    case .systolic: return pressure(value).map(\.systolic) ?? decimal(value)
    case .diastolic: return pressure(value).map(\.diastolic) ?? decimal(value)
    case .capillaryRefill:
      switch value {
      case "Normal <3 secs", "Brisk": return 0
      case "Abnormal >3 secs", "Delayed": return 1
      default: return nil
      }
    case .inspiredOxygen: return decimal(value).map { unit.lowercased().contains("torr") ? $0 : $0 / 100 }
    case .laboratory: return isPlainNumber(value) ? decimal(value) : nil
    case .oxygenSaturation:
      guard isPlainNumber(value), let number = decimal(value) else { return nil }
      return number <= 1 ? number * 100 : number
    case .temperature: return decimal(value).map { $0 >= 79 ? ($0 - 32) * 5 / 9 : $0 }
    case .weight:
      guard var number = decimal(value) else { return nil }
      let unit = unit.lowercased()
      let isOunces = item.isOunces || unit.contains("oz")
      if isOunces { number /= 16 }
      return isOunces || item.isPounds || unit.contains("lb") ? number * 0.453592 : number
    case .height:
      guard let number = decimal(value) else { return nil }
      // Half to even, as numpy rounds.
      return item.isInches || unit.lowercased().contains("in")
        ? (number * 2.54).rounded(.toNearestOrEven) : number
    }
  }

  /// Digits, a slash, digits, and nothing else.
  private func pressure(_ value: String) -> (systolic: Double, diastolic: Double)? {
    let parts = value.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }) else {
      return nil
    }
    return (Double(parts[0]) ?? .nan, Double(parts[1]) ?? .nan)
  }

  /// Digits with at most one point before, among or behind them.
  private func isPlainNumber(_ value: String) -> Bool {
    var (digits, points) = (0, 0)
    for byte in value.utf8 {
      if (48...57).contains(byte) { digits += 1 } else if byte == 46 { points += 1 } else { return false }
    }
    return digits > 0 && points <= 1
  }

  private func decimal(_ value: String) -> Double? {
    guard let number = Double(value), !number.isNaN else { return nil }
    return number
  }
}

/// Texts that pandas takes for missing.
enum MissingText {
  private static let texts: Set<String> = [
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "n/a", "nan", "null",
  ]

  static func contains(_ text: String) -> Bool { texts.contains(text) }
}
