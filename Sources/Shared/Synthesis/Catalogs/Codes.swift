// SPDX-License-Identifier: Apache-2.0

/// ICD-9-CM codes as MIMIC writes them, without the dot, and how likely each is.
struct DiagnosisCode {
  let code: String
  let title: String
  /// Log-odds at burden and severity zero, and what each adds.
  let base: Double
  let burden: Double
  let severity: Double

  static let all: [DiagnosisCode] = [
    DiagnosisCode(code: "4280", title: "Congestive heart failure, unspecified", base: -1.3, burden: 1.1, severity: 0.1),
    DiagnosisCode(
      code: "41401", title: "Coronary atherosclerosis of native coronary artery", base: -1.1, burden: 0.7, severity: 0),
    DiagnosisCode(code: "42731", title: "Atrial fibrillation", base: -1.2, burden: 0.6, severity: 0.2),
    DiagnosisCode(
      code: "496", title: "Chronic airway obstruction, not elsewhere classified", base: -1.9, burden: 0.9, severity: 0),
    DiagnosisCode(
      code: "25000", title: "Diabetes mellitus without mention of complication, type II", base: -1.4, burden: 0.8,
      severity: 0),
    DiagnosisCode(
      code: "25040", title: "Diabetes with renal manifestations, type II", base: -3.2, burden: 1.3, severity: 0),
    DiagnosisCode(code: "5859", title: "Chronic kidney disease, unspecified", base: -2.2, burden: 1.3, severity: 0),
    DiagnosisCode(code: "4019", title: "Unspecified essential hypertension", base: -0.2, burden: 0.3, severity: 0),
    DiagnosisCode(code: "2724", title: "Other and unspecified hyperlipidemia", base: -0.9, burden: 0.2, severity: 0),
    DiagnosisCode(
      code: "41071", title: "Subendocardial infarction, initial episode of care", base: -2.7, burden: 0.5, severity: 0.2
    ),
    DiagnosisCode(
      code: "43491", title: "Cerebral artery occlusion with cerebral infarction", base: -3.2, burden: 0.4, severity: 0.2
    ),
    DiagnosisCode(code: "2900", title: "Senile dementia, uncomplicated", base: -3.9, burden: 0.6, severity: 0),
    DiagnosisCode(
      code: "4439", title: "Peripheral vascular disease, unspecified", base: -2.8, burden: 0.9, severity: 0),
    DiagnosisCode(code: "5712", title: "Alcoholic cirrhosis of liver", base: -3.3, burden: 0.8, severity: 0.2),
    DiagnosisCode(
      code: "1977", title: "Malignant neoplasm of liver, secondary", base: -3.6, burden: 0.9, severity: 0.2),
    DiagnosisCode(
      code: "1629", title: "Malignant neoplasm of bronchus and lung, unspecified", base: -3.5, burden: 0.8,
      severity: 0.1),
    DiagnosisCode(code: "5849", title: "Acute kidney failure, unspecified", base: -1.7, burden: 0.5, severity: 0.9),
    DiagnosisCode(code: "51881", title: "Acute respiratory failure", base: -2, burden: 0.2, severity: 1.1),
    DiagnosisCode(code: "0389", title: "Unspecified septicemia", base: -2.6, burden: 0.3, severity: 1.1),
    DiagnosisCode(code: "99592", title: "Severe sepsis", base: -2.9, burden: 0.2, severity: 1.2),
    DiagnosisCode(code: "486", title: "Pneumonia, organism unspecified", base: -2.1, burden: 0.3, severity: 0.6),
    DiagnosisCode(
      code: "5990", title: "Urinary tract infection, site not specified", base: -2.1, burden: 0.3, severity: 0.3),
    DiagnosisCode(code: "2851", title: "Acute posthemorrhagic anemia", base: -2.4, burden: 0.2, severity: 0.4),
    DiagnosisCode(code: "2762", title: "Acidosis", base: -2.6, burden: 0.2, severity: 0.9),
    DiagnosisCode(
      code: "V5861", title: "Long-term (current) use of anticoagulants", base: -2.4, burden: 0.6, severity: 0),
    DiagnosisCode(
      code: "E8788", title: "Other specified surgical operations, abnormal reaction", base: -3, burden: 0, severity: 0.2
    ),
  ]
}

struct ProcedureCode {
  let code: String
  let title: String
  let base: Double
  let severity: Double

  static let all: [ProcedureCode] = [
    ProcedureCode(
      code: "9671", title: "Continuous invasive mechanical ventilation, less than 96 hours", base: -1.8, severity: 0.9),
    ProcedureCode(
      code: "9672", title: "Continuous invasive mechanical ventilation, 96 hours or more", base: -2.9, severity: 1.1),
    ProcedureCode(code: "9604", title: "Insertion of endotracheal tube", base: -1.8, severity: 0.9),
    ProcedureCode(code: "3893", title: "Venous catheterization, not elsewhere classified", base: -0.9, severity: 0.5),
    ProcedureCode(code: "3995", title: "Hemodialysis", base: -3.1, severity: 0.8),
    ProcedureCode(code: "9904", title: "Transfusion of packed cells", base: -1.6, severity: 0.4),
    ProcedureCode(code: "8856", title: "Coronary arteriography using two catheters", base: -2.4, severity: -0.1),
    ProcedureCode(
      code: "966", title: "Enteral infusion of concentrated nutritional substances", base: -2.2, severity: 0.7),
  ]
}

struct Drug {
  let name: String
  let strength: String
  let unit: String
  let route: String
  let base: Double
  let burden: Double

  static let all: [Drug] = [
    Drug(name: "Furosemide", strength: "40mg Tab", unit: "mg", route: "PO", base: -0.6, burden: 0.9),
    Drug(name: "Metoprolol Tartrate", strength: "25mg Tab", unit: "mg", route: "PO", base: -0.2, burden: 0.4),
    Drug(name: "Insulin", strength: "100 Units / mL - 10 mL Vial", unit: "UNIT", route: "SC", base: -0.3, burden: 0.6),
    Drug(name: "Heparin", strength: "5,000 Units / mL- 1mL Vial", unit: "UNIT", route: "SC", base: 0.6, burden: 0),
    Drug(name: "Warfarin", strength: "2mg Tab", unit: "mg", route: "PO", base: -1.8, burden: 0.6),
    Drug(name: "Vancomycin", strength: "1gm Frozen Bag", unit: "mg", route: "IV", base: -0.7, burden: 0.2),
    Drug(name: "Acetaminophen", strength: "325mg Tab", unit: "mg", route: "PO", base: 1, burden: 0),
    Drug(name: "Prednisone", strength: "20mg Tab", unit: "mg", route: "PO", base: -1.9, burden: 0.5),
    Drug(name: "Aspirin", strength: "81mg Tab", unit: "mg", route: "PO", base: -0.2, burden: 0.3),
    Drug(
      name: "Morphine Sulfate", strength: "2mg Syringe \"Carpuject\"", unit: "mg", route: "IV", base: -0.5, burden: 0),
  ]
}
