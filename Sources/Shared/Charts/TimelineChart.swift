// SPDX-License-Identifier: Apache-2.0

/// What each of several did when: a row each, a stretch of colour a stay in one state.
package struct TimelineChart: Sendable {
  package struct Stretch: Sendable {
    let row: Int
    let start: Double
    let end: Double
    package let state: String

    /// - Parameters: `start` and `end` in seconds from the left edge.
    package init(row: Int, start: Double, end: Double, state: String) {
      (self.row, self.start, self.end, self.state) = (row, start, end, state)
    }
  }

  private let label: String
  private let rows: [String]
  private let seconds: Double
  private let stretches: [Stretch]
  /// What the left edge is called.
  private let origin: String

  package init(label: String, rows: [String], seconds: Double, origin: String, stretches: [Stretch]) {
    (self.label, self.rows, self.seconds, self.origin) = (label, rows, max(seconds, 1e-3), origin)
    self.stretches = Self.merged(stretches, gap: 2 * max(seconds, 1e-3) / Self.axisWidth)
  }

  /// Neighbours in one state with less than two pixels between them are one.
  private static func merged(_ stretches: [Stretch], gap: Double) -> [Stretch] {
    let sorted = stretches.sorted { ($0.row, $0.state, $0.start) < ($1.row, $1.state, $1.start) }
    var merged: [Stretch] = []
    for stretch in sorted {
      if let last = merged.last, last.row == stretch.row, last.state == stretch.state, stretch.start <= last.end + gap {
        merged[merged.count - 1] = Stretch(
          row: last.row, start: last.start, end: max(last.end, stretch.end), state: last.state)
      } else {
        merged.append(stretch)
      }
    }
    return merged
  }

  /// Pixels of the time axis: stretches that share one cannot be told apart.
  package static let axisWidth = 820.0
  private static let left = 130.0

  package func draw(into page: inout Markup) {
    let step = 22.0
    let height = Double(rows.count) * step + 30
    let width = Self.left + Self.axisWidth + 10
    let plot = Plot(width: width, height: height, label: label, xTitle: "", yTitle: "")
    let x = Scale([0, seconds], from: Self.left, to: Self.left + Self.axisWidth)
    plot.picture("chart wide", into: &page) { page in
      for (index, name) in rows.enumerated() {
        let middle = Double(index) * step + 12
        page.element(
          "text",
          [
            "class": "tick", "x": "\(Int(Self.left) - 8)", "y": Digits.coordinate(middle), "dy": ".35em",
            "text-anchor": "end",
          ],
          text: name)
        page.shape(
          "rect",
          [
            "class": "track", "x": Digits.coordinate(Self.left), "y": Digits.coordinate(middle - 8),
            "width": Digits.coordinate(Self.axisWidth), "height": "16",
          ])
      }
      for state in Set(stretches.map(\.state)).sorted() {
        page.element("path", ["class": "stretch s-" + state, "d": path(of: state, x, step)]) {
          $0.element("title", text: state)
        }
      }
      let foot = Digits.coordinate(Double(rows.count) * step + 20)
      for tick in x.ticks(8) {
        page.element(
          "text", ["class": "tick", "x": Digits.coordinate(x(tick)), "y": foot, "text-anchor": "middle"],
          text: tick == 0 ? origin : "+" + Digits.duration(seconds: tick))
      }
    }
  }

  private func path(of state: String, _ x: Scale, _ step: Double) -> String {
    stretches.filter { $0.state == state && rows.indices.contains($0.row) }.map { stretch in
      let from = x(stretch.start)
      let width = max(x(stretch.end) - from, 1)
      let top = Double(stretch.row) * step + 4
      return "M\(Digits.coordinate(from)) \(Digits.coordinate(top))h\(Digits.coordinate(width))v16"
        + "h\(Digits.coordinate(-width))z"
    }.joined()
  }
}
