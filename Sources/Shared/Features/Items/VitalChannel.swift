// SPDX-License-Identifier: Apache-2.0

/// The 17 channels of the sequences, in mimic3-benchmarks' order.
enum VitalChannel: Int, CaseIterable, Hashable, Sendable {
  case capillaryRefill
  case diastolicPressure
  case inspiredOxygen
  case glasgowEye
  case glasgowMotor
  case glasgowTotal
  case glasgowVerbal
  case glucose
  case heartRate
  case height
  case meanPressure
  case oxygenSaturation
  case respiratoryRate
  case systolicPressure
  case temperature
  case weight
  case pH

  static let count = allCases.count

  var name: String {
    switch self {
    case .capillaryRefill: "capillary_refill"
    case .diastolicPressure: "diastolic_pressure"
    case .inspiredOxygen: "inspired_oxygen"
    case .glasgowEye: "gcs_eye"
    case .glasgowMotor: "gcs_motor"
    case .glasgowTotal: "gcs_total"
    case .glasgowVerbal: "gcs_verbal"
    case .glucose: "glucose"
    case .heartRate: "heart_rate"
    case .height: "height"
    case .meanPressure: "mean_pressure"
    case .oxygenSaturation: "oxygen_saturation"
    case .respiratoryRate: "respiratory_rate"
    case .systolicPressure: "systolic_pressure"
    case .temperature: "temperature"
    case .weight: "weight"
    case .pH: "ph"
    }
  }

  var unit: String {
    switch self {
    case .capillaryRefill: "0 normal, 1 delayed"
    case .diastolicPressure, .meanPressure, .systolicPressure: "mmHg"
    case .inspiredOxygen: "fraction"
    case .glasgowEye, .glasgowMotor, .glasgowTotal, .glasgowVerbal: "points"
    case .glucose: "mg/dL"
    case .heartRate: "1/min"
    case .height: "cm"
    case .oxygenSaturation: "%"
    case .respiratoryRate: "1/min"
    case .temperature: "°C"
    case .weight: "kg"
    case .pH: "1"
    }
  }

  var range: PlausibleRange {
    switch self {
    case .capillaryRefill: PlausibleRange(0, 0, 1, 1)
    case .diastolicPressure: PlausibleRange(0, 0, 375, 375)
    case .inspiredOxygen: PlausibleRange(0.2, 0.21, 1, 1.1)
    case .glasgowEye: PlausibleRange(1, 1, 4, 4)
    case .glasgowMotor: PlausibleRange(1, 1, 6, 6)
    case .glasgowTotal: PlausibleRange(3, 3, 15, 15)
    case .glasgowVerbal: PlausibleRange(1, 1, 5, 5)
    case .glucose: PlausibleRange(0, 33, 2_000, 2_200)
    case .heartRate: PlausibleRange(0, 0, 350, 390)
    // The published ranges let a height and a weight of 0 pass; no adult has either.
    case .height: PlausibleRange(1, 1, 240, 275)
    case .meanPressure: PlausibleRange(0, 14, 330, 375)
    case .oxygenSaturation: PlausibleRange(0, 0, 100, 150)
    case .respiratoryRate: PlausibleRange(0, 0, 300, 330)
    case .systolicPressure: PlausibleRange(0, 0, 375, 375)
    case .temperature: PlausibleRange(14.2, 26, 45, 47)
    case .weight: PlausibleRange(1, 1, 250, 250)
    case .pH: PlausibleRange(6.3, 6.3, 8.4, 10)
    }
  }

  /// Hardly moves within a stay: the last value says all.
  var isSlow: Bool { [.capillaryRefill, .height, .weight].contains(self) }
}
