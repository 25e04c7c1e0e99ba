// SPDX-License-Identifier: Apache-2.0

import Features
import Shards
import Sweeps
import Testing

/// Each rule of docs/Cohorts.md on tables made for it.
@Suite struct FeatureTests {
  @Test func staticColumns_areWhatTheTablesSay() throws {
    let prepared = try SmallHospital().prepare()
    let expected: [(String, Float)] = [
      ("age", 70), ("sex_male", 1), ("language_english", 1), ("ethnicity_white", 1), ("ethnicity_unknown", 0),
      ("insurance_medicare", 1), ("marital_partnered", 1), ("admission_type_emergency", 1),
      ("admitted_from_emergency_room", 1), ("emergency_room_hours", 4), ("hospital_hours", 196), ("icu_hours", 96),
      ("icu_stay_count", 1), ("transfer_count", 1), ("service_count", 1), ("care_unit_micu", 1), ("service_cardiac", 1),
      ("discharged_to_home", 1), ("discharged_to_home_care", 0), ("earlier_admissions", 0), ("charlson_index", 1),
      ("charlson_heart_failure", 1), ("diagnosis_count", 1), ("chapter_circulatory", 1), ("procedure_count", 1),
      ("drug_diuretic", 1), ("drug_orders", 1), ("lab_count", 0),
      // L: 8 days 5; A 3; C: heart failure 2; E 0.
      ("lace", 10),
    ]
    for (column, value) in expected {
      #expect(abs(try prepared.value(.readmission30d, column) - value) < 0.01, "\(column)")
    }
    #expect(try prepared.value(.readmission30d, "days_since_discharge").isNaN)
    #expect(try prepared.value(.lengthOfStay, "icu_hours") == 24)
    #expect(try prepared.value(.icuMortality, "hospital_hours") == 50)
    // Where the index time is in the ICU, this admission's codes are not known yet and there are no earlier ones.
    #expect(try prepared.value(.icuMortality, "charlson_index").isNaN)
    #expect(try prepared.row(.lengthOfStay, 700).label == 4)
    #expect(try prepared.row(.lengthOfStay, 300).group == 0)
    #expect(try prepared.row(.lengthOfStay, 700).group == 1)
    let other = try prepared.row(.readmission30d, 30).tabular
    #expect(other["ethnicity_unknown"] == 1 && other["language_english"]?.isNaN == true)
    #expect(other["emergency_room_hours"]?.isNaN == true && other["discharged_to_nursing"] == 1)
    #expect(other["charlson_diabetes"] == 1)
  }

  @Test func units_ofBothSystems_becomeOne() throws {
    var hospital = SmallHospital()
    let cases: [(item: Int, number: String, text: String, channel: String, expected: Float)] = [
      (678, "98.6", "", "temperature", 37), (223762, "37.5", "", "temperature", 37.5),
      // Charted in Fahrenheit under the Celsius item.
      (676, "100.4", "", "temperature", 38), (226531, "220.462", "", "weight", 100), (763, "80", "", "weight", 80),
      (226707, "70", "", "height", 177.8), (223835, "40", "", "inspired_oxygen", 0.4),
      (190, "0.5", "", "inspired_oxygen", 0.5), (646, "97", "", "oxygen_saturation", 97),
      (834, "0.97", "", "oxygen_saturation", 97), (184, "", "4 Spontaneously", "gcs_eye", 4),
      (220739, "", "To Speech", "gcs_eye", 3), (220739, "1", "None", "gcs_eye", 1),
      (723, "", "1.0 ET/Trach", "gcs_verbal", 1), (223900, "0", "No Response-ETT", "gcs_verbal", 1),
      (223900, "", "Confused", "gcs_verbal", 4), (223901, "", "Abnormal Flexion", "gcs_motor", 3),
      (223901, "", "Abnormal extension", "gcs_motor", 2), (454, "6", "6 Obeys Commands", "gcs_motor", 6),
      (115, "", "Normal <3 secs", "capillary_refill", 0), (8377, "", "Abnormal >3 secs", "capillary_refill", 1),
      (3348, "", "Delayed", "capillary_refill", 1), (52, "75", "", "mean_pressure", 75),
    ]
    for (hour, example) in cases.enumerated() {
      hospital.addChart(example.item, Double(hour) + 0.5, example.number, text: example.text)
    }
    let prepared = try hospital.prepare([.icuMortality])
    for (hour, example) in cases.enumerated() {
      let value = try prepared.step(.icuMortality, hour, example.channel)
      #expect(abs(value - example.expected) < 1e-3, "item \(example.item) at step \(hour): \(value)")
    }
  }

