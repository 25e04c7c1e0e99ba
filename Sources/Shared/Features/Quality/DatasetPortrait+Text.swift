// SPDX-License-Identifier: Apache-2.0

import Foundation
import Shards

extension DatasetPortrait {
  private var labelName: String { isBinary ? "label 1" : "mean label" }

  private func shown(_ label: Double?) -> String {
    guard let label else { return "hidden" }
    return isBinary ? String(format: "%.1f %%", label * 100) : String(format: "%.2f", label)
  }

  /// For a terminal.
  package var text: String {
    var lines = [
      "\(name)  (\(source))", "outcome \(outcome), index time: \(indexTime)",
      "\(SmallCells.line(rowCount)) rows of \(SmallCells.line(patientCount)) patients; \(labelName): \(shown(label))",
    ]
    lines += further.map { "also \($0)" } + ["", "cohort flow"]
    lines += flow.map { "  \($0.reason): \(SmallCells.text($0.count))" }
    for group in groups {
      lines += ["", "by \(group.name)"]
      lines += group.members.map { "  \($0.name): \(SmallCells.text($0.count)) rows, \(labelName) \(shown($0.label))" }
    }
    lines += ["", "most often missing"]
    lines += byMissing.prefix(10).map { "  \(shownMissing($0))  \($0.column.label)" }
    lines += ["", "median (5, 25, 75, 95 of 100)"]
    lines += columns.prefix(400).filter { $0.quantiles[2] != nil }.map { column in
      let numbers = column.quantiles.map { $0.map { String(format: "%g", $0) } ?? "hidden" }
      return "  \(column.column.label): \(numbers[2]) (\(numbers[0]), \(numbers[1]), \(numbers[3]), \(numbers[4]))"
    }
    lines += ["", "counts and figures of fewer than \(SmallCells.countMin) rows are hidden"]
    return lines.joined(separator: "\n") + "\n"
  }

  private func percent(_ share: Double) -> String { String(format: "%.0f", share * 100) }

  /// One file, without any other: tables, and plots as SVG.
  package var html: String {
    var body = "<h1>\(escaped(name))</h1>\n<p>Outcome <b>\(escaped(outcome))</b>, index time: \(escaped(indexTime)). "
    body +=
      "Source: \(escaped(source)). \(SmallCells.line(rowCount)) rows of "
    body += "\(SmallCells.line(patientCount)) patients; \(labelName): <b>\(shown(label))</b>."
    body += "</p>\n<p class=note>No identifier is shown, nor a count or figure of fewer than "
    body += "\(SmallCells.countMin) rows; a grey bar stands for a hidden one.</p>\n"
    if !further.isEmpty {
      body += "<p>Further labels, each at the row's own index time: \(escaped(further.joined(separator: "; "))).</p>\n"
    }
    body += "<h2>Cohort flow</h2>\n" + table(["step", "count"], flow.map { [$0.reason, SmallCells.text($0.count)] })
    if let labelHistogram, !labelHistogram.histogram.isEmpty {
      body += "<h2>Labels</h2>\n" + histogram(labelHistogram)
    }
    if !groups.isEmpty { body += "<h2>Who the rows are about</h2>\n<div class=grid>\n" }
    for group in groups {
      body += "<div><h3>By \(escaped(group.name))</h3>"
      body += table(
        ["group", "rows", labelName],
        group.members.map { [$0.name, SmallCells.text($0.count), $0.count == nil ? "hidden" : shown($0.label)] })
      body += bars(group.members.map { ($0.name, $0.count.map { Double($0) / Double(rowCount) }) }) + "</div>\n"
    }
    if !groups.isEmpty { body += "</div>\n" }
    body += "<h2>When the sequences hold values</h2>\n" + steps()
    body += "<h2>Missing values</h2>\n" + missing()
    body += "<h2>Columns</h2>\n<div class=grid>\n" + columns.map(card).joined() + "</div>\n"
    return page(body)
  }

