// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Foundation

/// Writes MIMIC-III v1.4's tables for invented patients: nobody's data, shaped like the real ones.
///
/// Latent burden, severity and trend drive diagnoses, labs, vital signs, death, length of stay and readmission, so a model has
/// something to find: about 12 % of adults discharged alive come back within 30 days. Patients are independent streams
/// of random numbers and are written one after the other, so memory does not grow with their number.
///
/// `SYNTHETIC.json` is written last: it marks the folder as complete, and as not real.
package func synthesizeMIMIC(
  _ options: SynthesisOptions, report: (String) -> Void = { _ in }
) throws(SynthesisError) -> SynthesisSummary {
  guard options.patientCount > 0, options.patientCount <= 10_000_000 else {
    throw SynthesisError(what: "patients", detail: "expected 1 to 10000000, found \(options.patientCount)")
  }
  let marker = options.directory + "/SYNTHETIC.json"
  do {
    try FileManager.default.createDirectory(atPath: options.directory, withIntermediateDirectories: true)
    if FileManager.default.fileExists(atPath: marker) { try FileManager.default.removeItem(atPath: marker) }
  } catch {
    throw SynthesisError(what: options.directory, detail: "the folder cannot be written: \(error)")
  }
  let tables = try TableSet(directory: options.directory, isCompressed: options.isCompressed)
  try writeDictionaries(to: tables)
  for index in 0..<options.patientCount {
    var writer = PatientWriter(
      Patient.draw(index: index, seed: options.seed), tables: tables, seed: options.seed)
    try writer.write()
    if (index + 1).isMultiple(of: 5_000) { report("\(index + 1) of \(options.patientCount) patients") }
  }
  let summary = try tables.close()
  let text = """
    {"synthetic":true,"generator":1,"patients":\(options.patientCount),"seed":\(options.seed),\
    "note":"Invented patients. No row describes a person."}

    """
  do {
    try Data(text.utf8).write(to: URL(fileURLWithPath: marker), options: .atomic)
  } catch {
    throw SynthesisError(what: marker, detail: "cannot be written: \(error)")
  }
  return summary
}

/// D_ITEMS, D_LABITEMS, the code dictionaries and CAREGIVERS: what the ids in the other tables mean.
private func writeDictionaries(to tables: TableSet) throws(SynthesisError) {
  func item(_ id: Int, _ label: String, _ source: String, _ table: String, _ unit: String) throws(SynthesisError) {
    try tables.append(
      .dItems,
      [
        .integer(id), .text(label), .null, .text(source), .text(table), .null, unit.isEmpty ? .null : .text(unit),
        .null,
        .null,
      ])
  }
  for sign in VitalSign.all {
    try item(sign.careVueItem, sign.label, "carevue", "chartevents", sign.unit)
    try item(sign.metaVisionItem, sign.label, "metavision", "chartevents", sign.unit)
  }
  let others: [(Int, String, String, String, String)] = [
    (676, "Temperature C", "carevue", "chartevents", "?C"),
    (223_762, "Temperature Celsius", "metavision", "chartevents", "?C"),
    (763, "Daily Weight", "carevue", "chartevents", "kg"),
    (224_639, "Daily Weight", "metavision", "chartevents", "kg"),
    (1_394, "Height Inches", "carevue", "chartevents", "Inches"),
    (226_730, "Height (cm)", "metavision", "chartevents", "cm"),
    (40_055, "Urine Out Foley", "carevue", "outputevents", "ml"),
    (226_559, "Foley", "metavision", "outputevents", "mL"),
    (30_018, ".9% Normal Saline", "carevue", "inputevents_cv", "ml"),
    (225_158, "NaCl 0.9%", "metavision", "inputevents_mv", "mL"),
    (224_186, "18 Gauge Insertion Date", "metavision", "datetimeevents", "Date and Time"),
    (225_402, "EKG", "metavision", "procedureevents_mv", "None"),
    (70_012, "BLOOD CULTURE", "hospital", "microbiologyevents", ""),
    (80_023, "STAPH AUREUS COAG +", "hospital", "microbiologyevents", ""),
  ]
  for (id, label, source, table, unit) in others { try item(id, label, source, table, unit) }
  for test in LabTest.all {
    try tables.append(
      .dLabitems, [.integer(test.item), .text(test.label), .text("Blood"), .text(test.category), .null])
  }
  for code in DiagnosisCode.all {
    try tables.append(.dIcdDiagnoses, [.text(code.code), .text(String(code.title.prefix(24))), .text(code.title)])
  }
  try tables.append(
    .dIcdDiagnoses,
    [
      .text("V3000"), .text("Single lb in-hosp w/o cs"),
      .text("Single liveborn, born in hospital, without cesarean section"),
    ])
  for code in ProcedureCode.all {
    try tables.append(.dIcdProcedures, [.text(code.code), .text(String(code.title.prefix(24))), .text(code.title)])
  }
  try tables.append(
    .dCpt,
    [
      .integer(1), .text("99201-99499"), .text("Evaluation and management"), .text("99291-99300"),
      .text("Critical care services"), .null, .integer(99_291), .integer(99_300),
    ])
  for caregiver in (14_000..<14_040).map({ $0 }) + [15_029] {
    try tables.append(.caregivers, [.integer(caregiver), .text("RN"), .text("RN")])
  }
}
