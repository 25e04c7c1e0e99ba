// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Coordinator
@testable import Tracking

@Suite struct FoldComparisonTests {
  private func folds(_ values: [Double?]) -> [FoldValue] {
    values.enumerated().map { index, value in
      FoldValue(fold: index, rung: 0, value: value, trainRowCount: 80, validRowCount: 20)
    }
  }

  /// Goal: the interval of Nadeau and Bengio. Method: differences 1, 2, 3, 4, 5 by hand: mean 3, variance 2.5, and
  /// 2.776445 · √(2.5 · (1/5 + 20/80)) = 2.944866.
  @Test func interval_isTheCorrectedOne() throws {
    let found = FoldComparison(folds([2, 4, 6, 8, 10]), folds([1, 2, 3, 4, 5]))
    let range = try #require(found.corrected)
    #expect(found.mean == 3)
    #expect(abs(range.lowerBound - (3 - 2.944866)) < 1e-5 && abs(range.upperBound - (3 + 2.944866)) < 1e-5)
    #expect(found.isTie == false)
  }

  @Test func bootstrap_isRepeatable_andWithinTheDifferences() throws {
    let one = FoldComparison(folds([2, 4, 6, 8, 10]), folds([1, 2, 3, 4, 5]))
    let range = try #require(one.bootstrap)
    #expect(range == FoldComparison(folds([2, 4, 6, 8, 10]), folds([1, 2, 3, 4, 5])).bootstrap)
    // Of the 3,125 samples of five, those with a mean of 1.6 or less are 2.2 %, of 1.8 or less 4.0 %: 2.5 % lies between.
    #expect(range.lowerBound >= 1.6 && range.lowerBound <= 1.8 && range.upperBound >= 4.2 && range.upperBound <= 4.4)
  }

  /// In real life: the better trial by mean wins on three folds and loses on two.
  @Test func signsThatChange_areATie() {
    let found = FoldComparison(folds([0.55, 0.58, 0.57, 0.49, 0.48]), folds([0.5, 0.5, 0.5, 0.5, 0.5]))
    #expect((found.mean ?? 0) > 0 && found.isTie == true)
  }

  @Test func foldsWithoutBothValues_areLeftOut() {
    let found = FoldComparison(folds([1, nil, 3]), folds([1, 2]))
    #expect(found.pairs.map(\.fold) == [0])
    #expect(found.mean == 0 && found.corrected == nil && found.bootstrap == nil && found.isTie == nil)
  }
}

@Suite struct CurvePlotTests {
  /// Two dots of the first column at the top, of the last at the bottom: a falling line.
  @Test func fallingLine_falls() {
    let lines = CurvePlot([[.init(x: 1, y: 1), .init(x: 4, y: 0)]], width: 2, height: 1 + 1).lines
    #expect(lines.count == 4)
    #expect(lines[0].hasPrefix("1.0000 ┤") && lines[1].hasPrefix("0.0000 ┤"))
    let top = lines[0].unicodeScalars.suffix(2).map { $0.value }
    let bottom = lines[1].unicodeScalars.suffix(2).map { $0.value }
    #expect(top[0] & 0x01 == 1 && top[1] == 0x2800, "the first point is the upper left dot")
    #expect(bottom[1] & 0x80 == 0x80 && bottom[0] == 0x2800, "the last point is the lower right dot")
    #expect(lines[3].contains("1") && lines[3].hasSuffix("4"))
  }

  @Test func flatOrSinglePoint_isDrawn_andNothingIsSaidSo() {
    #expect(CurvePlot([[.init(x: 1, y: 0.5)]], width: 10, height: 4).lines.count == 6)
    #expect(CurvePlot([[.init(x: 1, y: .nan)]], width: 10, height: 4).lines == ["no point to draw"])
  }
}

@Suite struct SQLTableTextTests {
  @Test func csv_quotesWhatItMust_andKeepsEveryDigit() {
    let table = SQLTable(
      columns: ["a", "b,c"], rows: [[.text("say \"hi\""), .real(0.1 + 0.2)], [.text("two\nlines"), .null]])
    #expect(
      table.csvLines == ["a,\"b,c\"", "\"say \"\"hi\"\"\",0.30000000000000004", "\"two\nlines\","])
  }
}