  private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }

  private func table(_ header: [String], _ rows: [[String]]) -> String {
    let head = header.map { "<th>\(escaped($0))</th>" }.joined()
    let lines = rows.map { row in
      "<tr>" + row.enumerated().map { "<td\($0 > 0 ? " class=number" : "")>\(escaped($1))</td>" }.joined() + "</tr>"
    }
    return "<table><tr>\(head)</tr>\n\(lines.joined(separator: "\n"))</table>\n"
  }

  /// Shares from 0 to 1 as horizontal bars; nil is hidden.
  private func bars(_ entries: [(name: String, share: Double?)]) -> String {
    let height = entries.count * 18
    let most = max(entries.compactMap(\.share).max() ?? 1, 1e-9)
    var svg = "<svg width=320 height=\(height) role=img aria-label=\"shares\">"
    for (index, entry) in entries.enumerated() {
      let width = entry.share.map { $0 / most * 180 } ?? 8
      svg += "<text x=0 y=\(index * 18 + 13)>\(escaped(entry.name))</text>"
      svg += "<rect x=120 y=\(index * 18 + 3) width=\(String(format: "%.1f", width)) height=12 "
      svg += "class=\(entry.share == nil ? "hidden" : "bar") />"
    }
    return svg + "</svg>\n"
  }

  private func histogram(_ column: Column) -> String {
    let most = Double(max(1, column.histogram.compactMap { $0 }.max() ?? 1))
    var svg = "<svg width=320 height=96 role=img aria-label=\"histogram\">"
    for (index, count) in column.histogram.enumerated() {
      let height = count.map { Double($0) / most * 70 } ?? 4
      svg += "<rect x=\(index * 16) y=\(String(format: "%.1f", 74 - height)) width=15 "
      svg += "height=\(String(format: "%.1f", height)) class=\(count == nil ? "hidden" : "bar") />"
    }
    svg += "<text x=0 y=90>\(String(format: "%g", column.histogramLow))</text>"
    return svg + "<text x=320 y=90 text-anchor=end>\(String(format: "%g", column.histogramHigh))</text></svg>\n"
  }

  private func steps() -> String {
    let most = max(observedByStep.max() ?? 1, 1e-9)
    var svg = "<svg width=640 height=110 role=img aria-label=\"share of cells with a value by hour\">"
    let width = 620.0 / Double(max(1, observedByStep.count))
    for (step, share) in observedByStep.enumerated() {
      let height = share / most * 80
      svg += String(
        format: "<rect x=%.1f y=%.1f width=%.1f height=%.1f class=bar />", Double(step) * width, 84 - height,
        max(1, width - 1), height)
    }
    svg += "<text x=0 y=102>first hour</text><text x=620 y=102 text-anchor=end>index time</text></svg>"
    return svg + "<p class=note>Tallest bar: \(percent(most)) % of the cells.</p>\n"
  }

  /// The order tells no hidden share: those of one kind go by name.
  private var byMissing: [Column] {
    columns.sorted { ($1.missingRank, $0.column.name) < ($0.missingRank, $1.column.name) }
  }

  private func shownMissing(_ column: Column) -> String {
    column.missingShare.map { "\(percent($0)) %" } ?? "hidden"
  }

  private func missing() -> String {
    let rows = byMissing.prefix(30).map { [$0.column.label, shownMissing($0)] }
    return table(["the 30 columns most often missing", "missing"], Array(rows))
  }

  private func card(_ column: Column) -> String {
    let items =
      column.column.items.isEmpty ? "" : " Items \(column.column.items.map(String.init).joined(separator: ", "))."
    var text = "<div><h3>\(escaped(column.column.label))</h3><p class=note><code>\(escaped(column.column.name))</code>"
    text += "\(escaped(items)) Missing: \(shownMissing(column))."
    if let median = column.quantiles[2] { text += " Median \(String(format: "%g", median))." }
    text += "</p>"
    return text + (column.histogram.isEmpty ? "" : histogram(column)) + "</div>\n"
  }

  private func page(_ body: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8"><title>\(escaped(name))</title>
    <meta name="viewport" content="width=device-width, initial-scale=1"><style>
    body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1d2733;
      background: #fff }
    h1 { font-size: 1.5rem } h2 { font-size: 1.2rem; margin-top: 2rem } h3 { font-size: .95rem; margin: .2rem 0 }
    table { border-collapse: collapse; margin: .5rem 0 } th, td { text-align: left; padding: .15rem .8rem .15rem 0;
      border-bottom: 1px solid #dde3ea } .number { text-align: right; font-variant-numeric: tabular-nums }
    .grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(21rem, 1fr)); gap: 1.2rem }
    .grid > div { min-width: 0; overflow-wrap: anywhere }
    .note { color: #566473; font-size: .85rem; margin: .2rem 0 } svg { display: block; max-width: 100% }
    svg text { font-size: 11px; fill: #566473 } .bar { fill: #2a6f97 } .hidden { fill: #c3ccd6 }
    @media (prefers-color-scheme: dark) { body { background: #14191f; color: #dfe6ee }
      th, td { border-color: #2d3742 } .bar { fill: #61a5c2 } .hidden { fill: #46525f }
      .note, svg text { color: #9fb0c0; fill: #9fb0c0 } }
    </style></head><body>
    \(body)</body></html>

    """
  }
}
