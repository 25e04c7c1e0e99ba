// SPDX-License-Identifier: Apache-2.0

/// `500ms`, `30s`, `45m`, `12h`, `1.5h`, `2d`.
enum DurationText {
  private static let units: [(suffix: String, milliseconds: Double)] = [
    ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
  ]
  /// A year: beyond it, a number was meant in another unit.
  static let millisecondsMax: Int64 = 366 * 86_400_000

  /// Milliseconds; `nil` unless the text is a number with one of the units, 1 ms or more and at most a year.
  static func milliseconds(_ text: String) -> Int64? {
    guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
    let digits = text.dropLast(unit.suffix.count)
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 }), let number = Double(digits)
    else { return nil }
    let value = (number * unit.milliseconds).rounded()
    return value >= 1 && value <= Double(millisecondsMax) ? Int64(value) : nil
  }
}

extension SectionReader {
  /// Milliseconds.
  func duration(_ key: String) throws(SweepPlanError) -> Int64? {
    guard let value = optional(key) else { return nil }
    if case .scalar(let text, _) = value.kind, let milliseconds = DurationText.milliseconds(text) {
      return milliseconds
    }
    throw value.error(
      .wrongType, "\(pathText(key)): expected a duration, found \(value.kindText)",
      note: "write a number and its unit: 500ms, 30s, 45m, 12h or 2d")
  }
}
