// SPDX-License-Identifier: Apache-2.0

/// Bars from the left, each with its name, and an interval where there is one.
package struct BarChart: Sendable {
  package struct Bar: Sendable {
    let name: String
    let value: Double
    let interval: ClosedRange<Double>?

    package init(name: String, value: Double, interval: ClosedRange<Double>? = nil) {
      (self.name, self.value, self.interval) = (name, value, interval)
    }
  }

  private let label: String
  private let bars: [Bar]

  package init(label: String, bars: [Bar]) { (self.label, self.bars) = (label, bars) }

  package func draw(into page: inout Markup) {
    let (left, width, step) = (150.0, 520.0, 20.0)
    let height = Double(bars.count) * step + 8
    let plot = Plot(width: width, height: height, label: label, xTitle: "", yTitle: "")
    let ends = bars.flatMap { [$0.value, $0.interval?.upperBound ?? $0.value] }
    let x = Scale([0, max(ends.max() ?? 1, 1e-9)], from: left, to: width - 60)
    plot.picture(into: &page) { page in
      for (index, bar) in bars.enumerated() {
        let middle = Double(index) * step + 14
        let end = x(max(bar.value, 0))
        page.element(
          "text",
          [
            "class": "tick", "x": Digits.coordinate(left - 8), "y": Digits.coordinate(middle), "dy": ".35em",
            "text-anchor": "end",
          ], text: bar.name)
        page.shape(
          "rect",
          [
            "class": "bar", "x": Digits.coordinate(left), "y": Digits.coordinate(middle - 6),
            "width": Digits.coordinate(max(end - left, 1)), "height": "12",
          ])
        if let interval = bar.interval {
          let (from, to) = (x(max(interval.lowerBound, 0)), x(interval.upperBound))
          page.shape(
            "path",
            [
              "class": "whisker",
              "d": "M\(Digits.coordinate(from)) \(Digits.coordinate(middle))H\(Digits.coordinate(to))",
            ])
        }
        let after = max(end, bar.interval.map { x($0.upperBound) } ?? end) + 6
        page.element(
          "text", ["class": "tick", "x": Digits.coordinate(after), "y": Digits.coordinate(middle), "dy": ".35em"],
          text: Digits.short(bar.value))
      }
    }
  }
}