  @Test func values_implausible_areDroppedOrClampedAndCounted() throws {
    var hospital = SmallHospital()
    for (hour, number) in ["80", "391", "360", "-1", "350"].enumerated() {
      hospital.addChart(211, Double(hour), number)
    }
    hospital.chart.append([SmallHospital.time(9), "211", "7", "70", "90", "90", "1"])
    hospital.addLab(50971, 1, "16")
    hospital.addLab(50971, 2, "13")
    let prepared = try hospital.prepare([.icuMortality])
    let tally = try #require(prepared.report.channels.first { $0.name == "heart_rate" }).values
    // One more is patient 3's.
    #expect(tally == ValueTally(kept: 4, clamped: 1, dropped: 2))
    #expect(prepared.report.errorRowCount == 1)
    let potassium = try #require(prepared.report.labs.first { $0.name == "potassium" }).values
    #expect(potassium == ValueTally(kept: 2, clamped: 1, dropped: 1))
    #expect(try prepared.value(.icuMortality, "vital_heart_rate_count") == 3)
    #expect(try prepared.value(.icuMortality, "vital_heart_rate_max") == 350)
    #expect(try prepared.value(.icuMortality, "lab_potassium_last") == 12)
  }

  @Test func statistics_ofAChannel_areThoseOfItsValues() throws {
    var hospital = SmallHospital()
    // Out of order in the file, as MIMIC-III is.
    hospital.addChart(211, 5, "90")
    hospital.addChart(220045, 2, "60")
    hospital.addChart(211, 9.5, "75")
    hospital.addChart(211, 9.25, "100")
    let prepared = try hospital.prepare([.icuMortality, .lengthOfStay])
    for outcome in [Outcome.icuMortality, .lengthOfStay] {
      let values = try ["last", "min", "max", "mean", "sd", "count"].map {
        try prepared.value(outcome, "vital_heart_rate_\($0)")
      }
      #expect(values == [75, 60, 100, 81.25, 17.5, 4])
      // The last 48 hours before the index time: length of stay's first 24 steps lie before the ICU.
      let shift = outcome == .lengthOfStay ? 24 : 0
      #expect(try prepared.step(outcome, shift + 9, "heart_rate") == 75)
      #expect(try prepared.step(outcome, shift + 2, "heart_rate") == 60)
      #expect(try prepared.step(outcome, shift + 3, "heart_rate").isNaN)
    }
    #expect(try prepared.value(.icuMortality, "vital_respiratory_rate_mean").isNaN)
    #expect(try prepared.value(.icuMortality, "vital_respiratory_rate_count") == 0)
  }

  @Test func sameTime_twoItems_theFirstOfTheListIsLast() throws {
    for order in [[8368, 8441], [8441, 8368]] {
      var hospital = SmallHospital()
      for item in order { hospital.addChart(item, 5.5, item == 8368 ? "70" : "50") }
      let prepared = try hospital.prepare([.icuMortality])
      #expect(try prepared.value(.icuMortality, "vital_diastolic_pressure_last") == 70)
      #expect(try prepared.step(.icuMortality, 5, "diastolic_pressure") == 70)
    }
  }

  // In real life: blood is drawn in the emergency room before the admission's clock starts; outpatient results have no
  // admission; a result of another admission lies in this one's time.
  @Test func labs_areMatchedByAdmissionThenByTime() throws {
    var hospital = SmallHospital()
    hospital.addLab(50971, -6, "1")  // 04:00, before the emergency room, but named
    hospital.addLab(50971, -4, "2", flag: "abnormal", admission: "")  // 06:00, in the emergency room
    hospital.addLab(50971, -6, "9", admission: "")  // outpatient
    hospital.addLab(50971, 3, "9", admission: "30")  // of another admission
    hospital.addLab(50971, 3, "9", admission: "99")  // of one that ADMISSIONS does not have
    hospital.addLab(50971, 20, "3", admission: "")
    hospital.addLab(50822, 20, "8", admission: "")  // whole blood at the same time: serum is the last
    let prepared = try hospital.prepare()
    for outcome in PreparationSettings.usualOutcomes {
      #expect(try prepared.value(outcome, "lab_count") == 4)
      #expect(try prepared.value(outcome, "lab_potassium_last") == 3)
      #expect(try prepared.value(outcome, "lab_potassium_min") == 1)
      #expect(try prepared.value(outcome, "lab_potassium_mean") == 3.5)
      #expect(try prepared.value(outcome, "lab_potassium_abnormal") == 0.25)
    }
  }

