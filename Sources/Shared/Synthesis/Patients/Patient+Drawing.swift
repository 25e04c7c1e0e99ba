// SPDX-License-Identifier: Apache-2.0

import Randomness

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension Patient {
  /// Draws a patient's life in hospital. Depends on (seed, index) alone, so one patient never moves another.
  static func draw(index: Int, seed: UInt64) -> Patient {
    var random = CounterGenerator(key: derivedSeed(seed, .synthesis, index))
    let burden = random.normal()
    let isNewborn = random.uniform() < 0.03
    let age = isNewborn ? 0 : min(max(63 + 15 * random.normal() + 4 * burden, 18.5), 99)
    let firstAdmission = seconds(year: 2_102 + random.below(88), month: 1, day: 1) + Int64(random.below(365)) * day
    // Over 89 the date of birth is shifted by about 300 years, as MIMIC hides great age.
    let shift = age > 89 ? 300.0 - age + 90 : age
    let birth = firstAdmission - Int64(shift * 365.25 * 86_400)
    var patient = Patient(
      index: index, isMale: random.uniform() < 0.56, birth: birth, burden: isNewborn ? -1.5 : burden,
      isCareVue: random.uniform() < 0.5, insurance: pick(insurances(age), &random),
      ethnicity: pick(ethnicities, &random), language: random.uniform() < 0.85 ? "ENGL" : "SPAN",
      maritalStatus: pick(["MARRIED", "MARRIED", "SINGLE", "WIDOWED", "DIVORCED"], &random),
      religion: pick(["CATHOLIC", "PROTESTANT QUAKER", "NOT SPECIFIED", "UNOBTAINABLE", "JEWISH"], &random))
    var admit = firstAdmission + Int64(random.below(24 * 60)) * 60
    var count = 0
    while count < 12 {
      let years = age + Double(admit - firstAdmission) / (365.25 * 86_400)
      let admission = drawAdmission(patient, count, admit, years, isNewborn, &random)
      patient.admissions.append(admission)
      count += 1
      guard admission.death == nil, let gap = nextGap(patient, admission, count, &random) else { break }
      admit = admission.discharge + gap
    }
    return patient
  }

  private static func drawAdmission(
    _ patient: Patient, _ ordinal: Int, _ admit: Int64, _ age: Double, _ isNewborn: Bool,
    _ random: inout CounterGenerator
  ) -> Admission {
    let isElective = !isNewborn && random.uniform() < 0.14
    let severity = (isElective || isNewborn ? -0.8 : 0) + random.normal() + 0.15 * patient.burden
    let deathOdds = -3.5 + 1.35 * severity + 0.35 * patient.burden + 0.022 * (age - 63)
    let dies = !isNewborn && random.uniform() < sigmoid(deathOdds)
    let staysICU = max(0.6, exp(0.75 + 0.3 * severity + 0.12 * patient.burden + 0.5 * random.normal()))
    let daysBefore = random.uniform() < 0.5 ? 0 : random.exponential(mean: 0.6)
    let daysAfter = dies ? 0 : max(0.8, exp(1.05 + 0.2 * patient.burden + 0.2 * severity + 0.55 * random.normal()))
    let intime = admit + Int64(daysBefore * 86_400) + 300
    let outtime = intime + Int64(min(staysICU, 45) * 86_400)
    let discharge = outtime + (dies ? 0 : Int64(min(daysAfter, 60) * 86_400))
    let end = dies ? severity + 1.2 : 0.45 * severity - 0.6 + 0.75 * random.normal()
    let units = isNewborn ? ["NICU"] : ["MICU", "SICU", "CCU", "CSRU", "TSICU"]
    let base = patient.index * 16 + ordinal
    let unit = pick(units, &random)
    return Admission(
      id: 100_000 + base, admit: admit, discharge: discharge, death: dies ? discharge : nil, ageYears: age,
      type: isNewborn ? "NEWBORN" : isElective ? "ELECTIVE" : random.uniform() < 0.04 ? "URGENT" : "EMERGENCY",
      service: isNewborn ? "NB" : unit == "CSRU" ? "CSURG" : unit == "CCU" ? "CMED" : pick(["MED", "SURG"], &random),
      severityStart: severity, severityEnd: end, trend: isNewborn ? 0 : random.normal(),
      stays: [Stay(id: 200_000 + base, unit: unit, ward: 7 + random.below(40), intime: intime, outtime: outtime)])
  }

  /// Seconds to the next admission, or none. The risk of the first 30 days is what a readmission model may find.
  private static func nextGap(
    _ patient: Patient, _ admission: Admission, _ count: Int, _ random: inout CounterGenerator
  ) -> Int64? {
    guard admission.type != "NEWBORN" else { return nil }
    let odds =
      -2.45 + 1.15 * admission.severityEnd + 1.05 * patient.burden + 1.1 * admission.trend
      + 0.3 * Double(min(count - 1, 4)) + 0.01 * (admission.ageYears - 63)
    if random.uniform() < sigmoid(odds) {
      return Int64((0.3 + min(random.exponential(mean: 10), 29)) * 86_400)
    }
    guard random.uniform() < sigmoid(-1.7 + 0.7 * patient.burden) else { return nil }
    return Int64((31 + random.exponential(mean: 220)) * 86_400)
  }

  private static func insurances(_ age: Double) -> [String] {
    age >= 65
      ? ["Medicare", "Medicare", "Medicare", "Private"] : ["Private", "Private", "Medicaid", "Self Pay", "Government"]
  }

  private static let ethnicities = [
    "WHITE", "WHITE", "WHITE", "WHITE", "WHITE", "BLACK/AFRICAN AMERICAN", "HISPANIC OR LATINO", "ASIAN",
    "UNKNOWN/NOT SPECIFIED",
  ]
}

func pick<Element>(_ items: [Element], _ random: inout CounterGenerator) -> Element { items[random.below(items.count)] }
