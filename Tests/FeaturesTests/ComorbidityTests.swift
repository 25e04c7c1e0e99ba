// SPDX-License-Identifier: Apache-2.0

import Features
import Sweeps
import Testing

/// Codes as MIMIC writes them, without the dot; the seed looked for "428.0" and found nothing for 81 % of them.
@Suite struct ComorbidityTests {
  private func conditions(_ codes: String...) -> CharlsonConditions {
    var conditions = CharlsonConditions()
    for code in codes { conditions.add(code: code) }
    return conditions
  }

  @Test(arguments: [
    ("4280", CharlsonCondition.heartFailure), ("41071", .myocardialInfarction), ("412", .myocardialInfarction),
    ("40491", .heartFailure), ("4439", .peripheralVascular), ("43491", .cerebrovascular), ("2948", nil),
    ("2941", .dementia), ("496", .chronicPulmonary), ("7100", .rheumatic), ("53240", .pepticUlcer),
    ("5715", .liverMild),
    ("25000", .diabetes), ("25080", .diabetes), ("25051", .diabetesComplicated), ("34290", .paraplegia),
    ("5859", .renal), ("V5611", .renal), ("1629", .malignancy), ("1734", nil), ("20280", .malignancy),
    ("5722", .liverSevere), ("4561", .liverSevere), ("1977", .metastasis), ("042", .hiv), ("28", nil), ("4019", nil),
    ("4253", nil), ("4254", .heartFailure), ("E8889", nil), ("5060", nil), ("5064", .chronicPulmonary), ("", nil),
  ])
  func code_withoutDot_hasItsCondition(code: String, expected: CharlsonCondition?) {
    let found = CharlsonCondition.allCases.filter { conditions(code).contains($0) }
    #expect(found == (expected.map { [$0] } ?? []))
  }

  // 404.03 is heart failure and renal failure at once.
  @Test func code_ofTwoConditions_countsForBoth() {
    #expect(conditions("40403").contains(.heartFailure) && conditions("40403").contains(.renal))
  }

  @Test func score_countsTheSevereFormOnce() {
    #expect(conditions("25000", "25040").score == 2)
    #expect(conditions("5715", "5722").score == 3)
    #expect(conditions("1629", "1970").score == 6)
    #expect(conditions("4280", "496", "042").score == 8)
    #expect(conditions().score == 0)
  }

  @Test func lace_usesItsOwnWeights() {
    #expect(conditions("53240").laceScore == 0)
    #expect(conditions("4280").laceScore == 2)
    #expect(conditions("2941").laceScore == 3)
    #expect(conditions("4280", "496").laceScore == 5)
    #expect((0...15).map { lacePoints(days: $0) } == [0, 1, 2, 3, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 7, 7])
  }

  @Test(arguments: [
    ("00845", "infectious"), ("4280", "circulatory"), ("E8889", "external_causes"), ("V4581", "supplementary"),
  ])
  func chapter_ofACode_isItsFirstThreeDigits(code: String, chapter: String) {
    #expect(CodeChapter.index(of: code).map { CodeChapter.names[$0] } == chapter)
  }

  @Test(arguments: ["", "12", "000", "ABC"]) func chapter_ofNoCode_isNone(code: String) {
    #expect(CodeChapter.index(of: code) == nil)
  }
}