  @Test func chart_withoutAdmission_isMatchedByTime() throws {
    var hospital = SmallHospital()
    hospital.addChart(211, 1, "61", admission: "")
    hospital.addChart(211, -1, "99", admission: "")
    hospital.addChart(211, 2, "99", admission: "30")
    let prepared = try hospital.prepare()
    #expect(try prepared.value(.icuMortality, "vital_heart_rate_max") == 61)
    // The emergency room and the ward belong to the admission.
    #expect(try prepared.value(.readmission30d, "vital_heart_rate_max") == 99)
    #expect(try prepared.value(.readmission30d, "vital_heart_rate_count") == 2)
  }

  // In real life: the ward charts for hours before the bed in the ICU is free, under the same admission.
  @Test func chart_ofTheAdmission_beforeTheICU_isNotTheStays() throws {
    var hospital = SmallHospital()
    hospital.addChart(211, 1, "61")
    hospital.addChart(211, -0.5, "99")
    let prepared = try hospital.prepare()
    #expect(try prepared.value(.icuMortality, "vital_heart_rate_max") == 61)
    #expect(try prepared.value(.lengthOfStay, "vital_heart_rate_count") == 1)
    #expect(try prepared.value(.readmission30d, "vital_heart_rate_max") == 99)
  }

  @Test func sequence_ofReadmission_isTheLast48Hours() throws {
    var hospital = SmallHospital()
    hospital.addLab(50931, 193.5, "150")
    hospital.addLab(50931, 146.0, "110")
    hospital.addLab(50931, 145.9, "333")
    hospital.addLab(50931, 146 + 3_599.0 / 3_600, "111")
    hospital.addLab(50931, 147, "112")
    let prepared = try hospital.prepare([.readmission30d])
    #expect(try prepared.step(.readmission30d, 47, "glucose") == 150)
    #expect(try prepared.step(.readmission30d, 0, "glucose") == 111)
    #expect(try prepared.step(.readmission30d, 1, "glucose") == 112)
    #expect(try prepared.value(.readmission30d, "vital_glucose_max") == 333)
  }

  // 180 days before the admission are 5 July: the stay that began in June and ended on 20 July lies within them by its end.
  @Test func earlierAdmissions_belongToAWindowByTheirEnd() throws {
    var hospital = SmallHospital()
    hospital.admissions.append(
      ["60", "7", "2149-06-20 00:00:00", "2149-07-20 08:00:00", "", "0", "EMERGENCY"]
        + ["", "HOME", "", "", "", "", "", ""])
    let prepared = try hospital.prepare([.icuMortality])
    #expect(try prepared.value(.icuMortality, "earlier_admissions_180d") == 1)
    #expect(try prepared.value(.icuMortality, "earlier_emergencies_180d") == 1)
  }

  // Pure oxygen is charted as 100 and as 1: both are the fraction 1.
  @Test(arguments: [("1", Float(1)), ("100", 1), ("0.5", 0.5), ("50", 0.5)])
  func inspiredOxygen_isAFraction(charted: String, fraction: Float) throws {
    var hospital = SmallHospital()
    hospital.addChart(189, 5, charted)
    #expect(try hospital.prepare([.icuMortality]).value(.icuMortality, "vital_inspired_oxygen_last") == fraction)
  }

  // The emergency room is said to have been left on 4 January, a day after the index time.
  @Test func emergencyHours_thatEndBehindTheIndexTime_areNotKnown() throws {
    var hospital = SmallHospital()
    hospital.admissions[0][14] = "2150-01-04 09:00:00"
    #expect(try hospital.prepare([.icuMortality]).value(.icuMortality, "emergency_room_hours").isNaN)
  }

  // In real life: a patient with two stays. Folds keep a group together, so both rows must be of one.
  @Test func rows_ofOnePatient_haveOneGroup() throws {
    var hospital = SmallHospital()
    hospital.stays.append(["701", "70", "MICU", "2150-01-05 12:00:00", "2150-01-08 12:00:00"])
    let dataset = try #require(try hospital.prepare([.icuMortality]).datasets[.icuMortality])
    #expect(dataset.rowIDs == [300, 700, 701] && dataset.groups == [0, 1, 1])
  }

