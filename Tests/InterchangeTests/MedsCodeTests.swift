// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Interchange

@Suite struct MedsCodeTests {
  @Test(arguments: [
    ("MEDS_BIRTH", MedsCode.birth), ("MEDS_DEATH", .death), ("GENDER//F", .gender("F")),
    (
      "HOSPITAL_ADMISSION//EMERGENCY//EMERGENCY ROOM ADMIT",
      .admission(type: "EMERGENCY", location: "EMERGENCY ROOM ADMIT")
    ),
    ("HOSPITAL_ADMISSION//URGENT//UNK", .admission(type: "URGENT", location: nil)),
    ("HOSPITAL_DISCHARGE//UNK", .discharge(location: nil)), ("ED_REGISTRATION", .emergencyStart),
    ("ED_OUT", .emergencyEnd),
    ("ICU_ADMISSION//MICU", .stayStart(unit: "MICU")), ("ICU_DISCHARGE//CCU", .stayEnd(unit: "CCU")),
    ("LAB//220045//bpm", .item(220_045, unit: "bpm")), ("LAB//RESULT//50912//mg/dL", .item(50_912, unit: "mg/dL")),
    ("LAB//50912//UNK", .item(50_912, unit: nil)), ("SUBJECT_FLUID_OUTPUT//40055//ml", .output(40_055, unit: "ml")),
    ("DIAGNOSIS//ICD//9//4280", .diagnosis("4280")), ("PROCEDURE//ICD//9//3961", .procedure("3961")),
    ("DIAGNOSIS//ICD//10//I509", .other(family: "DIAGNOSIS//ICD//10")),
    ("MEDICATION//START//Aspirin // EC", .drug("Aspirin // EC")),
    ("MEDICATION//STOP//Aspirin", .other(family: "MEDICATION")),
    ("TRANSFER_TO//transfer//MICU", .transfer(type: "transfer", unit: "MICU")), ("SERVICE//MED", .service("MED")),
    ("LAB//SPECIMEN_COLLECTED//50912", .other(family: "LAB")), ("LOINC//2160-0", .other(family: "LOINC")),
    ("", .other(family: "")),
  ])
  func code_hasItsMeaning(text: String, meaning: MedsCode) {
    #expect(MedsCode(text) == meaning)
  }
}

@Suite struct MedsAdmissionTests {
  private func event(_ code: String, _ time: Int64?, hadmID: Int64? = nil, stayID: Int64? = nil) -> MedsEvent {
    MedsEvent(code: MedsCode(code), time: time, number: nil, text: nil, hadmID: hadmID, stayID: stayID, details: [])
  }

  private func found(_ events: [MedsEvent]) -> MedsAdmissions {
    var (admission, stay): (Int64, Int64) = (0, 0)
    return MedsAdmissions(events, nextAdmission: &admission, nextStay: &stay)
  }

  // In real life: a conversion without hadm_id. Each discharge ends the admission that was open.
  @Test func admissions_withoutNumbers_areEndedInTime() {
    let day: Int64 = 86_400
    let found = found([
      event("MEDS_BIRTH", -20_000 * day), event("ED_REGISTRATION", day - 900),
      event("HOSPITAL_ADMISSION//URGENT//UNK", day),
      event("ICU_ADMISSION//MICU", day + 60), event("ICU_DISCHARGE//CCU", 2 * day),
      event("HOSPITAL_DISCHARGE//HOME", 3 * day), event("HOSPITAL_ADMISSION//URGENT//UNK", 9 * day),
      event("MEDS_DEATH", 10 * day + 5), event("HOSPITAL_DISCHARGE//DEAD/EXPIRED", 10 * day + 5),
    ])
    #expect(found.admissions.map(\.start) == [day, 9 * day] && found.admissions.map(\.end) == [3 * day, 10 * day + 5])
    #expect(found.admissions.map(\.hadmID) == [1, 2] && found.admissions[0].emergencyStart == day - 900)
    #expect(found.stays.map(\.end) == [2 * day] && found.hadmID(of: found.stays[0]) == 1)
    #expect(found.death(in: found.admissions[0]) == (false, nil))
    #expect(found.death(in: found.admissions[1]) == (true, 10 * day + 5))
    #expect(found.admission(at: 5 * day) == nil && found.admission(at: 9 * day) == 2)
  }

  // In real life: two admissions that overlap, told apart by hadm_id; a death of which only the day is known.
  @Test func admissions_withNumbers_areEndedByThem() {
    let day: Int64 = 86_400
    let found = found([
      event("HOSPITAL_ADMISSION//URGENT//UNK", day, hadmID: 70),
      event("HOSPITAL_ADMISSION//URGENT//UNK", 2 * day, hadmID: 71),
      event("HOSPITAL_DISCHARGE//HOME", 3 * day, hadmID: 70),
      event("HOSPITAL_DISCHARGE//DIED", 4 * day + 9, hadmID: 71),
      event("MEDS_DEATH", 4 * day),
    ])
    #expect(found.admissions.map(\.end) == [3 * day, 4 * day + 9])
    #expect(found.death(in: found.admissions[1]) == (true, nil), "a day is no moment of death")
    #expect(found.death(in: found.admissions[0]).isDead == false)
  }
}
