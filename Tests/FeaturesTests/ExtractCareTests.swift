// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Testing

@testable import Features

/// Treatments by hour, as `interventions` of MIMIC-Extract has them. Times in minutes from the time into the ICU.
@Suite struct ExtractCareTests {
  private static let start: Int64 = 4_000_000_000

  private func care(
    _ events: [(minute: Int64, mark: Int, value: Double)], hours: Int = 24, hasInputs: Bool = true
  ) -> ExtractCare {
    var block = EventBlock()
    for event in events {
      block.append(
        EventRecord(
          .care, place: event.mark, value: event.value, patient: 0, admission: EventAdmission.none,
          time: Self.start + event.minute * 60))
    }
    return ExtractCare(
      EventList(block.bytes, patients: 0..<1), patient: 0, start: Self.start,
      end: Self.start + Int64(hours) * 3_600 - 60, hourCount: hours, hasInputs: hasInputs)
  }

  private func hours(_ name: String, _ care: ExtractCare, hasInputs: Bool = true) -> [Int] {
    let names = ExtractCare.columns(hasInputs: hasInputs)
    let column = names.firstIndex(of: name) ?? -1
    return (0..<(care.values.count / names.count)).filter { care.values[$0 * names.count + column] == 1 }
  }

  private func place(_ drug: String) -> Int { CareDrug.all.firstIndex { $0.name == drug } ?? -1 }

  @Test func ventilation_bridges8Hours_andEndsWithExtubationOrOxygen() {
    let set = CareMark.ventilator
    #expect(hours("vent", care([(10, set, 0), (310, set, 0)])) == [0, 1, 2, 3, 4, 5])
    #expect(hours("vent", care([(0, set, 0), (480, set, 0)])) == Array(0...8), "8 h are bridged")
    #expect(hours("vent", care([(0, set, 0), (481, set, 0)])) == [], "more is not, and one moment is no interval")
    let extubated = care([(0, set, 0), (60, set, 0), (190, CareMark.extubation, 0), (200, CareMark.extubation, 0)])
    #expect(hours("vent", extubated) == [0, 1, 2, 3], "to the extubation")
    let oxygen = care([(0, set, 0), (60, set, 0), (190, CareMark.oxygen, 0), (300, set, 0)])
    #expect(hours("vent", oxygen) == [0, 1], "to the last setting before oxygen")
    #expect(hours("vent", care([(0, set, 0), (60, set, 0), (60, CareMark.oxygen, 0), (120, set, 0)])) == [0, 1, 2])
    let breath = CareMark.oxygenOrFlow
    #expect(hours("nivdurations", care([(0, breath, 0), (130, breath, 0)])) == [0, 1, 2])
  }

  @Test func infusions_areCutToTheStay() {
    let given = CareMark.infusion + place("norepinephrine")
    let end = Double(Self.start + 90 * 60)
    let cut = care([(-120, given, end), (1_380, given, Double(Self.start + 99_999))])
    #expect(hours("norepinephrine", cut) == [0, 1, 23] && hours("vaso", cut) == [0, 1, 23])
    #expect(hours("norepinephrine", care([(-120, given, Double(Self.start - 60))])) == [])
    let isuprel = care([(30, CareMark.infusion + place("isuprel"), end)])
    #expect(hours("isuprel", isuprel) == [0, 1] && hours("vaso", isuprel) == [], "no vasopressor")
  }

  /// In real life: CareVue charts a rate now and then, leaves it out when nothing changed, and writes 0 or D/C'd at the end.
  @Test func rates_runUntilZeroOrStop() {
    let rate = CareMark.rate + place("dopamine")
    let stop = CareMark.stop + place("dopamine")
    #expect(hours("dopamine", care([(0, rate, 5), (60, rate, .nan), (150, rate, 0), (240, rate, 0)])) == [0, 1, 2])
    #expect(hours("dopamine", care([(0, rate, 0), (60, rate, .nan), (120, rate, 3), (185, stop, 3)])) == [2, 3])
    let again = care([(0, rate, 5), (61, stop, .nan), (300, rate, 2), (420, rate, 2)])
    #expect(hours("dopamine", again) == [0, 1, 5, 6, 7])
    #expect(hours("dopamine", care([(0, rate, 5)])) == [], "one row is no interval")
  }

  @Test func boluses_andCodeStatus() {
    let found = care([
      (-5, CareMark.colloidBolus, 0), (61, CareMark.colloidBolus, 0), (125, CareMark.crystalloidBolus, 0),
      (5, CareMark.fullCode, 0), (70, CareMark.noResuscitation, 0), (200, CareMark.comfortOnly, 0),
      (300, CareMark.comfortOnly, 0),
    ])
    #expect(hours("colloid_bolus", found) == [1] && hours("crystalloid_bolus", found) == [2])
    let code = found.codeStatus
    #expect(code.beganWith(CareMark.fullCode) == 1 && code.beganWith(CareMark.noResuscitation) == 0)
    #expect(code.endedWith(CareMark.comfortOnly) == 1 && code.everWas(CareMark.noResuscitation) == 1)
    #expect(code.firstNoResuscitation == Self.start + 70 * 60 && code.firstComfortOnly == Self.start + 200 * 60)
    #expect(care([]).codeStatus.everWas(CareMark.fullCode).isNaN, "not charted is not known")
  }

  /// In real life: tables without INPUTEVENTS. A column of zeros would say that no drug was given.
  @Test func withoutInputs_thereIsNoColumnOfThem() {
    #expect(ExtractCare.columns(hasInputs: false) == ["vent", "nivdurations"])
    let found = care([(0, CareMark.ventilator, 0), (60, CareMark.ventilator, 0)], hasInputs: false)
    #expect(hours("vent", found, hasInputs: false) == [0, 1] && hours("nivdurations", found, hasInputs: false) == [])
  }
}
