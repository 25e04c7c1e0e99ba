// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// Columns of CHARTEVENTS and their numbers in `ChartPass`.
enum ChartColumn {
  static let names = ["SUBJECT_ID", "HADM_ID", "ITEMID", "CHARTTIME", "VALUE", "VALUENUM", "ERROR"]
  static let subject = 0
  static let admission = 1
  static let item = 2
  static let time = 3
  static let value = 4
  static let number = 5
  static let error = 6
}

/// The recorded value of a chart event as a number, before its unit is converted; nil where it says nothing.
func chartedNumber(_ reader: TableReader, _ item: VitalItem) throws(CohortError) -> Double? {
  let number = try reader.decimal(ChartColumn.number)
  switch item.conversion {
  case .glasgow:
    // MetaVision has charted an intubated patient's verbal response as 0.
    if let number, number >= 1 { return number }
    return glasgowPoints(reader, item.channel)
  case .capillary:
    if reader.hasPrefix("normal", ChartColumn.value) || reader.hasPrefix("brisk", ChartColumn.value) { return 0 }
    if reader.hasPrefix("abnormal", ChartColumn.value) || reader.hasPrefix("delayed", ChartColumn.value) { return 1 }
    return number
  default: return number
  }
}

/// CareVue's words begin with the points ("4 Spontaneously", "1.0 ET/Trach"), MetaVision's do not.
private func glasgowPoints(_ reader: TableReader, _ channel: VitalChannel) -> Double? {
  if let first = reader.firstByte(ChartColumn.value), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
    return Double(first - UInt8(ascii: "0"))
  }
  let words: [(StaticString, Double)] =
    switch channel {
    case .glasgowEye: [("none", 1), ("to pain", 2), ("to speech", 3), ("spontaneously", 4)]
    case .glasgowVerbal:
      [("no response", 1), ("incomprehensible", 2), ("inappropriate", 3), ("confused", 4), ("oriented", 5)]
    case .glasgowMotor:
      [
        ("no response", 1), ("abnormal extension", 2), ("abnormal flexion", 3), ("flex-withdraws", 4),
        ("localizes pain", 5), ("obeys commands", 6),
      ]
    default: []
    }
  return words.first { reader.hasPrefix($0.0, ChartColumn.value) }?.1
}
