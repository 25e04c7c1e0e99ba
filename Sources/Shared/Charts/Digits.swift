// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Numbers as text, the same on every machine and in every locale.
package enum Digits {
  /// With at most that many decimals, without zeros at the end: for coordinates.
  package static func coordinate(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "0" }
    let tenths = Int64((value * 10).rounded())
    let (whole, rest) = (tenths / 10, abs(tenths % 10))
    if rest == 0 { return String(whole) }
    return (tenths < 0 && whole == 0 ? "-" : "") + "\(whole).\(rest)"
  }

  /// With that many decimals; "–" for what is no number.
  package static func fixed(_ value: Double?, _ places: Int) -> String {
    guard let value, value.isFinite else { return "–" }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = (abs(value) * scale).rounded(.toNearestOrAwayFromZero)
    guard scaled < 9e15 else { return "\(value)" }
    let digits = String(Int64(scaled))
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let sign = value < 0 && scaled > 0 ? "−" : ""
    return places == 0 ? sign + padded : sign + padded.dropLast(places) + "." + padded.suffix(places)
  }

  /// Four significant digits at most, for labels: 0.0125, 31, 1.5e-5.
  package static func short(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "–" }
    if value == 0 { return "0" }
    let exponent = Int(floor(log10(abs(value)) + 1e-12))
    if exponent >= 6 || exponent < -4 {
      let mantissa = trimmed(fixed(value / pow(10, Double(exponent)), 2))
      return "\(mantissa)e\(exponent)"
    }
    return trimmed(fixed(value, max(0, 3 - exponent)))
  }

  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = text[...]
    while text.hasSuffix("0") { text = text.dropLast() }
    if text.hasSuffix(".") { text = text.dropLast() }
    return String(text)
  }

  /// "850 ms", "12.4 s", "3 min 20 s", "2 h 5 min", "3 d 4 h".
  package static func duration(seconds: Double?) -> String {
    guard let seconds, seconds.isFinite, seconds >= 0 else { return "–" }
    if seconds < 1 { return fixed(seconds * 1_000, 0) + " ms" }
    if seconds < 60 { return fixed(seconds, 1) + " s" }
    let whole = Int(min(seconds, 1e15).rounded())
    if whole < 3_600 { return "\(whole / 60) min \(whole % 60) s" }
    if whole < 86_400 { return "\(whole / 3_600) h \(whole % 3_600 / 60) min" }
    return "\(whole / 86_400) d \(whole % 86_400 / 3_600) h"
  }

  /// With thin spaces between thousands.
  package static func count(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "−" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { text += "\u{202F}" }
      text.append(digit)
    }
    return text
  }
}
