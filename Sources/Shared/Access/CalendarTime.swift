// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A moment of the wall clock, in UTC seconds since 1970: when a key expires.
package struct CalendarTime: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let seconds: Int64
  package init(seconds: Int64) { self.seconds = seconds }

  package static func < (left: Self, right: Self) -> Bool { left.seconds < right.seconds }

  /// `nil` unless `YYYY-MM-DDThh:mm:ssZ`, or `YYYY-MM-DD` for that day's end.
  package init?(_ text: String) {
    let shape = text.utf8.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) ? UInt8(ascii: "9") : $0 }
    let isDay = shape == Array("9999-99-99".utf8)
    guard isDay || shape == Array("9999-99-99T99:99:99Z".utf8) else { return nil }
    let numbers = text.split(whereSeparator: { !$0.isNumber }).compactMap { Int32($0) }
    var time = tm()
    (time.tm_year, time.tm_mon, time.tm_mday) = (numbers[0] - 1_900, numbers[1] - 1, numbers[2])
    (time.tm_hour, time.tm_min, time.tm_sec) = isDay ? (23, 59, 59) : (numbers[3], numbers[4], numbers[5])
    let seconds = Int64(timegm(&time))
    self.init(seconds: seconds)
    // The 31st of February became a day of March: no such moment.
    guard description == (isDay ? text + "T23:59:59Z" : text) else { return nil }
  }

  package var description: String {
    var moment = time_t(seconds)
    var time = tm()
    gmtime_r(&moment, &time)
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &time)
    return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// Reads `--expires`: `never`, a span as `90d` or `12h`, or a date.
///
/// - Returns: `nil` for never.
package func readExpiry(_ text: String, from now: CalendarTime) throws(AccessError) -> CalendarTime? {
  if text == "never" { return nil }
  if let time = CalendarTime(text) { return time }
  let units: [Character: Int64] = ["d": 86_400, "h": 3_600]
  if let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), (1...36_500).contains(count) {
    return CalendarTime(seconds: now.seconds + count * unit)
  }
  throw AccessError(.badExpiry, text, "expected never, a span as 90d or 12h, or a date as 2027-06-30")
}
