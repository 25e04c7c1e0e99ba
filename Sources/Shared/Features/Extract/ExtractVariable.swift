// SPDX-License-Identifier: Apache-2.0

/// A variable as MIMIC-Extract's `all_hourly_data.h5` names it (LEVEL2), where it has one of ours.
///
/// - Source: Wang et al. 2020, "MIMIC-Extract", doi 10.1145/3368555.3384469
enum ExtractVariable: Hashable {
  case channel(VitalChannel)
  /// Place in `LabTest.all`.
  case lab(Int)

  /// Our channels, and the tests that no channel holds.
  static let all: [ExtractVariable] =
    VitalChannel.allCases.map { .channel($0) }
    + LabTest.all.indices.filter { !["glucose", "ph"].contains(LabTest.all[$0].name) }.map { .lab($0) }

  var name: String {
    switch self {
    case .channel(let channel):
      switch channel {
      case .capillaryRefill: "capillary refill rate"
      case .diastolicPressure: "diastolic blood pressure"
      case .inspiredOxygen: "fraction inspired oxygen"
      case .glasgowEye: "glascow coma scale eye opening"
      case .glasgowMotor: "glascow coma scale motor response"
      case .glasgowTotal: "glascow coma scale total"
      case .glasgowVerbal: "glascow coma scale verbal response"
      case .meanPressure: "mean blood pressure"
      case .systolicPressure: "systolic blood pressure"
      default: channel.name.replacing("_", with: " ")
      }
    case .lab(let test):
      switch LabTest.all[test].name {
      case "urea_nitrogen": "blood urea nitrogen"
      case "white_cells": "white blood cell count"
      case "mcv": "mean corpuscular volume"
      case "rdw": "red cell distribution width"
      case "ptt": "partial thromboplastin time"
      case "inr": "prothrombin time inr"
      case "oxygen_pressure": "partial pressure of oxygen"
      case "carbon_dioxide_pressure": "partial pressure of carbon dioxide"
      case "aspartate_aminotransferase": "asparate aminotransferase"
      case "alkaline_phosphatase": "alkaline phosphate"
      case "free_calcium": "calcium ionized"
      case let name: name.replacing("_", with: " ")
      }
    }
  }
}
