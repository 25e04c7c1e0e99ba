// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

typealias FieldBytes = UnsafeBufferPointer<UInt8>

/// Numbers and times straight from the bytes of a field, trimmed and not empty. Each returns nil for anything else than
/// the whole field being of its form.
enum FieldParsing {
  /// Digits with an optional sign. A fraction of zeros is taken too: identifiers become "142345.0" when a table has gone
  /// through a data frame with missing values.
  @inline(__always)
  static func integer(_ bytes: FieldBytes) -> Int64? {
    var index = 0
    let count = bytes.count
    let isNegative = bytes[0] == UInt8(ascii: "-")
    if isNegative || bytes[0] == UInt8(ascii: "+") { index = 1 }
    let firstDigit = index
    var value: Int64 = 0
    while index < count {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      value = value &* 10 &+ Int64(digit)
      index += 1
    }
    // 18 digits always fit 64 bits.
    guard index > firstDigit, index - firstDigit <= 18 else { return nil }
    if index < count {
      guard bytes[index] == UInt8(ascii: "."), index + 1 < count else { return nil }
      for rest in (index + 1)..<count where bytes[rest] != UInt8(ascii: "0") { return nil }
    }
    return isNegative ? -value : value
  }

  /// A decimal number, correctly rounded to a double.
  ///
  /// Up to 15 digits with up to 22 decimals are exact in double arithmetic, one division rounds once; the rest (MIMIC
  /// writes up to 17 digits) goes to `strtod`.
  ///
  /// - Source: Clinger 1990, "How to Read Floating Point Numbers Accurately", the fast path.
  @inline(__always)
  static func decimal(_ bytes: FieldBytes) -> Double? {
    var index = 0
    let count = bytes.count
    let isNegative = bytes[0] == UInt8(ascii: "-")
    if isNegative || bytes[0] == UInt8(ascii: "+") { index = 1 }
    var mantissa: UInt64 = 0
    var digitCount = 0
    var decimalCount = 0
    var isAfterPoint = false
    while index < count {
      let byte = bytes[index]
      let digit = byte &- UInt8(ascii: "0")
      if digit <= 9 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        digitCount += 1
        if isAfterPoint { decimalCount += 1 }
      } else if byte == UInt8(ascii: "."), !isAfterPoint {
        isAfterPoint = true
      } else {
        return slowDecimal(bytes)
      }
      index += 1
    }
    guard digitCount > 0 else { return nil }
    guard digitCount <= 15 else { return slowDecimal(bytes) }
    let magnitude = Double(mantissa) / powersOfTen[decimalCount]
    return isNegative ? -magnitude : magnitude
  }

  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]

  /// Long mantissas and exponents. Letters other than e are refused before `strtod` sees them: it would take "nan",
  /// "inf" and hexadecimal.
  @inline(never)
  private static func slowDecimal(_ bytes: FieldBytes) -> Double? {
    let allowed = bytes.allSatisfy { byte in
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || [43, 45, 46, 69, 101].contains(byte)
    }
    guard allowed, bytes.count <= 64 else { return nil }
    var text = [CChar](repeating: 0, count: bytes.count + 1)
    for (index, byte) in bytes.enumerated() { text[index] = CChar(bitPattern: byte) }
    var consumed = 0
    let value = text.withUnsafeMutableBufferPointer { buffer -> Double in
      guard let base = buffer.baseAddress else { return .nan }
      var end: UnsafeMutablePointer<CChar>?
      let value = strtod(base, &end)
      consumed = end.map { $0 - base } ?? 0
      return value
    }
    return consumed == bytes.count && value.isFinite ? value : nil
  }

  /// `YYYY-MM-DD HH:MM:SS` or `YYYY-MM-DD` (midnight), in the years 1800 to 2300.
  @inline(__always)
  static func time(_ bytes: FieldBytes) -> Int64? {
    guard bytes.count == 19 || bytes.count == 10 else { return nil }
    guard let century = pair(bytes, 0), let yearOfCentury = pair(bytes, 2), let month = pair(bytes, 5),
      let day = pair(bytes, 8), bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-")
    else { return nil }
    let year = century * 100 + yearOfCentury
    guard (1800...2300).contains(year), (1...12).contains(month), day >= 1 else { return nil }
    guard day <= 28 || day <= CivilTime.dayCount(year: year, month: month) else { return nil }
    let midnight = CivilTime.days(year: year, month: month, day: day) * CivilTime.secondsPerDay
    if bytes.count == 10 { return midnight }
    guard let hour = pair(bytes, 11), let minute = pair(bytes, 14), let second = pair(bytes, 17),
      bytes[10] == UInt8(ascii: " ") || bytes[10] == UInt8(ascii: "T"),
      bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"), hour < 24, minute < 60, second < 60
    else { return nil }
    return midnight + Int64(hour * 3_600 + minute * 60 + second)
  }

  @inline(__always)
  private static func pair(_ bytes: FieldBytes, _ index: Int) -> Int? {
    let tens = bytes[index] &- UInt8(ascii: "0")
    let ones = bytes[index + 1] &- UInt8(ascii: "0")
    return tens <= 9 && ones <= 9 ? Int(tens) * 10 + Int(ones) : nil
  }

  @inline(__always)
  static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (byte >= 9 && byte <= 13)
  }

  /// A cell as text: doubled quotes made single, bytes that are no UTF-8 replaced.
  static func text(_ bytes: FieldBytes, hasDoubledQuotes: Bool) -> String {
    guard hasDoubledQuotes else { return String(decoding: bytes, as: UTF8.self) }
    var plain: [UInt8] = []
    plain.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      plain.append(bytes[index])
      index += bytes[index] == UInt8(ascii: "\"") ? 2 : 1
    }
    return String(decoding: plain, as: UTF8.self)
  }
}
