// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// Count, mean and sample deviation of each variable in each hour of one stay.
struct ExtractHours {
  /// [hour, variable].
  private var statistics: [RunningSums]
  private let hourCount: Int

  private struct RunningSums {
    var count = 0.0
    var mean = 0.0
    var squares = 0.0

    mutating func add(_ value: Double) {
      count += 1
      let difference = value - mean
      mean += difference / count
      squares += difference * (value - mean)
    }
  }

  private static let placeOfChannel: [Int] = VitalChannel.allCases.map { channel in
    ExtractVariable.all.firstIndex(of: .channel(channel)) ?? -1
  }
  private static let placeOfTest: [Int] = LabTest.all.indices.map { test in
    ExtractVariable.all.firstIndex(of: .lab(test)) ?? -1
  }

  /// - Parameter start: the time into the ICU; an hour holds its first second and not its last.
  /// - Parameter end: the time out of it; nothing behind it counts.
  init(_ events: EventList, patient: Int, start: Int64, end: Int64, hourCount: Int) {
    self.hourCount = hourCount
    let width = ExtractVariable.all.count
    var statistics = [RunningSums](repeating: RunningSums(), count: hourCount * width)
    let (items, tests) = (VitalItem.all, LabTest.places)
    events.forEach(ofPatient: patient) { record, _ in
      let variable: Int
      switch record.kind {
      case .vital: variable = Self.placeOfChannel[items[Int(record.place)].channel.rawValue]
      case .lab, .labAbnormal: variable = Self.placeOfTest[tests[Int(record.place)].test]
      default: return
      }
      let seconds = record.time - start
      guard variable >= 0, seconds >= 0, record.time <= end, seconds < Int64(hourCount) * CivilTime.secondsPerHour
      else { return }
      statistics[Int(seconds / CivilTime.secondsPerHour) * width + variable].add(record.value)
    }
    self.statistics = statistics
  }

  /// [hour, variable, (count, mean, std)].
  var values: [Double] {
    statistics.flatMap { sums in
      [
        sums.count, sums.count > 0 ? sums.mean : .nan,
        sums.count > 1 ? (sums.squares / (sums.count - 1)).squareRoot() : .nan,
      ]
    }
  }

  /// [hour, variable].
  var means: [Double] { statistics.map { $0.count > 0 ? $0.mean : .nan } }
}
