// SPDX-License-Identifier: Apache-2.0

/// A picture with two axes; charts draw into it.
///
/// Colours are classes, for they depend on the theme; nothing here writes a `style`, which a strict policy forbids.
package struct Plot: Sendable {
  package let width: Double
  package let height: Double
  /// What it shows, for those who cannot see it.
  package let label: String
  package let xTitle: String
  package let yTitle: String

  package static let (left, right, top, bottom) = (56.0, 12.0, 20.0, 36.0)

  package init(width: Double = 520, height: Double = 260, label: String, xTitle: String, yTitle: String) {
    (self.width, self.height, self.label, self.xTitle, self.yTitle) = (width, height, label, xTitle, yTitle)
  }

  package func xScale(_ values: some Sequence<Double>, isLogarithmic: Bool = false) -> Scale {
    Scale(values, isLogarithmic: isLogarithmic, from: Self.left, to: width - Self.right)
  }

  package func yScale(_ values: some Sequence<Double>, isLogarithmic: Bool = false) -> Scale {
    Scale(values, isLogarithmic: isLogarithmic, from: height - Self.bottom, to: Self.top)
  }

  package func draw(_ x: Scale, _ y: Scale, into page: inout Markup, _ body: (inout Markup) -> Void) {
    picture(into: &page) { page in
      let (left, right) = (Digits.coordinate(Self.left), Digits.coordinate(width - Self.right))
      for tick in y.ticks(4) {
        let at = Digits.coordinate(y(tick))
        page.shape("path", ["class": "grid", "d": "M\(left) \(at)H\(right)"])
        page.element(
          "text",
          ["class": "tick", "x": Digits.coordinate(Self.left - 6), "y": at, "text-anchor": "end", "dy": ".35em"],
          text: Digits.short(tick))
      }
      let foot = Digits.coordinate(height - Self.bottom + 15)
      for tick in x.ticks(6) {
        page.element(
          "text", ["class": "tick", "x": Digits.coordinate(x(tick)), "y": foot, "text-anchor": "middle"],
          text: Digits.short(tick))
      }
      page.shape("path", ["class": "axis", "d": "M\(left) \(Digits.coordinate(height - Self.bottom))H\(right)"])
      page.element("text", ["class": "title", "x": left, "y": "11"], text: yTitle)
      page.element(
        "text", ["class": "title", "x": right, "y": Digits.coordinate(height - 5), "text-anchor": "end"], text: xTitle)
      body(&page)
    }
  }

  /// The frame alone, for charts with axes of their own.
  package func picture(_ kind: String = "chart", into page: inout Markup, _ body: (inout Markup) -> Void) {
    page.element(
      "svg",
      [
        "class": kind, "viewBox": "0 0 \(Digits.coordinate(width)) \(Digits.coordinate(height))", "role": "img",
        "aria-label": label,
      ], body)
  }
}

/// A point of a chart.
package struct ChartPoint: Hashable, Sendable {
  package let x: Double
  package let y: Double

  package init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
}
