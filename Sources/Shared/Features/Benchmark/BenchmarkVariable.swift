// SPDX-License-Identifier: Apache-2.0

import Shards

/// One of the 17 variables of mimic3-benchmarks: its items, what its values may be, and how they enter tensors.
///
/// - Source: Harutyunyan et al. 2019, "Multitask learning and benchmarking with clinical time series data", and the
///   benchmark's published itemid_to_variable_map.csv, channel_info.json and discretizer_config.json.
struct BenchmarkVariable: Hashable, Sendable {
  /// The benchmark's column, its spelling kept.
  let name: String
  let unit: String
  /// What an explanation calls it.
  let plainName: String
  let chartItems: [Int]
  let labItems: [Int]
  let cleaning: BenchmarkCleaning
  /// Texts that a value may be, in the order of their places in a tensor; empty for a number.
  let categories: [Category]
  /// What a tensor shows before the first value: the benchmark's normal value.
  let normal: String

  struct Category: Hashable, Sendable {
    let text: String
    /// What the text counts as among the 714 features.
    let number: Double

    init(_ text: String, _ number: Double) {
      self.text = text
      self.number = number
    }
  }

  private init(
    _ name: String, _ unit: String, _ plainName: String, chart: [Int], lab: [Int] = [], _ cleaning: BenchmarkCleaning,
    _ categories: [Category] = [], normal: String
  ) {
    self.name = name
    self.unit = unit
    self.plainName = plainName
    chartItems = chart
    labItems = lab
    self.cleaning = cleaning
    self.categories = categories
    self.normal = normal
  }

  /// Width in a tensor without its mask.
  var width: Int { max(1, categories.count) }

  var itemText: String {
    let chart = chartItems.map(String.init).joined(separator: ", ")
    let lab = labItems.map(String.init).joined(separator: ", ")
    return "\(plainName) (CHARTEVENTS \(chart)\(lab.isEmpty ? "" : "; LABEVENTS " + lab))"
  }

