// SPDX-License-Identifier: Apache-2.0

/// One field of a row, written without a detour over `String`.
enum Field {
  case null
  case integer(Int)
  /// `value` with a fixed number of decimals.
  case decimal(Double, places: Int)
  /// Quoted; a quote inside is doubled (RFC 4180).
  case text(String)
  /// Seconds since 1970; printed as YYYY-MM-DD HH:MM:SS.
  case time(Int64)
  /// As a time at midnight, the way MIMIC prints dates.
  case date(Int64)

  static func optional(_ time: Int64?) -> Field { time.map { .time($0) } ?? .null }

  func append(to bytes: inout [UInt8]) {
    switch self {
    case .null: break
    case .integer(let value): appendInteger(value, to: &bytes)
    case .decimal(let value, let places): appendDecimal(value, places, to: &bytes)
    case .text(let value):
      bytes.append(UInt8(ascii: "\""))
      for byte in value.utf8 {
        if byte == UInt8(ascii: "\"") { bytes.append(byte) }
        bytes.append(byte)
      }
      bytes.append(UInt8(ascii: "\""))
    case .time(let seconds): appendTime(seconds, to: &bytes)
    case .date(let seconds):
      let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
      appendTime(day * 86_400, to: &bytes)
    }
  }
}

private func appendInteger(_ value: Int, to bytes: inout [UInt8]) {
  if value < 0 { bytes.append(UInt8(ascii: "-")) }
  appendDigits(value.magnitude, width: 1, to: &bytes)
}

private func appendDigits(_ value: UInt, width: Int, to bytes: inout [UInt8]) {
  // 64 bits have at most 20 digits.
  withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
    var (rest, place) = (value, 20)
    while rest > 0 || 20 - place < width {
      place -= 1
      digits[place] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
    bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[place...]))
  }
}

private func appendDecimal(_ value: Double, _ places: Int, to bytes: inout [UInt8]) {
  var scale = 1.0
  for _ in 0..<places { scale *= 10 }
  let scaled = (value * scale).rounded()
  if scaled < 0 { bytes.append(UInt8(ascii: "-")) }
  let (whole, part) = UInt(abs(scaled)).quotientAndRemainder(dividingBy: UInt(scale))
  appendDigits(whole, width: 1, to: &bytes)
  guard places > 0, part > 0 else { return }
  bytes.append(UInt8(ascii: "."))
  appendDigits(part, width: places, to: &bytes)
}

/// - Source: civil-from-days of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
private func appendTime(_ seconds: Int64, to bytes: inout [UInt8]) {
  let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
  let second = seconds - days * 86_400
  let shifted = days + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let monthIndex = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
  let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  func append(_ value: Int64, _ width: Int, _ separator: Unicode.Scalar) {
    appendDigits(UInt(value), width: width, to: &bytes)
    bytes.append(UInt8(ascii: separator))
  }
  append(year, 4, "-")
  append(month, 2, "-")
  append(day, 2, " ")
  append(second / 3_600, 2, ":")
  append(second / 60 % 60, 2, ":")
  appendDigits(UInt(second % 60), width: 2, to: &bytes)
}

/// Seconds since 1970 of midnight on a civil date.
///
/// - Source: days-from-civil, as above.
func seconds(year: Int, month: Int, day: Int) -> Int64 {
  let shiftedYear = month <= 2 ? year - 1 : year
  let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
  let yearOfEra = shiftedYear - era * 400
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
  return Int64(era * 146_097 + dayOfEra - 719_468) * 86_400
}
