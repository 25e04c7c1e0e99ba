// SPDX-License-Identifier: Apache-2.0

import Reporting
import Testing

@Suite struct ReportingTests {
  @Test(arguments: [
    (0.7346, 3, "0.735"), (-0.0004, 3, "0.000"), (12.0, 0, "12"), (0.05, 1, "0.1"), (-1.25, 2, "-1.25"),
    (.nan, 3, "–"), (.infinity, 3, "–"), (0.999_96, 4, "1.0000"), (123_456.789, 2, "123456.79"),
  ])
  func decimal_rounds(value: Double, places: Int, expected: String) {
    #expect(decimal(value, places: places) == expected)
  }

  @Test(arguments: [
    (Int64(820), "0.8 s"), (41_900, "41 s"), (725_000, "12 min 05 s"), (12_000_000, "3 h 20 min"), (0, "0.0 s"),
  ])
  func duration_readsLikeAClock(milliseconds: Int64, expected: String) {
    #expect(duration(milliseconds: milliseconds) == expected)
  }

  @Test func table_alignsColumns_andLeavesNoBlankAtTheEnd() {
    var table = TextTable([("TRIAL", .left), ("AUROC", .right), ("NOTE", .left)])
    table.append(["#1", "0.8"])
    table.append(["#12", "0.75", "tie"])
    #expect(table.lines == ["TRIAL  AUROC  NOTE", "#1       0.8", "#12     0.75  tie"])
    #expect(table.tabSeparated == ["trial\tauroc\tnote", "#1\t0.8\t", "#12\t0.75\ttie"])
  }

  /// In real life: a trial name holds a control character; JSON readers must still read the line.
  @Test func json_escapesAndKeepsOrder() {
    let value = JSONText.object([
      ("b", .text("a\"\\\n\u{7F}é")), ("a", .list([.integer(1), .real(0.1), .real(.nan), .null, .flag(true)])),
    ])
    #expect(value.description == #"{"b":"a\"\\\n\u007fé","a":[1,0.1,null,null,true]}"#)
  }

  @Test func failure_keepsItsOwnHead() {
    #expect(CommandFailure(.badInput, "x is wrong", help: "do y").description == "error: x is wrong\nhelp: do y")
    #expect(CommandFailure(.badInput, "error: x [E-x]").description == "error: x [E-x]")
  }
}
