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
  let dictionaries = TableBuffer()
  writeDictionaries(to: dictionaries)
  try tables.write([FilledBuffer(bytes: dictionaries.bytes)])
  // Patients are made on all cores, a few at a time, and written in their order: memory does not grow with their number.
  let perBuffer = options.density == .full ? 4 : 32
  let perRound = perBuffer * 4 * ProcessorCount.available
  for first in stride(from: 0, to: options.patientCount, by: perRound) {
    let end = min(first + perRound, options.patientCount)
    let starts = Array(stride(from: first, to: end, by: perBuffer))
    let buffers = concurrentMap(count: starts.count) { place in
      let buffer = TableBuffer()
      for index in starts[place]..<min(starts[place] + perBuffer, end) {
        var writer = PatientWriter(
          Patient.draw(index: index, seed: options.seed), tables: buffer, density: options.density, seed: options.seed)
        writer.write()
      }
      return FilledBuffer(bytes: buffer.bytes)
    }
    try tables.write(buffers)
    if end / 2_000 > first / 2_000 {
      report("\(end) of \(options.patientCount) patients, \(tables.byteCount >> 20) MiB of tables")
    }
  }
  var summary = try tables.close()
  summary.byteCount = tables.byteCount
  let text = """
    {"synthetic":true,"generator":1,"patients":\(options.patientCount),"seed":\(options.seed),\
    "density":"\(options.density.rawValue)",\
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
private func writeDictionaries(to tables: TableBuffer) {
  func item(_ id: Int, _ label: String, _ source: String, _ table: String, _ unit: String) {
    tables.append(
      .dItems,
      [
        .integer(id), .text(label), .null, .text(source), .text(table), .null, unit.isEmpty ? .null : .text(unit),
        .null,
        .null,
      ])
  }
  for sign in VitalSign.all {
    item(sign.careVueItem, sign.label, "carevue", "chartevents", sign.unit)
    item(sign.metaVisionItem, sign.label, "metavision", "chartevents", sign.unit)
  }
  for entry in RoutineItem.all {
    item(entry.careVueItem, entry.label, "carevue", "chartevents", entry.unit)
    item(entry.metaVisionItem, entry.label, "metavision", "chartevents", entry.unit)
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
  for (id, label, source, table, unit) in others { item(id, label, source, table, unit) }
  for test in LabTest.all {
    tables.append(
      .dLabitems, [.integer(test.item), .text(test.label), .text("Blood"), .text(test.category), .null])
  }
  for code in DiagnosisCode.all {
    tables.append(.dIcdDiagnoses, [.text(code.code), .text(String(code.title.prefix(24))), .text(code.title)])
  }
  tables.append(
    .dIcdDiagnoses,
    [
      .text("V3000"), .text("Single lb in-hosp w/o cs"),
      .text("Single liveborn, born in hospital, without cesarean section"),
    ])
  for code in ProcedureCode.all {
    tables.append(.dIcdProcedures, [.text(code.code), .text(String(code.title.prefix(24))), .text(code.title)])
  }
  tables.append(
    .dCpt,
    [
      .integer(1), .text("99201-99499"), .text("Evaluation and management"), .text("99291-99300"),
      .text("Critical care services"), .null, .integer(99_291), .integer(99_300),
    ])
  for caregiver in (14_000..<14_040).map({ $0 }) + [15_029] {
    tables.append(.caregivers, [.integer(caregiver), .text("RN"), .text("RN")])
  }
}
