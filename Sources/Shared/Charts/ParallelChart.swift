// SPDX-License-Identifier: Apache-2.0

/// Parallel coordinates: an axis a parameter, a line a trial. A parameter that a trial does not have is a lane of its own at
/// the foot, never a value.
package struct ParallelChart: Sendable {
  package enum Axis: Sendable {
    case numbers(name: String, isLogarithmic: Bool)
    case words(name: String, [String])

    var name: String {
      switch self {
      case .numbers(let name, _), .words(let name, _): name
      }
    }
  }

  package enum Value: Hashable, Sendable {
    case number(Double)
    case word(String)
  }

  package struct Line: Sendable {
    /// One an axis; `nil`: does not apply.
    let values: [Value?]
    let style: String
    let title: String
    /// Where it leads.
    let link: String

    package init(values: [Value?], style: String, title: String, link: String) {
      (self.values, self.style, self.title, self.link) = (values, style, title, link)
    }
  }

  private let label: String
  private let axes: [Axis]
  private let lines: [Line]

  private static let (top, foot, lane) = (34.0, 250.0, 280.0)

  package init(label: String, axes: [Axis], lines: [Line]) {
    (self.label, self.axes, self.lines) = (label, axes, lines)
  }

  package func draw(into page: inout Markup) {
    let width = Double(max(axes.count - 1, 1)) * gap + 120
    let plot = Plot(width: width, height: 300, label: label, xTitle: "", yTitle: "")
    let scales = axes.indices.map { scale($0) }
    plot.picture("chart wide parallel", into: &page) { page in
      for line in lines {
        page.element(
          "path", ["class": "line " + line.style, "d": path(line, scales), "data-link": line.link]
        ) { $0.element("title", text: line.title) }
      }
      for index in axes.indices { drawAxis(index, scales[index], into: &page) }
    }
  }

  /// Few axes stand wider apart, so that the picture is always as wide as a page.
  private var gap: Double { max(96, 1_000 / Double(max(axes.count - 1, 1))) }
  private func x(_ index: Int) -> Double { 60 + Double(index) * gap }

  private func scale(_ index: Int) -> Scale {
    guard case .numbers(_, let isLogarithmic) = axes[index] else {
      return Scale([0, 1], from: Self.foot, to: Self.top)
    }
    let numbers = lines.compactMap { line -> Double? in
      if case .number(let value)? = line.values[index] { value } else { nil }
    }
    return Scale(numbers, isLogarithmic: isLogarithmic, from: Self.foot, to: Self.top)
  }

  private func place(_ value: Value?, _ index: Int, _ scale: Scale) -> Double {
    switch (value, axes[index]) {
    case (.number(let number)?, .numbers): return scale(number)
    case (.word(let word)?, .words(_, let words)):
      guard let position = words.firstIndex(of: word) else { return Self.lane }
      return Self.height(of: position, among: words.count)
    default: return Self.lane
    }
  }

  private static func height(of position: Int, among count: Int) -> Double {
    guard count > 1 else { return (top + foot) / 2 }
    return foot - (foot - top) * Double(position) / Double(count - 1)
  }

  private func path(_ line: Line, _ scales: [Scale]) -> String {
    axes.indices.map { index in
      let y = place(line.values[index], index, scales[index])
      return (index == 0 ? "M" : "L") + "\(Digits.coordinate(x(index))) \(Digits.coordinate(y))"
    }.joined()
  }

  private func drawAxis(_ index: Int, _ scale: Scale, into page: inout Markup) {
    let at = Digits.coordinate(x(index))
    page.shape("path", ["class": "axis", "d": "M\(at) \(Digits.coordinate(Self.top))V\(Digits.coordinate(Self.foot))"])
    // Neighbours on two heights, so that long names do not run into each other.
    page.element(
      "text", ["class": "title", "x": at, "y": index.isMultiple(of: 2) ? "10" : "24", "text-anchor": "middle"],
      text: axes[index].name)
    let marks: [(String, Double)] =
      switch axes[index] {
      case .numbers: [(Digits.short(scale.high), Self.top), (Digits.short(scale.low), Self.foot)]
      case .words(_, let words):
        words.enumerated().map { (String($1.prefix(14)), Self.height(of: $0, among: words.count)) }
      }
    for (text, y) in marks {
      page.element(
        "text", ["class": "tick halo", "x": Digits.coordinate(x(index) + 4), "y": Digits.coordinate(y), "dy": ".35em"],
        text: text)
    }
    page.element(
      "text", ["class": "tick halo", "x": at, "y": Digits.coordinate(Self.lane + 14), "text-anchor": "middle"],
      text: "n/a")
    page.element(
      "rect",
      [
        "class": "brush", "data-axis": "\(index)", "data-x": at, "x": Digits.coordinate(x(index) - 12),
        "y": Digits.coordinate(Self.top - 4), "width": "24", "height": Digits.coordinate(Self.lane - Self.top + 10),
      ]
    ) { $0.element("title", text: "\(axes[index].name): drag to keep a range, click to let go") }
  }
}
