// SPDX-License-Identifier: Apache-2.0

import Features
import Shards
import Sweeps
import Testing

/// Goal: nothing recorded at or after the index time reaches a feature. Method: the same hospital with and without such
/// records; every bit of tabular row and sequence must stay.
@Suite struct LeakTests {
  /// Hours from the time into the ICU to the index time of patient 7.
  private static let indexHours: [Outcome: Double] = [.readmission30d: 194, .icuMortality: 48, .lengthOfStay: 24]
  private static let chartItems = [
    115, 3348, 223951, 8368, 220051, 190, 223835, 184, 220739, 454, 223901, 198, 723, 223900, 811, 220621, 211, 220045,
    226730, 226707, 52, 220052, 646, 220277, 618, 220210, 51, 220050, 676, 223761, 763, 226531, 780, 223830,
  ]
  private static let labItems = [
    51221, 50971, 50983, 50912, 50902, 51006, 50882, 50868, 50931, 51265, 51222, 51301, 51250, 51277, 50960, 50893,
    50970, 51275, 51237, 50820, 50802, 50821, 50818, 50885, 50861, 50878, 50863, 50813, 50862, 50808, 50817, 50809,
  ]

  private func plant(_ hospital: inout SmallHospital, at hours: Double) {
    for admission in ["70", ""] {
      for item in Self.chartItems { hospital.addChart(item, hours, "7", text: "7 Normal", admission: admission) }
      for item in Self.labItems { hospital.addLab(item, hours, "7", flag: "abnormal", admission: admission) }
      hospital.outputs?.append(["7", admission, "40055", SmallHospital.time(hours), "777", ""])
    }
    hospital.services?.append(["70", SmallHospital.time(hours), "NSURG"])
    hospital.transfers?.append(["70", "transfer", SmallHospital.time(hours)])
    // Only the day is known: an order on the day of the index time may have come after it.
    hospital.prescriptions?.append(["7", "70", SmallHospital.time(hours), "MAIN", "Insulin"])
    hospital.prescriptions?.append(
      ["7", "70", String(SmallHospital.time(hours).prefix(10)) + " 00:00:00", "MAIN", "Warfarin"])
  }

  private func filled() -> SmallHospital {
    var hospital = SmallHospital()
    for hours in [0.5, 1.5, 23.2] {
      for item in Self.chartItems { hospital.addChart(item, hours, "5", text: "5") }
      for item in Self.labItems { hospital.addLab(item, hours, "5") }
    }
    return hospital
  }

  @Test(arguments: PreparationSettings.usualOutcomes, [0, 1.0 / 3_600, 2, 30])
  func records_atOrAfterTheIndexTime_moveNoFeature(outcome: Outcome, later: Double) throws {
    let index = try #require(Self.indexHours[outcome])
    let id: Int64 = outcome == .readmission30d ? 70 : 700
    var planted = filled()
    plant(&planted, at: index + later)
    let before = try filled().prepare([outcome]).row(outcome, id)
    let after = try planted.prepare([outcome]).row(outcome, id)
    #expect(before.bits == after.bits)
    #expect(before.label == after.label)
  }

  // The test above has power only if the same records one second earlier do move features.
  @Test(arguments: PreparationSettings.usualOutcomes)
  func records_justBeforeTheIndexTime_moveFeatures(outcome: Outcome) throws {
    let index = try #require(Self.indexHours[outcome])
    var planted = filled()
    plant(&planted, at: index - 1.0 / 3_600)
    let before = try filled().prepare([outcome])
    let after = try planted.prepare([outcome])
    for column in ["lab_potassium_last", "vital_heart_rate_max", "urine_24h", "transfer_count", "service_neuro"] {
      let (old, new) = (try before.value(outcome, column), try after.value(outcome, column))
      #expect(old.bitPattern != new.bitPattern, "\(column)")
    }
    #expect(try after.step(outcome, 47, "heart_rate") == 7)
  }

  // In real life: the seed let the days to readmission, the outcome of the stay and the final codes into its features.
  @Test(arguments: [Outcome.icuMortality, .lengthOfStay])
  func outcomeOfTheStay_movesNoFeatureOfIt(outcome: Outcome) throws {
    var changed = filled()
    changed.admissions[0][3] = "2150-01-20 12:00:00"
    changed.admissions[0][8] = "SNF"
    changed.stays[0][4] = "2150-01-19 10:00:00"
    changed.diagnoses? += [["70", "1970"], ["70", "5722"]]
    changed.procedures? += [["70", "3961"]]
    changed.stays.append(["701", "70", "SICU", "2150-01-19 12:00:00", "2150-01-19 18:00:00"])
    let dead = {
      var dead = changed
      dead.admissions[0][4] = "2150-01-19 10:00:00"
      dead.admissions[0][5] = "1"
      dead.patients[0][3] = "2150-01-19 00:00:00"
      return dead
    }()
    let row = try filled().prepare([outcome]).row(outcome, 700)
    #expect(try changed.prepare([outcome]).row(outcome, 700).bits == row.bits)
    #expect(try dead.prepare([outcome]).row(outcome, 700).bits == row.bits)
    if outcome == .icuMortality { #expect(try dead.prepare([outcome]).row(outcome, 700).label == 1) }
  }

  @Test func nextAdmission_movesNoFeatureOfTheOneBefore() throws {
    var changed = filled()
    changed.admissions.append(
      [
        "71", "7", "2150-01-12 08:00:00", "2150-01-14 12:00:00", "", "0", "EMERGENCY", "", "HOME", "", "", "", "", "",
        "",
      ])
    changed.stays.append(["702", "71", "SICU", "2150-01-12 08:00:00", "2150-01-13 10:00:00"])
    changed.diagnoses? += [["71", "1970"]]
    changed.addLab(50971, 280, "9", admission: "71")
    let (before, after) = (try filled().prepare([.readmission30d]), try changed.prepare([.readmission30d]))
    #expect(
      try before.row(.readmission30d, 70).bits == after.row(.readmission30d, 70).bits)
    #expect(try before.row(.readmission30d, 70).label == 0)
    #expect(try after.row(.readmission30d, 70).label == 1)
    // The admission after it does look back.
    #expect(try after.row(.readmission30d, 71).tabular["earlier_admissions"] == 1)
  }

  @Test func identifiers_andLabelWords_areNoColumns() {
    for outcome in PreparationSettings.usualOutcomes {
      let names = featureColumns(for: outcome).map(\.name)
      #expect(Set(names).count == names.count)
      for name in names {
        let isLeak = ["subject", "hadm", "icustay", "_id", "death", "expire", "readmi", "next", "out_time"]
          .contains { name.contains($0) }
        #expect(!isLeak, "\(name)")
      }
    }
  }
}
