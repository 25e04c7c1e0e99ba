// SPDX-License-Identifier: Apache-2.0

import Shards
import Sweeps

/// The 17 channels over the unit up to the index time: of each its last value, least, greatest, mean, sample standard
/// deviation and count; of height, weight and capillary refill the last value.
struct VitalFeatures: FeatureFamily {
  let sources: FeatureSources

  static func itemText(_ channel: VitalChannel) -> String {
    let items = VitalItem.items(of: channel)
    func list(_ table: String, _ chosen: [VitalItem]) -> String? {
      chosen.isEmpty ? nil : "\(table) " + chosen.map { String($0.itemID) }.joined(separator: ", ")
    }
    let tables = [list("CHARTEVENTS", items.filter { !$0.isLab }), list("LABEVENTS", items.filter(\.isLab))]
    // Two channels share their name with a laboratory test whose columns lie beside theirs.
    let isBoth = channel == .glucose || channel == .pH
    let name = channel.name.replacing("_", with: " ") + (isBoth ? " at the bedside or in blood" : "")
    return "\(name) (\(tables.compactMap { $0 }.joined(separator: "; ")))"
  }

  static func columns(for outcome: Outcome) -> [FeatureColumn] {
    let window: String =
      switch outcome {
      case .icuMortality, .inHospitalMortality: "first 48 h in the ICU"
      case .lengthOfStay, .lengthOfStayClass, .hospitalLengthOfStay: "first 24 h in the ICU"
      default: "admission to index time"
      }
    return VitalChannel.allCases.flatMap { channel in
      statistics(channel).map { statistic in
        FeatureColumn(
          name: "vital_\(channel.name)_\(statistic)", item: itemText(channel),
          unit: statistic == "count" ? "1" : channel.unit, window: window, statistic: statistic,
          items: VitalItem.items(of: channel).map(\.itemID))
      }
    }
  }

  private static func statistics(_ channel: VitalChannel) -> [String] {
    channel.isSlow ? ["last"] : ["last", "min", "max", "mean", "sd", "count"]
  }

  func values(_ index: Int) -> [Float] {
    var values: [Float] = []
    for channel in VitalChannel.allCases {
      let vital = sources.accumulator.vitals[index * VitalChannel.count + channel.rawValue]
      values.append(vital.last)
      if !channel.isSlow {
        values += [vital.min, vital.max, vital.average, vital.deviation, Float(vital.count)]
      }
    }
    return values
  }
}
