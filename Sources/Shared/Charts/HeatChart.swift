// SPDX-License-Identifier: Apache-2.0

/// A mean over two parameters in bins: what a contour shows, without drawing what lies between the points.
package struct HeatChart: Sendable {
  package struct Cell: Sendable {
    let column: Int
    let row: Int
    let value: Double
    let count: Int

    package init(column: Int, row: Int, value: Double, count: Int) {
      (self.column, self.row, self.value, self.count) = (column, row, value, count)
    }
  }

  private let plot: Plot
  private let columns: [String]
  private let rows: [String]
  private let cells: [Cell]

  /// - Parameters: `columns` and `rows` are named from the left and from the foot.
  package init(_ plot: Plot, columns: [String], rows: [String], cells: [Cell]) {
    (self.plot, self.columns, self.rows, self.cells) = (plot, columns, rows, cells)
  }

  package func draw(into page: inout Markup) {
    let width = (plot.width - Plot.left - Plot.right) / Double(max(columns.count, 1))
    let height = (plot.height - Plot.top - Plot.bottom) / Double(max(rows.count, 1))
    let values = cells.map(\.value)
    let shade = Scale(values, from: 0, to: 9)
    plot.picture(into: &page) { page in
      for cell in cells {
        let (x, y) = (
          Plot.left + Double(cell.column) * width, plot.height - Plot.bottom - Double(cell.row + 1) * height
        )
        page.element(
          "rect",
          [
            "class": "q\(Int(shade(cell.value).rounded()))", "x": Digits.coordinate(x), "y": Digits.coordinate(y),
            "width": Digits.coordinate(width - 1), "height": Digits.coordinate(height - 1),
          ]
        ) {
          $0.element(
            "title",
            text: "\(columns[cell.column]), \(rows[cell.row]): \(Digits.short(cell.value)) over \(cell.count) trials")
        }
      }
      for (index, name) in columns.enumerated() where columns.count <= 8 || index.isMultiple(of: 2) {
        page.element(
          "text",
          [
            "class": "tick", "x": Digits.coordinate(Plot.left + (Double(index) + 0.5) * width),
            "y": Digits.coordinate(plot.height - Plot.bottom + 14), "text-anchor": "middle",
          ], text: name)
      }
      for (index, name) in rows.enumerated() {
        page.element(
          "text",
          [
            "class": "tick", "x": Digits.coordinate(Plot.left - 6),
            "y": Digits.coordinate(plot.height - Plot.bottom - (Double(index) + 0.5) * height), "dy": ".35em",
            "text-anchor": "end",
          ], text: name)
      }
      page.element("text", ["class": "title", "x": Digits.coordinate(Plot.left), "y": "11"], text: plot.yTitle)
      page.element(
        "text",
        [
          "class": "title", "x": Digits.coordinate(plot.width - Plot.right), "y": Digits.coordinate(plot.height - 4),
          "text-anchor": "end",
        ], text: plot.xTitle)
    }
  }
}
