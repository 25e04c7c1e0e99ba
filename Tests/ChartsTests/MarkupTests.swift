// SPDX-License-Identifier: Apache-2.0

import Charts
import Foundation
import Testing

@Suite struct MarkupTests {
  /// In real life: somebody names a sweep `<script>…`, or a tag `" onmouseover=…`.
  @Test(arguments: [
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"), ("a\" b='c'", "a&quot; b=&#39;c&#39;"),
    ("x & y", "x &amp; y"), ("null\u{0}\u{1B}[31m", "null\u{FFFD}\u{FFFD}[31m"), ("abc\u{202E}cba", "abc\u{FFFD}cba"),
    ("größer ≥ 日本", "größer ≥ 日本"), ("", ""),
  ]) func text_isEscaped_inElementsAndAttributes(given: String, expected: String) {
    var page = Markup()
    page.element("p", ["title": given], text: given)
    #expect(page.text == "<p title=\"\(expected)\">\(expected)</p>")
  }

  @Test func lineEnd_inAnAttribute_isKept() {
    var page = Markup()
    page.void("input", ["value": "a\nb"])
    #expect(page.text == "<input value=\"a&#10;b\">")
  }

  @Test(arguments: [
    (0.0, "0"), (0.0125, "0.0125"), (31, "31"), (1.5e-5, "1.5e-5"), (-0.5, "−0.5"), (1_234_567, "1.23e6"), (0.1, "0.1"),
    (999.96, "1000"), (.nan, "–"), (.infinity, "–"),
  ]) func shortNumbers_haveFourDigits(value: Double, text: String) { #expect(Digits.short(value) == text) }

  @Test func durations_haveTwoUnits() {
    let shown = [0.25, 12.34, 200, 7_500, 273_600, .nan].map { Digits.duration(seconds: $0) }
    #expect(shown == ["250 ms", "12.3 s", "3 min 20 s", "2 h 5 min", "3 d 4 h", "–"])
  }

  @Test func negativeTenths_keepTheirSign() { #expect(Digits.coordinate(-0.3) == "-0.3") }
}

@Suite struct ScaleTests {
  @Test func linear_mapsEndsToEnds_andHoldsWhatIsOutside() {
    let scale = Scale([2, 4], from: 10, to: 110)
    #expect([2, 3, 4, 9, -9].map { scale($0) } == [10, 60, 110, 110, 10])
    #expect(scale.ticks(4) == [2, 2.5, 3, 3.5, 4])
  }

  @Test func logarithmic_hasDecades() {
    let scale = Scale([1e-4, 1], isLogarithmic: true, from: 0, to: 4)
    #expect(abs(scale(0.01) - 2) < 1e-9)
    #expect(scale.ticks().count == 5)
  }

  /// A logarithm of 0 there is none: such an axis is linear.
  @Test func logarithmic_withZero_isLinear() {
    #expect(!Scale([0, 1], isLogarithmic: true, from: 0, to: 1).isLogarithmic)
  }

  @Test(arguments: [[], [5], [5, 5], [.nan], [.infinity, 1]]) func poorValues_stillGiveAScale(values: [Double]) {
    let scale = Scale(values, from: 0, to: 100)
    #expect(scale.low < scale.high)
    #expect(scale(5).isFinite && !scale.ticks().isEmpty)
  }
}

@Suite struct ChartTests {
  private let plot = Plot(label: "a \"chart\"", xTitle: "x", yTitle: "y")

  private func count(_ what: String, in page: Markup) -> Int { page.text.components(separatedBy: what).count - 1 }

  /// Thousands of trials are one element of the page.
  @Test func lines_ofOneStyle_areOneElement() {
    var page = Markup()
    let lines = (0..<1_000).map { LineChart.Line([ChartPoint(0, Double($0)), ChartPoint(1, 1)], style: "completed") }
    LineChart(plot, lines: lines).draw(into: &page)
    #expect(count("class=\"line completed\"", in: page) == 1)
    #expect(page.text.contains("aria-label=\"a &quot;chart&quot;\""))
    #expect(!page.text.contains("style="), "the policy forbids styles in a page")
  }

  @Test func undefinedValues_areNotDrawn() {
    var page = Markup()
    LineChart(
      plot, lines: [LineChart.Line([ChartPoint(0, .nan), ChartPoint(1, 2), ChartPoint(2, .infinity)], style: "best")]
    ).draw(into: &page)
    #expect(!page.text.contains("nan") && !page.text.contains("inf"))
  }

  /// What does not apply is in the lane at the foot, which no value reaches.
  @Test func parallel_putsWhatDoesNotApply_inItsLane() {
    var page = Markup()
    let axes: [ParallelChart.Axis] = [
      .words(name: "learner", ["booster", "linear"]), .numbers(name: "leaves", isLogarithmic: false),
    ]
    ParallelChart(
      label: "p", axes: axes,
      lines: [
        ParallelChart.Line(values: [.word("booster"), .number(7)], style: "p1", title: "one", link: "/1"),
        ParallelChart.Line(values: [.word("booster"), .number(31)], style: "p2", title: "two", link: "/2"),
        ParallelChart.Line(values: [.word("linear"), nil], style: "p3", title: "three", link: "/3"),
      ]
    ).draw(into: &page)
    #expect(page.text.contains("d=\"M60 250L1060 250\""))
    #expect(page.text.contains("d=\"M60 250L1060 34\""))
    #expect(page.text.contains("d=\"M60 34L1060 280\""))
  }

  @Test func timeline_mergesWhatNobodyCouldTellApart() {
    var page = Markup()
    let many = (0..<10_000).map {
      TimelineChart.Stretch(row: 0, start: Double($0), end: Double($0) + 0.9, state: "completed")
    }
    TimelineChart(label: "t", rows: ["w0"], seconds: 10_000, origin: "0", stretches: many).draw(into: &page)
    #expect(page.text.utf8.count < 3_000)
  }
}
