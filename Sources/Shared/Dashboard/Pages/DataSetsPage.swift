// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// Data sets by the hash of their manifest, and the sweeps that used them.
struct DataSetsPage {
  let reader: TrackerReader
  let request: PageRequest

  func page() throws -> Page {
    var body = Markup()
    body.element("h1", text: "Data sets")
    let sets = try reader.query("SELECT * FROM dataset ORDER BY created_ms DESC, dataset_id DESC LIMIT 200")
    if sets.rows.isEmpty { body.nothing("No sweep has entered one yet.") }
    try sets.each { row in
      let sweeps = try reader.query(
        "SELECT name, state, code_version, created_ms FROM sweep WHERE dataset_id = :id ORDER BY sweep_id DESC LIMIT 200",
        ["id": .integer(Int64(row.int("dataset_id") ?? 0))])
      try body.panel(row.text("name"), note: row.text("source"), isWide: true) { panel in
        panel.element("dl", ["class": "facts"]) { list in
          list.fact("Outcome", row.text("outcome"))
          list.fact("Rows", rowCount(row.int("n_rows")))
          list.fact("Patients", rowCount(row.int("n_patients")))
          list.fact("Columns", Digits.count(row.int("n_columns") ?? 0))
          list.fact(
            "Positive", row.real("prevalence").map { Digits.fixed($0 * 100, 1) + " %" } ?? "–",
            row.real("prevalence") == nil ? "a real label, or too few to show" : nil)
          list.fact("Entered (UTC)", clock(row.int("created_ms")))
        }
        panel.element("p", ["class": "digest"], text: "SHA-256 of its manifest: " + row.text("digest"))
        panel.element(
          "p", ["class": "under"],
          text: "In " + row.text("path") + ": muster data describe shows groups, missing values and distributions."
        )
        try flow(row.int("dataset_id") ?? 0, into: &panel)
        try columns(row.int("dataset_id") ?? 0, into: &panel)
        used(by: sweeps, into: &panel)
      }
    }
    return Page(title: "Data sets", trail: [], body: body)
  }

  /// Who was left out, and why; few are never told.
  private func flow(_ dataset: Int, into panel: inout Markup) throws {
    guard reader.schemaVersion >= 7 else { return }
    let steps = try reader.query(
      "SELECT reason, n FROM dataset_flow WHERE dataset_id = :id ORDER BY step", ["id": .integer(Int64(dataset))])
    guard !steps.rows.isEmpty else { return }
    panel.element("h3", text: "Cohort flow")
    panel.table("Cohort flow", [.text("Step"), .number("Rows")]) { table in
      for (index, values) in steps.rows.enumerated() {
        let isEnd = index == 0 || index == steps.rows.count - 1
        table.element("tr", ["class": isEnd ? "sum" : ""]) { line in
          line.element("th", ["scope": "row", "class": "words"], text: values[0].text)
          line.number(values[1].integer.map { Digits.count($0) } ?? "hidden")
        }
      }
    }
  }

  /// What a model sees, by where it comes from.
  private func columns(_ dataset: Int, into panel: inout Markup) throws {
    guard reader.schemaVersion >= 7 else { return }
    for (part, title) in [("tabular", "Columns"), ("sequence", "Channels of the sequences")] {
      let columns = try reader.query(
        """
        SELECT name, item, unit, time_window, statistic FROM dataset_column WHERE dataset_id = :id AND part = :part
        ORDER BY position LIMIT 2000
        """, ["id": .integer(Int64(dataset)), "part": .text(part)])
      guard !columns.rows.isEmpty else { continue }
      panel.element("details") { box in
        box.element("summary", text: "\(title): \(Digits.count(columns.rows.count))")
        box.table(
          title, [.text("Name"), .text("Item"), .text("Unit"), .text("Window"), .text("Statistic")]
        ) { table in
          columns.each { row in
            table.element("tr") { line in
              line.element("th", ["scope": "row"], text: row.text("name"))
              for name in ["item", "unit", "time_window", "statistic"] { line.cell(row.text(name)) }
            }
          }
        }
      }
    }
  }

  private func used(by sweeps: SQLTable, into panel: inout Markup) {
    panel.table("Sweeps that used it", [.text("Sweep"), .text("State"), .text("Version"), .text("Started (UTC)")]) {
      table in
      sweeps.each { row in
        table.element("tr") { line in
          line.element("th", ["scope": "row"]) {
            $0.element("a", ["href": link("/sweep", ["name": row.text("name")])], text: row.text("name"))
          }
          line.element("td") { $0.state(row.text("state")) }
          line.cell(row.text("code_version"))
          line.cell(clock(row.int("created_ms")))
        }
      }
    }
  }
}
