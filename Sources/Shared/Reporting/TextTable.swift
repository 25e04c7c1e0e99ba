// SPDX-License-Identifier: Apache-2.0

/// A table for people: columns as wide as their widest cell, numbers to the right.
package struct TextTable: Sendable {
  package enum Alignment: Sendable { case left, right }

  private let titles: [(text: String, alignment: Alignment)]
  private var rows: [[String]] = []

  package init(_ titles: [(String, Alignment)]) { self.titles = titles.map { (text: $0.0, alignment: $0.1) } }

  /// Missing cells are blank; extra ones are a programmer's mistake.
  package mutating func append(_ cells: [String]) {
    precondition(cells.count <= titles.count, "\(cells.count) cells for \(titles.count) columns")
    rows.append(cells + Array(repeating: "", count: titles.count - cells.count))
  }

  /// Lines without a blank at their end, the titles first.
  package var lines: [String] {
    let all = [titles.map(\.text)] + rows
    let widths = titles.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += (column == 0 ? "" : "  ") + (titles[column].alignment == .left ? cell + padding : padding + cell)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  /// Tab-separated, for pipes: titles lower-case, tabs and line ends in cells become blanks.
  package var tabSeparated: [String] {
    ([titles.map { $0.text.lowercased() }] + rows).map { row in
      row.map { String($0.map { "\t\n\r".contains($0) ? " " : $0 }) }.joined(separator: "\t")
    }
  }
}

/// `value` with `places` decimals, rounded half away from zero in decimal; "–" where it is not finite.
package func decimal(_ value: Double?, places: Int) -> String {
  guard let value, value.isFinite, abs(value) < 1e15 else { return "–" }
  var scale = 1.0
  for _ in 0..<places { scale *= 10 }
  let scaled = (abs(value) * scale).rounded(.toNearestOrAwayFromZero)
  guard scaled < 9e15 else { return "\(value)" }
  let whole = Int64(scaled)
  let digits = String(whole)
  let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
  let sign = value < 0 && whole != 0 ? "-" : ""
  guard places > 0 else { return sign + padded }
  return sign + padded.dropLast(places) + "." + padded.suffix(places)
}

/// A span of time for people: "0.8 s", "41 s", "12 min 05 s", "3 h 20 min".
package func duration(milliseconds: Int64) -> String {
  let seconds = milliseconds / 1_000
  switch milliseconds {
  case ..<10_000: return decimal(Double(milliseconds) / 1_000, places: 1) + " s"
  case ..<60_000: return "\(seconds) s"
  case ..<3_600_000: return "\(seconds / 60) min \(twoDigits(seconds % 60)) s"
  default: return "\(seconds / 3_600) h \(twoDigits(seconds / 60 % 60)) min"
  }
}

private func twoDigits(_ value: Int64) -> String { (value < 10 ? "0" : "") + String(value) }
