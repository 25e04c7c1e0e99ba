// SPDX-License-Identifier: Apache-2.0

import Reporting

/// Curves drawn with Braille dots, two across and four down a character.
struct CurvePlot {
  struct Point: Equatable {
    let x: Double
    let y: Double
  }

  private let curves: [[Point]]
  private let width: Int
  private let height: Int

  /// - Parameters:
  ///   - width: of the drawing, in characters, without the labels.
  ///   - height: lines, without the axis.
  init(_ curves: [[Point]], width: Int, height: Int) {
    self.curves = curves.map { $0.filter { $0.x.isFinite && $0.y.isFinite } }.filter { !$0.isEmpty }
    self.width = max(width, 2)
    self.height = max(height, 2)
  }

  var lines: [String] {
    let all = curves.joined()
    guard let low = all.map(\.y).min(), let high = all.map(\.y).max(), let first = all.map(\.x).min(),
      let last = all.map(\.x).max()
    else { return ["no point to draw"] }
    let (columns, rows) = (width * 2, height * 4)
    var dots = [UInt32](repeating: 0, count: width * height)
    func place(_ value: Double, _ low: Double, _ high: Double, _ count: Int) -> Int {
      high > low ? Int(((value - low) / (high - low) * Double(count - 1)).rounded()) : (count - 1) / 2
    }
    for curve in curves {
      let placed = curve.map { (place($0.x, first, last, columns), rows - 1 - place($0.y, low, high, rows)) }
      for (index, point) in placed.enumerated() {
        let previous = index == 0 ? point : placed[index - 1]
        for (column, row) in Self.line(from: previous, to: point) {
          dots[row / 4 * width + column / 2] |= Self.dot(column % 2, row % 4)
        }
      }
    }
    let labels = [decimal(high, places: 4), decimal(low, places: 4)]
    let margin = labels.map(\.count).max() ?? 0
    var lines: [String] = []
    for row in 0..<height {
      let label = row == 0 ? labels[0] : row == height - 1 ? labels[1] : ""
      let text = String(
        String.UnicodeScalarView(dots[(row * width)..<((row + 1) * width)].compactMap { Unicode.Scalar(0x2800 + $0) }))
      lines.append(String(repeating: " ", count: margin - label.count) + label + " ┤" + text)
    }
    let (start, end) = (decimal(first, places: 0), decimal(last, places: 0))
    let gap = max(1, width - start.count - end.count)
    lines.append(String(repeating: " ", count: margin) + " └" + String(repeating: "─", count: width))
    lines.append(String(repeating: " ", count: margin + 2) + start + String(repeating: " ", count: gap) + end)
    return lines
  }

  private static func dot(_ column: Int, _ row: Int) -> UInt32 {
    let bits: [[UInt32]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
    return bits[column][row]
  }

  private static func line(from start: (Int, Int), to end: (Int, Int)) -> [(Int, Int)] {
    let count = max(abs(end.0 - start.0), abs(end.1 - start.1), 1)
    return (0...count).map { step in
      let share = Double(step) / Double(count)
      return (
        start.0 + Int((Double(end.0 - start.0) * share).rounded()),
        start.1 + Int((Double(end.1 - start.1) * share).rounded())
      )
    }
  }
}