  /// Ascending by name, the order of the benchmark's columns.
  static let all: [BenchmarkVariable] = [
    BenchmarkVariable(
      "Capillary refill rate", "0 normal, 1 delayed", "capillary refill", chart: [3348, 115, 8377], .capillaryRefill,
      [.init("0.0", 0), .init("1.0", 1)], normal: "0.0"),
    BenchmarkVariable(
      "Diastolic blood pressure", "mmHg", "diastolic blood pressure",
      chart: [8368, 220051, 225310, 8555, 8441, 220180, 8502, 8440, 8503, 8504, 8507, 8506, 224643], .diastolic,
      normal: "59.0"),
    BenchmarkVariable(
      "Fraction inspired oxygen", "fraction", "inspired oxygen", chart: [3420, 223835, 3422, 189, 727],
      .inspiredOxygen, normal: "0.21"),
    BenchmarkVariable(
      "Glascow coma scale eye opening", "points", "Glasgow coma scale, eyes", chart: [184, 220739], .text,
      [
        .init("To Pain", 2), .init("3 To speech", 3), .init("1 No Response", 1), .init("4 Spontaneously", 4),
        .init("None", 0), .init("To Speech", 3), .init("Spontaneously", 4), .init("2 To pain", 2),
      ], normal: "4 Spontaneously"),
    BenchmarkVariable(
      "Glascow coma scale motor response", "points", "Glasgow coma scale, motor", chart: [454, 223901], .text,
      [
        .init("1 No Response", 1), .init("3 Abnorm flexion", 3), .init("Abnormal extension", 2),
        .init("No response", 1), .init("4 Flex-withdraws", 4), .init("Localizes Pain", 5), .init("Flex-withdraws", 4),
        .init("Obeys Commands", 6), .init("Abnormal Flexion", 3), .init("6 Obeys Commands", 6),
        .init("5 Localizes Pain", 5), .init("2 Abnorm extensn", 2),
      ], normal: "6 Obeys Commands"),
    BenchmarkVariable(
      "Glascow coma scale total", "points", "Glasgow coma scale, sum", chart: [198], .text,
      [11, 10, 13, 12, 15, 14, 3, 5, 4, 7, 6, 9, 8].map { .init("\($0)", Double($0)) }, normal: "15"),
    BenchmarkVariable(
      "Glascow coma scale verbal response", "points", "Glasgow coma scale, verbal", chart: [723, 223900], .text,
      [
        .init("1 No Response", 1), .init("No Response", 1), .init("Confused", 4), .init("Inappropriate Words", 3),
        .init("Oriented", 5), .init("No Response-ETT", 1), .init("5 Oriented", 5), .init("Incomprehensible sounds", 2),
        .init("1.0 ET/Trach", 1), .init("4 Confused", 4), .init("2 Incomp sounds", 2), .init("3 Inapprop words", 3),
      ], normal: "5 Oriented"),
    BenchmarkVariable(
      "Glucose", "mg/dL", "glucose", chart: [807, 811, 1529, 3745, 225664, 220621, 226537],
      lab: [50931, 50809, 51478], .laboratory, normal: "128.0"),
    BenchmarkVariable("Heart Rate", "1/min", "heart rate", chart: [211, 220045], .text, normal: "86"),
    BenchmarkVariable("Height", "cm", "height", chart: [226707, 226730, 1394], .height, normal: "170.0"),
    BenchmarkVariable(
      "Mean blood pressure", "mmHg", "mean blood pressure",
      chart: [52, 220052, 225312, 224, 6702, 224322, 456, 220181, 3312, 3314, 3316, 3322, 3320], .text,
      normal: "77.0"),
    BenchmarkVariable(
      "Oxygen saturation", "%", "oxygen saturation", chart: [834, 8498, 220227, 646, 220277], lab: [50817],
      .oxygenSaturation, normal: "98.0"),
    BenchmarkVariable(
      "Respiratory rate", "1/min", "respiratory rate",
      chart: [618, 220210, 3603, 224689, 614, 651, 224422, 615, 224690], .text, normal: "19"),
    BenchmarkVariable(
      "Systolic blood pressure", "mmHg", "systolic blood pressure",
      chart: [51, 220050, 225309, 6701, 455, 220179, 3313, 3315, 442, 3317, 3323, 3321, 224167, 227243], .systolic,
      normal: "118.0"),
    BenchmarkVariable(
      "Temperature", "°C", "temperature", chart: [3655, 677, 676, 223762, 3654, 678, 223761, 679], .temperature,
      normal: "36.6"),
    BenchmarkVariable(
      "Weight", "kg", "weight", chart: [763, 224639, 226512, 3580, 3693, 3581, 226531, 3582], .weight, normal: "81.0"),
    BenchmarkVariable(
      "pH", "1", "pH", chart: [3839, 1673, 780, 1126, 223830, 4753, 4202, 860, 220274],
      lab: [50820, 51491, 50831, 51094], .laboratory, normal: "7.4"),
  ]
}

/// An item and the words of its label that the benchmark's cleaning looks at.
struct BenchmarkItem: Hashable, Sendable {
  let itemID: Int
  /// Place in `BenchmarkVariable.all`.
  let variable: Int
  let isLab: Bool

  static let all: [BenchmarkItem] = BenchmarkVariable.all.enumerated().flatMap { place, variable in
    variable.chartItems.map { BenchmarkItem(itemID: $0, variable: place, isLab: false) }
      + variable.labItems.map { BenchmarkItem(itemID: $0, variable: place, isLab: true) }
  }

  /// D_ITEMS: "Present Weight (oz)".
  var isOunces: Bool { itemID == 3582 }
  /// D_ITEMS: "Present Weight (lb)", "Admission Weight (lbs.)".
  var isPounds: Bool { itemID == 3581 || itemID == 226531 }
  /// D_ITEMS: "Height Inches".
  var isInches: Bool { itemID == 1394 }
}
