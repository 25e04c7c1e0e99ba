// SPDX-License-Identifier: Apache-2.0

/// A laboratory test: MIMIC's item, and how it moves with severity s and chronic burden c.
struct LabTest {
  let item: Int
  let label: String
  let category: String
  let unit: String
  let mean: Double
  let sd: Double
  let normal: ClosedRange<Double>
  let severity: Double
  let burden: Double
  let places: Int
  /// Days between two.
  let everyDays: Int

  init(
    _ item: Int, _ label: String, _ category: String, _ unit: String, _ mean: Double, _ sd: Double,
    _ normal: ClosedRange<Double>, severity: Double, burden: Double, places: Int, everyDays: Int = 1
  ) {
    self.item = item
    self.label = label
    self.category = category
    self.unit = unit
    self.mean = mean
    self.sd = sd
    self.normal = normal
    self.severity = severity
    self.burden = burden
    self.places = places
    self.everyDays = everyDays
  }

  static let all: [LabTest] = [
    LabTest(50_912, "Creatinine", "Chemistry", "mg/dL", 1.3, 0.6, 0.4...1.2, severity: 0.5, burden: 0.6, places: 1),
    LabTest(51_006, "Urea Nitrogen", "Chemistry", "mg/dL", 25, 13, 6...20, severity: 0.5, burden: 0.6, places: 0),
    LabTest(50_983, "Sodium", "Chemistry", "mEq/L", 138.5, 4, 133...145, severity: -0.35, burden: -0.3, places: 0),
    LabTest(50_971, "Potassium", "Chemistry", "mEq/L", 4.1, 0.5, 3.3...5.1, severity: 0.2, burden: 0.25, places: 1),
    LabTest(50_902, "Chloride", "Chemistry", "mEq/L", 103.5, 5, 96...108, severity: -0.2, burden: -0.1, places: 0),
    LabTest(50_882, "Bicarbonate", "Chemistry", "mEq/L", 25, 4, 22...32, severity: -0.5, burden: -0.1, places: 0),
    LabTest(50_868, "Anion Gap", "Chemistry", "mEq/L", 13.5, 3, 8...20, severity: 0.5, burden: 0.2, places: 0),
    LabTest(50_931, "Glucose", "Chemistry", "mg/dL", 132, 40, 70...105, severity: 0.3, burden: 0.2, places: 0),
    LabTest(50_960, "Magnesium", "Chemistry", "mg/dL", 2, 0.3, 1.6...2.6, severity: 0.1, burden: 0.1, places: 1),
    LabTest(
      50_893, "Calcium, Total", "Chemistry", "mg/dL", 8.5, 0.7, 8.4...10.2, severity: -0.3, burden: -0.2, places: 1),
    LabTest(50_970, "Phosphate", "Chemistry", "mg/dL", 3.5, 1, 2.7...4.5, severity: 0.3, burden: 0.3, places: 1),
    LabTest(51_222, "Hemoglobin", "Hematology", "g/dL", 10.7, 1.7, 12...16, severity: -0.35, burden: -0.6, places: 1),
    LabTest(51_221, "Hematocrit", "Hematology", "%", 32, 4.8, 36...48, severity: -0.35, burden: -0.6, places: 1),
    LabTest(
      51_301, "White Blood Cells", "Hematology", "K/uL", 10.5, 4.5, 4...11, severity: 0.55, burden: 0.05, places: 1),
    LabTest(
      51_265, "Platelet Count", "Hematology", "K/uL", 225, 95, 150...440, severity: -0.3, burden: -0.15, places: 0),
    LabTest(
      51_279, "Red Blood Cells", "Hematology", "m/uL", 3.6, 0.6, 4.2...5.4, severity: -0.3, burden: -0.5, places: 2),
    LabTest(51_250, "MCV", "Hematology", "fL", 90, 6, 82...98, severity: 0, burden: 0.15, places: 0),
    LabTest(51_277, "RDW", "Hematology", "%", 15, 1.8, 10.5...15.5, severity: 0.25, burden: 0.6, places: 1),
    LabTest(51_248, "MCH", "Hematology", "pg", 30, 2.3, 27...32, severity: 0, burden: -0.1, places: 1),
    LabTest(51_249, "MCHC", "Hematology", "%", 33.3, 1.2, 31...35, severity: -0.1, burden: -0.25, places: 1),
    LabTest(
      51_237, "INR(PT)", "Hematology", "", 1.4, 0.5, 0.9...1.1, severity: 0.35, burden: 0.35, places: 1, everyDays: 2),
    LabTest(
      51_274, "PT", "Hematology", "sec", 15, 4, 9.4...12.5, severity: 0.35, burden: 0.35, places: 1, everyDays: 2),
    LabTest(
      51_275, "PTT", "Hematology", "sec", 36, 15, 25...36.5, severity: 0.3, burden: 0.15, places: 1, everyDays: 2),
    LabTest(
      50_813, "Lactate", "Blood Gas", "mmol/L", 1.9, 1, 0.5...2, severity: 0.7, burden: 0, places: 1, everyDays: 2),
    LabTest(
      50_820, "pH", "Blood Gas", "units", 7.38, 0.06, 7.35...7.45, severity: -0.55, burden: 0, places: 2, everyDays: 2),
    LabTest(
      50_862, "Albumin", "Chemistry", "g/dL", 3.1, 0.6, 3.5...5.2, severity: -0.45, burden: -0.55, places: 1,
      everyDays: 3),
    LabTest(
      50_885, "Bilirubin, Total", "Chemistry", "mg/dL", 1.1, 0.8, 0...1.5, severity: 0.35, burden: 0.2, places: 1,
      everyDays: 3),
    LabTest(
      50_861, "Alanine Aminotransferase (ALT)", "Chemistry", "IU/L", 38, 25, 0...40, severity: 0.35, burden: 0.1,
      places: 0, everyDays: 3),
    LabTest(
      50_878, "Asparate Aminotransferase (AST)", "Chemistry", "IU/L", 45, 30, 0...40, severity: 0.35, burden: 0.1,
      places: 0, everyDays: 3),
    LabTest(
      51_003, "Troponin T", "Chemistry", "ng/mL", 0.12, 0.15, 0...0.01, severity: 0.4, burden: 0.3, places: 2,
      everyDays: 4),
  ]
}
