// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Randomness

/// Vital signs and laboratory values: irregular, incomplete, and sometimes wrong, as real ones are.
extension PatientWriter {
  mutating func writeVitals(_ admission: Admission) {
    for stay in admission.stays {
      for sign in VitalSign.all {
        // Dense for three days, then sparse: most of a long stay adds little but rows.
        let denseEnd = min(stay.outtime, stay.intime + 3 * day)
        let pace = density == .full ? 0.5 : 1
        chart(sign, admission, stay, from: stay.intime, to: denseEnd, everyHours: pace * sign.intensiveHours)
        chart(
          sign, admission, stay, from: denseEnd, to: stay.outtime, everyHours: 4 * pace * pace * sign.intensiveHours)
      }
    }
    let wardStart = max(admission.stays.last?.outtime ?? admission.admit, admission.discharge - 54 * hour)
    for sign in VitalSign.all {
      guard let hours = sign.wardHours, admission.type != "NEWBORN" else { continue }
      chart(sign, admission, nil, from: wardStart, to: admission.discharge, everyHours: hours)
    }
    writeBody(admission)
  }

  private mutating func chart(
    _ sign: VitalSign, _ admission: Admission, _ stay: Stay?, from start: Int64, to end: Int64, everyHours: Double
  ) {
    var time = start + Int64(random.uniform() * everyHours * 3_600)
    while time < end {
      let severity = admission.severity(at: time)
      // Sicker patients are measured more often: missingness tells something too.
      if random.uniform() < 0.9 + 0.03 * severity {
        let state = sign.severity * severity + sign.trend * admission.ramp(at: time) + 0.55 * random.normal()
        let value = min(max(sign.mean + sign.sd * state, sign.range.lowerBound), sign.range.upperBound)
        chart(sign, admission, stay, at: time, value)
      }
      time += Int64(everyHours * 3_600 * (0.75 + 0.5 * random.uniform()))
    }
  }

  private mutating func chart(
    _ sign: VitalSign, _ admission: Admission, _ stay: Stay?, at time: Int64, _ value: Double
  ) {
    let fault = random.uniform()
    // One in 2,000 is entered wrong and corrected (ERROR = 1), one in 5,000 is absurd and stays.
    let isError = fault < 0.0005
    let charted = isError ? value * 3 : fault > 0.9998 ? value * 100 : value
    var item = patient.isCareVue ? sign.careVueItem : sign.metaVisionItem
    var (shown, unit, places) = (charted, sign.unit, sign.places)
    if sign.label.hasPrefix("Temperature"), random.uniform() < 0.25 {
      item = patient.isCareVue ? 676 : 223_762
      (shown, unit, places) = ((charted - 32) / 1.8, "?C", 1)
    }
    if item == 190 { (shown, unit, places) = (charted / 100, "torr", 2) }
    let number = Field.decimal(shown, places: places)
    tables.append(
      .chartevents,
      [
        .integer(patient.subject), .integer(admission.id), stay.map { .integer($0.id) } ?? .null, .integer(item),
        .time(time), .time(time + 600), .integer(14_000 + random.below(40)), number, number,
        unit.isEmpty ? .null : .text(unit), patient.isCareVue ? .null : .integer(0),
        patient.isCareVue ? .null : .integer(isError ? 1 : 0), .null, .null,
      ])
  }

  /// Weight and height, once a stay.
  private mutating func writeBody(_ admission: Admission) {
    guard admission.type != "NEWBORN", random.uniform() < 0.8 else { return }
    for stay in admission.stays {
      let weight = min(max((patient.isMale ? 86 : 73) + 17 * random.normal(), 38), 190)
      let height = min(max((patient.isMale ? 175 : 162) + 7 * random.normal(), 135), 205)
      let rows: [(Int, Double, String)] =
        patient.isCareVue
        ? [(763, weight, "kg"), (1_394, height / 2.54, "Inches")] : [(224_639, weight, "kg"), (226_730, height, "cm")]
      for (item, value, unit) in rows {
        tables.append(
          .chartevents,
          [
            .integer(patient.subject), .integer(admission.id), .integer(stay.id), .integer(item),
            .time(stay.intime + hour), .time(stay.intime + hour), .integer(14_001), .decimal(value, places: 1),
            .decimal(value, places: 1), .text(unit), .null, .null, .null, .null,
          ])
      }
    }
  }

  mutating func writeLabs(_ admission: Admission) {
    var midnight = admission.admit - admission.admit % day
    var ordinal = 0
    // Three draws a day, as in MIMIC-III's intensive care, or one.
    let step = density == .full ? day / 3 : day
    while midnight < admission.discharge {
      let drawn = ordinal == 0 ? admission.admit + hour : midnight + 5 * hour + Int64(random.below(100)) * 60
      if drawn >= admission.admit, drawn < admission.discharge {
        for test in LabTest.all where ordinal % test.everyDays == 0 {
          if random.uniform() < 0.86 { write(test, admission, at: drawn) }
        }
      }
      midnight += step
      ordinal += 1
    }
  }

  private mutating func write(_ test: LabTest, _ admission: Admission, at time: Int64) {
    let severity = admission.severity(at: time)
    let state = test.severity * severity + test.burden * patient.burden + 0.6 * random.normal()
    write(test, admission.id, at: time, state)
  }

  /// A row of LABEVENTS; without an admission for outpatients.
  private mutating func write(_ test: LabTest, _ admission: Int?, at time: Int64, _ state: Double) {
    let smallest = test.places == 0 ? 1.0 : 0.1
    let value = max(test.mean + test.sd * state, smallest)
    let isAbnormal = !test.normal.contains(value)
    let number = Field.decimal(value, places: test.places)
    tables.append(
      .labevents,
      [
        .integer(patient.subject), admission.map { .integer($0) } ?? .null, .integer(test.item), .time(time), number,
        number, test.unit.isEmpty ? .null : .text(test.unit), isAbnormal ? .text("abnormal") : .null,
      ])
  }

  mutating func writeOutpatientLabs() {
    let share = density == .full ? 0.6 : 0.3
    guard random.uniform() < share, let first = patient.admissions.first, first.type != "NEWBORN" else { return }
    for _ in 0..<(density == .full ? 1 + random.below(12) : 1) {
      let time = first.admit - Int64(20 + random.below(200)) * day
      for test in LabTest.all.prefix(12) {
        write(test, nil, at: time, test.burden * patient.burden + 0.6 * random.normal())
      }
    }
  }
}
