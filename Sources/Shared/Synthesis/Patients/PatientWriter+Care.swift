// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Randomness

/// What was coded, given, measured at the bedside and billed.
extension PatientWriter {
  mutating func writeCodes(_ admission: Admission) {
    guard admission.type != "NEWBORN" else {
      diagnosis(admission, 1, "V3000")
      return
    }
    var sequence = 0
    for code in DiagnosisCode.all {
      let odds = code.base + code.burden * patient.burden + code.severity * admission.severityStart
      guard random.uniform() < sigmoid(odds) else { continue }
      sequence += 1
      diagnosis(admission, sequence, code.code)
    }
    if sequence == 0 { diagnosis(admission, 1, "4019") }
    var procedures = 0
    for code in ProcedureCode.all
    where random.uniform() < sigmoid(code.base + code.severity * admission.severityStart) {
      procedures += 1
      tables.append(
        .proceduresIcd,
        [.integer(patient.subject), .integer(admission.id), .integer(procedures), .text(code.code)])
    }
  }

  private func diagnosis(_ admission: Admission, _ sequence: Int, _ code: String) {
    tables.append(
      .diagnosesIcd, [.integer(patient.subject), .integer(admission.id), .integer(sequence), .text(code)])
  }

  mutating func writeDrugs(_ admission: Admission) {
    guard admission.type != "NEWBORN" else { return }
    for drug in Drug.all where random.uniform() < sigmoid(drug.base + drug.burden * patient.burden) {
      let start = min(admission.admit + Int64(random.below(3)) * day, admission.discharge)
      let end = max(start, min(start + Int64(1 + random.below(5)) * day, admission.discharge))
      tables.append(
        .prescriptions,
        [
          .integer(patient.subject), .integer(admission.id), .null, .date(start), .date(end), .text("MAIN"),
          .text(drug.name), .text(drug.name), .text(drug.name), .text("SYN\(random.below(90) + 10)"), .text("0"),
          .text("0"), .text(drug.strength), .text("1-2"), .text(drug.unit), .text("1"), .text("TAB"),
          .text(drug.route),
        ])
    }
  }

  /// Fluids in and out, lines, procedures and cultures: a few rows a stay, enough for readers of these tables.
  mutating func writeBedside(_ admission: Admission) {
    let (subject, id) = (Field.integer(patient.subject), Field.integer(admission.id))
    for stay in admission.stays {
      let stayID = Field.integer(stay.id)
      let end = min(stay.outtime, stay.intime + 3 * day)
      for time in stride(from: stay.intime + 2 * hour, to: end, by: Int(6 * hour)) {
        let urine = max(20, 320 - 90 * admission.severity(at: time) + 120 * random.normal())
        tables.append(
          .outputevents,
          [
            subject, id, stayID, .time(time), .integer(patient.isCareVue ? 40_055 : 226_559),
            .decimal(urine, places: 0), .text("ml"), .time(time + 900), .integer(15_029), .null, .null, .null,
          ])
        writeInput(admission, stay, at: time, amount: 150 + 120 * random.uniform())
      }
      guard !patient.isCareVue else { continue }
      tables.append(
        .datetimeevents,
        [
          subject, id, stayID, .integer(224_186), .time(stay.intime + hour), .time(stay.intime + hour),
          .integer(15_029), .date(stay.intime), .text("Date"), .integer(0), .integer(0), .null, .null,
        ])
      tables.append(
        .procedureeventsMv,
        [
          subject, id, stayID, .time(stay.intime + hour), .time(stay.intime + 2 * hour), .integer(225_402),
          .integer(1), .text("None"), .null, .null, .time(stay.intime + 2 * hour), .integer(15_029),
          .integer(stay.id), .integer(stay.id), .text("Procedures"), .null, .text("Electrolytes"), .integer(0),
          .integer(0), .integer(0), .text("FinishedRunning"), .null, .null, .null,
        ])
    }
    guard random.uniform() < sigmoid(-0.5 + 0.8 * admission.severityStart) else { return }
    let isGrown = random.uniform() < 0.25
    tables.append(
      .microbiologyevents,
      [
        subject, id, .date(admission.admit), .time(admission.admit + hour), .integer(70_012), .text("BLOOD CULTURE"),
        isGrown ? .integer(80_023) : .null, isGrown ? .text("STAPH AUREUS COAG +") : .null,
        isGrown ? .integer(1) : .null, .null, .null, .null, .null, .null, .null,
      ])
  }

  private func writeInput(
    _ admission: Admission, _ stay: Stay, at time: Int64, amount: Double
  ) {
    let head: [Field] = [.integer(patient.subject), .integer(admission.id), .integer(stay.id)]
    let given = Field.decimal(amount, places: 0)
    if patient.isCareVue {
      tables.append(
        .inputeventsCv,
        head + [
          .time(time), .integer(30_018), given, .text("ml"), .null, .null, .time(time), .integer(15_029),
          .integer(stay.id), .integer(stay.id), .null, .null, .null, .null, .text("Intravenous Infusion"), .null, .null,
          .null,
        ])
    } else {
      tables.append(
        .inputeventsMv,
        head + [
          .time(time), .time(time + hour), .integer(225_158), given, .text("ml"), given, .text("mL/hour"), .time(time),
          .integer(15_029), .integer(stay.id), .integer(stay.id), .text("02-Fluids (Crystalloids)"), .null,
          .text("Main order parameter"), .text("Continuous Med"), .integer(80), given, .text("ml"), .integer(0),
          .integer(0), .integer(0), .text("FinishedRunning"), .null, .null, .null, given, given,
        ])
    }
  }

  mutating func writeBilling(_ admission: Admission, _ ordinal: Int) {
    let (subject, id) = (Field.integer(patient.subject), Field.integer(admission.id))
    let grade = Field.integer(min(max(Int((2.5 + admission.severityStart).rounded()), 1), 4))
    tables.append(
      .drgcodes,
      [subject, id, .text("APR"), .text("194"), .text("Heart failure, and other \"cardiac\" disorders"), grade, grade])
    tables.append(
      .cptevents,
      [
        subject, id, .text("ICU"), .date(admission.admit), .text("99291"), .integer(99_291), .null,
        .integer(ordinal + 1), .text("Evaluation and management"), .text("Critical care services"), .null,
      ])
  }
}
