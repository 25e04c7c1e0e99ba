// SPDX-License-Identifier: Apache-2.0

import Shards

extension PreparationReport {
  /// For a terminal.
  package var text: String {
    var lines = ["source: \(source)", "", "tables"]
    lines += aligned(
      tables.map { table in
        table.file == nil
          ? [table.table, "missing", ""]
          : [table.table, "\(shown(table.rowCount)) rows", "\(shown(table.usedCount)) used"]
      })
    lines += ["", "values by channel (kept, moved to the end of the valid range, dropped as impossible)"]
    lines += aligned(channels.map(row))
    lines += ["", "values by laboratory test"]
    lines += aligned(labs.map(row))
    lines.append("  rows marked as errors and dropped: \(shown(errorRowCount))")
    for outcome in outcomes { lines += ["", outcome.outcome] + described(outcome) }
    if !warnings.isEmpty { lines += [""] + warnings.map { "warning: \($0)" } }
    return lines.joined(separator: "\n") + "\n"
  }

  private func row(_ channel: Channel) -> [String] {
    let values = channel.values
    return [channel.name, channel.unit, shown(values.kept), shown(values.clamped), shown(values.dropped)]
  }

  private func shown(_ count: Int) -> String { SmallCells.text(SmallCells.shown(count)) }

  private func described(_ outcome: OutcomeReport) -> [String] {
    var lines = aligned(outcome.flow.map { [$0.reason, SmallCells.text($0.count)] })
    var summary =
      "\(shown(outcome.rowCount)) rows of \(shown(outcome.patientCount)) patients, \(outcome.columnCount) columns"
    if let positives = outcome.positiveCount {
      let permille = (positives * 1_000 + outcome.rowCount / 2) / outcome.rowCount
      summary += ", \(positives) positive (\(permille / 10).\(permille % 10) %)"
    }
    if outcome.isPositiveCountHidden { summary += ", positives not shown (fewer than 11 in a cell)" }
    if let mean = outcome.labelMean { summary += ", mean label \((mean * 100).rounded() / 100)" }
    lines.append("  index time: \(outcome.indexTime)")
    lines.append("  " + summary)
    lines += outcome.further.map { "  also: " + $0.text }
    lines.append("  written to \(outcome.directory) in \(outcome.fileCount) shards")
    return lines
  }

  /// Two blanks in front; texts to the left in the first column, the others to the right.
  private func aligned(_ rows: [[String]]) -> [String] {
    let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell -> String in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + padding : padding + cell
      }
      return "  " + cells.joined(separator: "  ")
    }
  }
}
