// SPDX-License-Identifier: Apache-2.0

/// Times of MIMIC-III as seconds since 1970-01-01 00:00:00 on the proleptic Gregorian calendar, without a time zone.
///
/// The tables reach from 1844 (births of patients over 89, shifted by about 300 years) to 2202: 64-bit nanoseconds would
/// overflow, 64-bit seconds do not.
package enum CivilTime {
  package static let secondsPerHour: Int64 = 3_600
  package static let secondsPerDay: Int64 = 86_400
  /// The mean Gregorian year, 365.2425 days.
  package static let secondsPerYear: Int64 = 31_556_952

  /// - Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
  package static func days(year: Int, month: Int, day: Int) -> Int64 {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Int64(era) * 146_097 + Int64(dayOfEra) - 719_468
  }

  package static func seconds(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0
  ) -> Int64 {
    days(year: year, month: month, day: day) * secondsPerDay + Int64(hour * 3_600 + minute * 60 + second)
  }

  /// The same month, day and time of day `years` later; 29 February becomes 1 March where there is none.
  package static func adding(years: Int, to time: Int64) -> Int64 {
    let dayNumber = floorDivide(time, secondsPerDay)
    let (year, month, day) = civil(dayNumber)
    return days(year: year + years, month: month, day: day) * secondsPerDay + (time - dayNumber * secondsPerDay)
  }

  /// The inverse of `days`.
  ///
  /// - Source: as `days`, civil_from_days.
  static func civil(_ days: Int64) -> (year: Int, month: Int, day: Int) {
    let shifted = Int(days) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthIndex = (5 * dayOfYear + 2) / 153
    let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
  }

  /// YYYY-MM-DD HH:MM:SS.
  package static func text(_ time: Int64) -> String {
    func digits(_ value: Int, _ width: Int) -> String {
      let text = "\(value)"
      return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
    let dayNumber = floorDivide(time, secondsPerDay)
    let (year, month, day) = civil(dayNumber)
    let second = Int(time - dayNumber * secondsPerDay)
    return "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2)) "
      + "\(digits(second / 3_600, 2)):\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2))"
  }

  static func dayCount(year: Int, month: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }

  private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
  }
}
