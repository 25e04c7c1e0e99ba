// SPDX-License-Identifier: Apache-2.0

/// A charted measurement: MIMIC's items for it, and how it moves with the patient's state.
///
///     value = mean + sd · (severity · s + trend · r + noise · ε)
///
/// s: severity at the time; r: the ramp of the last two days. Loadings are invented, directions are the clinic's.
struct VitalSign {
  let careVueItem: Int
  let metaVisionItem: Int
  let label: String
  let unit: String
  let mean: Double
  let sd: Double
  let range: ClosedRange<Double>
  let severity: Double
  let trend: Double
  let places: Int
  /// Hours between two in the ICU; on the ward `wardHours`, or not at all.
  let intensiveHours: Double
  let wardHours: Double?

  static let all: [VitalSign] = [
    VitalSign(
      careVueItem: 211, metaVisionItem: 220_045, label: "Heart Rate", unit: "bpm", mean: 84, sd: 14, range: 25...220,
      severity: 0.55, trend: 0.75, places: 0, intensiveHours: 2, wardHours: 4),
    VitalSign(
      careVueItem: 618, metaVisionItem: 220_210, label: "Respiratory Rate", unit: "insp/min", mean: 18, sd: 4.5,
      range: 4...60, severity: 0.5, trend: 0.8, places: 0, intensiveHours: 2, wardHours: 4),
    VitalSign(
      careVueItem: 455, metaVisionItem: 220_179, label: "Non Invasive Blood Pressure systolic", unit: "mmHg", mean: 122,
      sd: 19, range: 40...260, severity: -0.45, trend: -0.3, places: 0, intensiveHours: 2, wardHours: 4),
    VitalSign(
      careVueItem: 8_441, metaVisionItem: 220_180, label: "Non Invasive Blood Pressure diastolic", unit: "mmHg",
      mean: 63,
      sd: 12, range: 15...150, severity: -0.35, trend: -0.2, places: 0, intensiveHours: 2, wardHours: 4),
    VitalSign(
      careVueItem: 456, metaVisionItem: 220_181, label: "Non Invasive Blood Pressure mean", unit: "mmHg", mean: 80,
      sd: 13, range: 20...180, severity: -0.4, trend: -0.2, places: 0, intensiveHours: 2, wardHours: nil),
    VitalSign(
      careVueItem: 646, metaVisionItem: 220_277, label: "O2 saturation pulseoxymetry", unit: "%", mean: 96.8, sd: 2,
      range: 60...100, severity: -0.35, trend: -0.5, places: 0, intensiveHours: 2, wardHours: 4),
    VitalSign(
      careVueItem: 678, metaVisionItem: 223_761, label: "Temperature Fahrenheit", unit: "?F", mean: 98.5, sd: 1,
      range: 90...107, severity: 0.3, trend: 0.25, places: 1, intensiveHours: 4, wardHours: 6),
    VitalSign(
      careVueItem: 184, metaVisionItem: 220_739, label: "GCS - Eye Opening", unit: "", mean: 3.6, sd: 0.7, range: 1...4,
      severity: -0.7, trend: 0, places: 0, intensiveHours: 4, wardHours: nil),
    VitalSign(
      careVueItem: 723, metaVisionItem: 223_900, label: "GCS - Verbal Response", unit: "", mean: 4.3, sd: 1.1,
      range: 1...5, severity: -0.7, trend: 0, places: 0, intensiveHours: 4, wardHours: nil),
    VitalSign(
      careVueItem: 454, metaVisionItem: 223_901, label: "GCS - Motor Response", unit: "", mean: 5.6, sd: 0.8,
      range: 1...6, severity: -0.7, trend: 0, places: 0, intensiveHours: 4, wardHours: nil),
    VitalSign(
      careVueItem: 807, metaVisionItem: 225_664, label: "Glucose finger stick", unit: "mg/dL", mean: 136, sd: 38,
      range: 35...600, severity: 0.3, trend: 0.1, places: 0, intensiveHours: 6, wardHours: 8),
    VitalSign(
      careVueItem: 190, metaVisionItem: 223_835, label: "Inspired O2 Fraction", unit: "", mean: 45, sd: 12,
      range: 21...100,
      severity: 0.5, trend: 0.2, places: 0, intensiveHours: 8, wardHours: nil),
  ]
}
