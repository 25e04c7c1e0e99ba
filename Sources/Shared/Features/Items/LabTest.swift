// SPDX-License-Identifier: Apache-2.0

/// One of the 30 laboratory tests of the tabular features: the most frequent of LABEVENTS that say different things (of
/// the red cell indices MCV and RDW, of PT and INR the INR, of total CO2 and bicarbonate the bicarbonate).
struct LabTest: Hashable, Sendable {
  let name: String
  let unit: String
  /// D_LABITEMS, serum before whole blood: where two carry the same time, the earlier in the list wins.
  let items: [Int]
  /// mimic3-benchmarks' range where it has one; the others only need to be of the order of magnitude of blood.
  let range: PlausibleRange

  private init(_ name: String, _ unit: String, _ items: [Int], _ range: PlausibleRange) {
    self.name = name
    self.unit = unit
    self.items = items
    self.range = range
  }

  /// Every item, the test it is of, and its priority among that test's items.
  static let places: [(itemID: Int, test: Int, priority: Int)] = all.enumerated().flatMap { test, lab in
    lab.items.enumerated().map { (itemID: $1, test: test, priority: $0) }
  }

  static let all: [LabTest] = [
    LabTest("hematocrit", "%", [51221, 50810], PlausibleRange(0, 0, 75, 100)),
    LabTest("potassium", "mmol/L", [50971, 50822], PlausibleRange(0, 0, 12, 15)),
    LabTest("sodium", "mmol/L", [50983, 50824], PlausibleRange(0, 50, 225, 250)),
    LabTest("creatinine", "mg/dL", [50912], PlausibleRange(0, 0.1, 60, 66)),
    LabTest("chloride", "mmol/L", [50902, 50806], PlausibleRange(0, 50, 175, 200)),
    LabTest("urea_nitrogen", "mg/dL", [51006], PlausibleRange(0, 0, 250, 275)),
    LabTest("bicarbonate", "mmol/L", [50882, 50803], PlausibleRange(0, 0, 60, 66)),
    LabTest("anion_gap", "mmol/L", [50868], PlausibleRange(0, 5, 50, 55)),
    LabTest("glucose", "mg/dL", [50931, 50809], PlausibleRange(0, 33, 2_000, 2_200)),
    LabTest("platelets", "1000/µL", [51265], PlausibleRange(0, 0, 2_000, 2_200)),
    LabTest("hemoglobin", "g/dL", [51222, 50811], PlausibleRange(0, 0, 25, 30)),
    LabTest("white_cells", "1000/µL", [51301, 51300], PlausibleRange(0, 0, 1_000, 1_100)),
    LabTest("mcv", "fL", [51250], PlausibleRange(20, 20, 200, 200)),
    LabTest("rdw", "%", [51277], PlausibleRange(5, 5, 60, 60)),
    LabTest("magnesium", "mg/dL", [50960], PlausibleRange(0, 0, 20, 22)),
    LabTest("calcium", "mg/dL", [50893], PlausibleRange(1, 1, 30, 30)),
    LabTest("phosphate", "mg/dL", [50970], PlausibleRange(0, 0.5, 20, 22)),
    LabTest("ptt", "s", [51275], PlausibleRange(0, 18.8, 150, 150)),
    LabTest("inr", "1", [51237], PlausibleRange(0.1, 0.1, 50, 50)),
    LabTest("ph", "1", [50820], PlausibleRange(6.3, 6.3, 8.4, 10)),
    LabTest("base_excess", "mmol/L", [50802], PlausibleRange(-50, -50, 50, 50)),
    LabTest("oxygen_pressure", "mmHg", [50821], PlausibleRange(0, 32, 700, 770)),
    LabTest("carbon_dioxide_pressure", "mmHg", [50818], PlausibleRange(0, 0, 200, 220)),
    LabTest("bilirubin", "mg/dL", [50885], PlausibleRange(0, 0.1, 60, 66)),
    LabTest("alanine_aminotransferase", "U/L", [50861], PlausibleRange(0, 2, 10_000, 11_000)),
    LabTest("aspartate_aminotransferase", "U/L", [50878], PlausibleRange(0, 6, 20_000, 22_000)),
    LabTest("alkaline_phosphatase", "U/L", [50863], PlausibleRange(0, 20, 3_625, 4_000)),
    LabTest("lactate", "mmol/L", [50813], PlausibleRange(0, 0.4, 30, 33)),
    LabTest("albumin", "g/dL", [50862], PlausibleRange(0, 0.6, 6, 60)),
    LabTest("free_calcium", "mmol/L", [50808], PlausibleRange(0.1, 0.1, 5, 5)),
  ]
}