  // In real life: a stay that begins after the discharge it belongs to; at discharge nobody knew of it.
  @Test func careUnit_ofAStayBehindTheDischarge_isNotKnown() throws {
    var hospital = SmallHospital()
    hospital.stays[0] = ["700", "70", "MICU", "2150-01-09 13:00:00", "2150-01-10 10:00:00"]
    let prepared = try hospital.prepare([.readmission30d])
    #expect(try prepared.value(.readmission30d, "care_unit_micu") != 1)
  }

  @Test func history_countsAdmissionsThatHadEnded() throws {
    var hospital = SmallHospital()
    func earlier(_ id: String, _ start: String, _ end: String, _ type: String) {
      hospital.admissions.append(
        [id, "7", "\(start) 00:00:00", "\(end) 08:00:00", "", "0", type, "", "HOME", "", "", "", "", "", ""])
    }
    earlier("60", "2149-11-22", "2149-12-02", "EMERGENCY")
    earlier("61", "2149-05-01", "2149-05-05", "ELECTIVE")
    earlier("62", "2147-05-01", "2147-05-05", "EMERGENCY")
    hospital.stays.append(["600", "60", "CCU", "2149-11-22 00:00:00", "2149-11-24 12:00:00"])
    hospital.diagnoses? += [["60", "25040"], ["61", "25000"], ["62", "042"]]
    let prepared = try hospital.prepare()
    let expected: [(String, Float)] = [
      ("earlier_admissions", 3), ("earlier_admissions_365d", 2), ("earlier_admissions_180d", 1),
      ("earlier_emergencies_180d", 1), ("days_since_discharge", 30), ("earlier_icu_stays", 1),
      ("earlier_icu_days", 2.5),
    ]
    for outcome in PreparationSettings.usualOutcomes {
      for (column, value) in expected { #expect(try prepared.value(outcome, column) == value, "\(column)") }
    }
    // Complicated diabetes 2 in place of 1, HIV 6; this admission's heart failure counts at discharge only.
    #expect(try prepared.value(.icuMortality, "charlson_index") == 8)
    #expect(try prepared.value(.icuMortality, "diagnosis_count") == 3)
    #expect(try prepared.value(.readmission30d, "charlson_index") == 1)
    #expect(try prepared.value(.readmission30d, "lace") == 11)
  }

  @Test func urine_sumsTheLastDay_lessIrrigant() throws {
    var hospital = SmallHospital()
    hospital.outputs = [
      ["7", "70", "40055", SmallHospital.time(23.9), "900", ""],
      ["7", "70", "226559", SmallHospital.time(24), "300", ""],
      ["7", "70", "227488", SmallHospital.time(30), "50", ""],
      ["7", "70", "227489", SmallHospital.time(31), "80", ""],
      ["7", "70", "40055", SmallHospital.time(32), "500", "1"],
      ["7", "70", "40054", SmallHospital.time(32), "500", ""],
    ]
    let prepared = try hospital.prepare([.icuMortality, .lengthOfStay])
    #expect(try prepared.value(.icuMortality, "urine_24h") == 330)
    #expect(try prepared.value(.lengthOfStay, "urine_24h") == 900)
  }

  @Test func drugs_areClassedByName() throws {
    var hospital = SmallHospital()
    hospital.prescriptions = [
      ["7", "70", "2150-01-02 00:00:00", "MAIN", "Heparin Flush (10 units/ml)"],
      ["7", "70", "2150-01-02 00:00:00", "MAIN", "Piperacillin-Tazobactam Na"],
      ["7", "70", "2150-01-02 00:00:00", "MAIN", "CefePIME"],
      ["7", "70", "2150-01-02 00:00:00", "BASE", "Insulin"],
      ["7", "70", "2150-01-02 00:00:00", "ADDITIVE", "Nystatin"],
    ]
    let prepared = try hospital.prepare([.readmission30d])
    let values = try ["orders", "anticoagulant", "antibiotic", "insulin", "statin"].map {
      try prepared.value(.readmission30d, "drug_\($0)")
    }
    #expect(values == [4, 0, 1, 0, 0])
  }
}
