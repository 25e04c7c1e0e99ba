// SPDX-License-Identifier: Apache-2.0

/// Lines over a common axis. Those that share a class are one element of the page, so that thousands cost no more than a few.
package struct LineChart: Sendable {
  package struct Line: Sendable {
    let points: [ChartPoint]
    let style: String
    /// Flat until the next point, as a best value is.
    let isStepped: Bool
    /// Said when one points at it; such a line is an element of its own.
    let title: String?

    package init(_ points: [ChartPoint], style: String, isStepped: Bool = false, title: String? = nil) {
      self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
      (self.style, self.isStepped, self.title) = (style, isStepped, title)
    }
  }

  /// Points alone, of one class.
  package struct Dots: Sendable {
    let points: [ChartPoint]
    let style: String

    package init(_ points: [ChartPoint], style: String) {
      self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
      self.style = style
    }
  }

  /// An area between two lines over the same x.
  package struct Band: Sendable {
    let lower: [ChartPoint]
    let upper: [ChartPoint]

    package init(lower: [ChartPoint], upper: [ChartPoint]) { (self.lower, self.upper) = (lower, upper) }
  }

  /// As few dots as these are drawn larger: small ones are not seen.
  private static let fewDots = 60

  private let plot: Plot
  private let lines: [Line]
  private let dots: [Dots]
  /// Places on the x axis marked at its foot, as trials that were pruned.
  private let footTicks: [Double]
  private let isLogarithmicX: Bool
  private let bands: [Band]
  private let included: [ChartPoint]

  /// - Parameter included: points that the axes reach to, drawn or not.
  package init(
    _ plot: Plot, lines: [Line], dots: [Dots] = [], footTicks: [Double] = [], isLogarithmicX: Bool = false,
    bands: [Band] = [], including included: [ChartPoint] = []
  ) {
    (self.plot, self.lines, self.dots, self.footTicks) = (plot, lines, dots, footTicks)
    self.isLogarithmicX = isLogarithmicX
    (self.bands, self.included) = (bands, included)
  }

  package func draw(into page: inout Markup) {
    let points = lines.flatMap(\.points) + dots.flatMap(\.points) + included
    let x = plot.xScale(points.map(\.x) + footTicks, isLogarithmic: isLogarithmicX)
    let y = plot.yScale(points.map(\.y)).padded()
    plot.draw(x, y, into: &page) { page in
      for band in bands where band.lower.count > 1 {
        let outline = LineChart.Line(band.lower + band.upper.reversed(), style: "")
        page.shape("path", ["class": "band", "d": Self.path(outline, x, y) + "Z"])
      }
      if !footTicks.isEmpty {
        let foot = Digits.coordinate(plot.height - Plot.bottom)
        let marks = Set(footTicks.map { Digits.coordinate(x($0).rounded()) }).sorted()
        page.shape("path", ["class": "line pruned", "d": marks.map { "M\($0) \(foot)v-6" }.joined()])
      }
      for dots in dots where !dots.points.isEmpty {
        page.shape(
          "path",
          [
            "class": (dots.points.count <= Self.fewDots ? "dots few " : "dots ") + dots.style,
            "d": Self.path(dots.points, x, y),
          ])
      }
      for single in singles {
        page.shape("path", ["class": "dots few " + single.style, "d": Self.path(single.points, x, y)])
      }
      var styles: [String] = []
      for line in lines where line.title == nil && !styles.contains(line.style) { styles.append(line.style) }
      for style in styles {
        let path = lines.filter { $0.style == style && $0.title == nil }.map { Self.path($0, x, y) }.joined()
        if !path.isEmpty { page.shape("path", ["class": "line " + style, "d": path]) }
      }
      for line in lines {
        guard let title = line.title, line.points.count > 1 else { continue }
        page.element("path", ["class": "line " + line.style, "d": Self.path(line, x, y)]) {
          $0.element("title", text: title)
        }
      }
    }
  }

  /// One point alone is still a result: by style, as dots.
  private var singles: [Dots] {
    var all: [Dots] = []
    for line in lines where line.points.count == 1 {
      if let place = all.firstIndex(where: { $0.style == line.style }) {
        all[place] = Dots(all[place].points + line.points, style: line.style)
      } else {
        all.append(Dots(line.points, style: line.style))
      }
    }
    return all
  }

  /// A round dot is a line of no length with round ends.
  static func path(_ points: [ChartPoint], _ x: Scale, _ y: Scale) -> String {
    var seen = Set<String>()
    return points.map { "M\(Digits.coordinate(x($0.x))) \(Digits.coordinate(y($0.y)))h0" }
      .filter { seen.insert($0).inserted }.joined()
  }

  private static func path(_ line: Line, _ x: Scale, _ y: Scale) -> String {
    guard line.points.count > 1 else { return "" }
    var path = ""
    for (index, point) in line.points.enumerated() {
      let (px, py) = (Digits.coordinate(x(point.x)), Digits.coordinate(y(point.y)))
      if index == 0 {
        path += "M\(px) \(py)"
      } else {
        path += line.isStepped ? "H\(px)V\(py)" : "L\(px) \(py)"
      }
    }
    return path
  }
}
