// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Randomness

/// Writes one patient's rows into all tables. Events draw from a stream of their own, so that a new table moves no patient.
struct PatientWriter {
  let tables: TableBuffer
  let density: SynthesisDensity
  let patient: Patient
  var random: CounterGenerator

  init(_ patient: Patient, tables: TableBuffer, density: SynthesisDensity, seed: UInt64) {
    self.patient = patient
    self.tables = tables
    self.density = density
    random = CounterGenerator(key: derivedSeed(seed, .synthesis, patient.index, 1))
  }

  mutating func write() {
    writePatient()
    for (ordinal, admission) in patient.admissions.enumerated() {
      writeAdmission(admission)
      writeStays(admission)
      writeCodes(admission)
      writeDrugs(admission)
      writeVitals(admission)
      writeLabs(admission)
      writeBedside(admission)
      writeBilling(admission, ordinal)
      if density == .full { writeRoutine(admission) }
    }
    writeOutpatientLabs()
  }

  private func writePatient() {
    let death = patient.death
    tables.append(
      .patients,
      [
        .integer(patient.subject), .text(patient.isMale ? "M" : "F"), .date(patient.birth),
        death.map { .date($0) } ?? .null, death.map { .date($0) } ?? .null, .null, .integer(death == nil ? 0 : 1),
      ])
  }

  private mutating func writeAdmission(_ admission: Admission) {
    let isEmergency = admission.type == "EMERGENCY"
    let arrival = admission.admit - Int64(2 + random.below(9)) * hour
    let homes = ["HOME", "HOME", "HOME HEALTH CARE", "SNF", "REHAB/DISTINCT PART HOSP", "LONG TERM CARE HOSPITAL"]
    let complaints = [
      "CHEST PAIN", "PNEUMONIA", "SEPSIS", "CONGESTIVE HEART FAILURE", "GI BLEED", "FALL, INTRACRANIAL HEMORRHAGE",
      "CORONARY ARTERY DISEASE\\CORONARY ARTERY BYPASS GRAFT /SDA", "ALTERED MENTAL STATUS; \"FOUND DOWN\"",
    ]
    tables.append(
      .admissions,
      [
        .integer(patient.subject), .integer(admission.id), .time(admission.admit), .time(admission.discharge),
        .optional(admission.death), .text(admission.type),
        .text(isEmergency ? "EMERGENCY ROOM ADMIT" : "PHYS REFERRAL/NORMAL DELI"),
        .text(admission.death != nil ? "DEAD/EXPIRED" : pick(homes, &random)), .text(patient.insurance),
        random.uniform() < 0.4 ? .null : .text(patient.language), .text(patient.religion),
        admission.type == "NEWBORN" ? .null : .text(patient.maritalStatus), .text(patient.ethnicity),
        isEmergency ? .time(arrival) : .null, isEmergency ? .time(admission.admit + 1_200) : .null,
        .text(admission.type == "NEWBORN" ? "NEWBORN" : pick(complaints, &random)),
        .integer(admission.death == nil ? 0 : 1), .integer(1),
      ])
    tables.append(
      .services,
      [
        .integer(patient.subject), .integer(admission.id), .time(admission.admit + 60), .null, .text(admission.service),
      ])
  }

  private mutating func writeStays(_ admission: Admission) {
    let source = Field.text(patient.isCareVue ? "carevue" : "metavision")
    let (subject, id) = (Field.integer(patient.subject), Field.integer(admission.id))
    func length(_ start: Int64, _ end: Int64, per unit: Double) -> Field {
      .decimal(Double(end - start) / unit, places: unit == 3_600 ? 2 : 4)
    }
    for stay in admission.stays {
      let (unit, ward) = (Field.text(stay.unit), Field.integer(stay.ward))
      let (intime, outtime) = (Field.time(stay.intime), Field.time(stay.outtime))
      tables.append(
        .icustays,
        [
          subject, id, .integer(stay.id), source, unit, unit, ward, ward, intime, outtime,
          length(stay.intime, stay.outtime, per: 86_400),
        ])
      tables.append(
        .transfers,
        [
          subject, id, .integer(stay.id), source, .text("admit"), .null, unit, .null, ward, intime, outtime,
          length(stay.intime, stay.outtime, per: 3_600),
        ])
      guard admission.discharge > stay.outtime else { continue }
      let wardBed = Field.integer(50 + random.below(20))
      tables.append(
        .transfers,
        [
          subject, id, .null, source, .text("transfer"), unit, .null, ward, wardBed, outtime,
          .time(admission.discharge), length(stay.outtime, admission.discharge, per: 3_600),
        ])
      tables.append(
        .callout,
        [
          subject, id, ward, unit, ward, unit, wardBed, .text(admission.service), .integer(1), .integer(0), .integer(0),
          .integer(0), .integer(0), .text("Inactive"), .text("Discharged"), wardBed, .text("Acknowledged"),
          .time(stay.outtime - 9 * hour), .time(stay.outtime - 9 * hour), .time(stay.outtime - 5 * hour), outtime,
          .null, .null,
        ])
    }
    tables.append(
      .transfers,
      [
        subject, id, .null, source, .text("discharge"), .null, .null, .null, .null, .time(admission.discharge), .null,
        .null,
      ])
  }
}
