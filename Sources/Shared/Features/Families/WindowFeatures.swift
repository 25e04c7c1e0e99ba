// SPDX-License-Identifier: Apache-2.0

import Shards
import Sweeps

/// The 30 laboratory tests and the 17 channels over the last 6, 24 and 48 hours and all of the unit: least, greatest, mean,
/// last, slope, count, and of tests the share flagged abnormal.
struct WindowFeatures: FeatureFamily {
  let sources: FeatureSources

  private static let windows: [(name: String, words: String)] = [
    ("6h", "last 6 h"), ("24h", "last 24 h"), ("48h", "last 48 h"), ("all", "unit to index time"),
  ]

  static func columns(for outcome: Outcome) -> [FeatureColumn] {
    let labs = LabTest.all.flatMap { test in
      columns(
        "lab_\(test.name)", LabFeatures.itemText(test), test.unit, test.items, statistics: WindowStatistics.names)
    }
    let vitals = VitalChannel.allCases.flatMap { channel in
      columns(
        "vital_\(channel.name)", VitalFeatures.itemText(channel), channel.unit,
        VitalItem.items(of: channel).map(\.itemID), statistics: Array(WindowStatistics.names.dropLast()))
    }
    return labs + vitals
  }

  private static func columns(
    _ name: String, _ item: String, _ unit: String, _ items: [Int], statistics: [String]
  ) -> [FeatureColumn] {
    windows.flatMap { window in
      statistics.map { statistic in
        let shown =
          switch statistic {
          case "slope": "\(unit) per h"
          case "count", "abnormal": "1"
          default: unit
          }
        return FeatureColumn(
          name: "\(name)_\(window.name)_\(statistic)", item: item, unit: shown, window: window.words,
          statistic: statistic == "abnormal" ? "share flagged abnormal" : statistic, items: items)
      }
    }
  }

  func values(_ index: Int) -> [Float] {
    var values: [Float] = []
    for test in LabTest.all.indices {
      let statistics = sources.accumulator.labWindows[index * LabTest.all.count + test]
      for window in WindowStatistics.hours.indices { values += statistics.values(window: window) }
    }
    for channel in 0..<VitalChannel.count {
      let statistics = sources.accumulator.vitalWindows[index * VitalChannel.count + channel]
      for window in WindowStatistics.hours.indices { values += statistics.values(window: window).dropLast() }
    }
    return values
  }
}
