// SPDX-License-Identifier: Apache-2.0

/// How a recorded value becomes the channel's unit.
enum UnitConversion: Hashable, Sendable {
  case none
  case fahrenheit
  /// Celsius by its item; 79 and more was charted in Fahrenheit all the same.
  case celsius
  case pounds
  case ounces
  case inches
  /// Percent where above 1.
  case fraction
  /// A fraction where at most 1.
  case percent
  /// Points, from the number or from the words.
  case glasgow
  /// From the words.
  case capillary

  @inline(__always)
  func apply(_ value: Double) -> Double {
    switch self {
    case .none, .glasgow, .capillary: value
    case .fahrenheit: (value - 32) * 5 / 9
    case .celsius: value >= 79 ? (value - 32) * 5 / 9 : value
    case .pounds: value * 0.45359237
    case .ounces: value * 0.028349523125
    case .inches: value * 2.54
    case .fraction: value > 1 ? value / 100 : value
    case .percent: value > 0 && value <= 1 ? value * 100 : value
    }
  }
}

/// One item of D_ITEMS or D_LABITEMS that feeds a channel.
struct VitalItem: Hashable, Sendable {
  let itemID: Int
  let channel: VitalChannel
  let conversion: UnitConversion
  let isLab: Bool
  /// Where two items of a channel carry the same time, the lower number wins.
  let priority: Int
}

extension VitalItem {
  /// In the order of priority within a channel: CareVue and MetaVision, invasive before non-invasive.
  ///
  /// - Source: mimic3-benchmarks' itemid_to_variable_map.csv, rows with status "ready", but for its urine and body-fluid
  ///   glucose and pH (51478, 51491, 51094, 50831), which are not the blood's; with 190 (FiO2 Set), 762 and 920 (weight
  ///   and height at admission), 223951 and 224308 (capillary refill in MetaVision) added.
  static let all: [VitalItem] = groups.flatMap { group in group.items.map { (group, $0) } }
    .reduce(into: [VitalItem]()) { list, entry in
      let priority = list.count { $0.channel == entry.0.channel }
      list.append(
        VitalItem(
          itemID: entry.1, channel: entry.0.channel, conversion: entry.0.conversion, isLab: entry.0.isLab,
          priority: priority))
    }

  static func items(of channel: VitalChannel) -> [VitalItem] { all.filter { $0.channel == channel } }

  private struct Group {
    let channel: VitalChannel
    let conversion: UnitConversion
    let isLab: Bool
    let items: [Int]

    init(_ channel: VitalChannel, _ items: [Int], _ conversion: UnitConversion = .none, isLab: Bool = false) {
      self.channel = channel
      self.items = items
      self.conversion = conversion
      self.isLab = isLab
    }
  }

  private static let groups: [Group] = [
    Group(.capillaryRefill, [3348, 115, 8377, 223951, 224308], .capillary),
    Group(
      .diastolicPressure,
      [8368, 220051, 225310, 8555, 8441, 220180, 8502, 8440, 8503, 8504, 8507, 8506, 224643]),
    Group(.inspiredOxygen, [3420, 190, 223835, 3422, 189, 727], .fraction),
    Group(.glasgowEye, [184, 220739], .glasgow),
    Group(.glasgowMotor, [454, 223901], .glasgow),
    Group(.glasgowTotal, [198], .glasgow),
    Group(.glasgowVerbal, [723, 223900], .glasgow),
    Group(.glucose, [50931, 50809], isLab: true),
    Group(.glucose, [220621, 811, 1529, 226537, 225664, 807, 3745]),
    Group(.heartRate, [211, 220045]),
    Group(.height, [226730]),
    Group(.height, [226707, 920, 1394], .inches),
    Group(
      .meanPressure, [52, 220052, 225312, 224, 6702, 224322, 456, 220181, 3312, 3314, 3316, 3322, 3320]),
    Group(.oxygenSaturation, [646, 220277, 834, 220227, 8498], .percent),
    Group(.oxygenSaturation, [50817], .percent, isLab: true),
    Group(.respiratoryRate, [618, 220210, 3603, 224690, 615, 224689, 614, 651, 224422]),
    Group(
      .systolicPressure,
      [51, 220050, 225309, 6701, 455, 220179, 3313, 3315, 442, 3317, 3323, 3321, 224167, 227243]),
    Group(.temperature, [223762, 676, 677, 3655], .celsius),
    Group(.temperature, [223761, 678, 679, 3654], .fahrenheit),
    Group(.weight, [763, 224639, 3580, 3693, 226512, 762]),
    Group(.weight, [226531, 3581], .pounds),
    Group(.weight, [3582], .ounces),
    Group(.pH, [50820], isLab: true),
    Group(.pH, [780, 1126, 223830, 4753, 4202, 860, 220274, 1673, 3839]),
  ]
}
