// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// What a trial came from and what it left.
extension TrialPage {
  func parameters(_ trial: Trial, into body: inout Markup) throws {
    let varying = Set(
      try ParameterTable(reader, trial.sweep).varying.filter { $0.learner == trial.learner }.map(\.name))
    let values = try reader.query(
      "SELECT key, type, atom FROM trial, json_each(params) WHERE trial_id = :trial ORDER BY key",
      ["trial": .integer(Int64(trial.id))]
    ).map { row in
      let type = row.text("type")
      return (name: row.text("key"), value: type == "true" || type == "false" ? type : row.text("atom"))
    }
    func table(_ chosen: [(name: String, value: String)], into body: inout Markup) {
      body.table("Parameters of trial \(trial.number)", [.text("Parameter"), .number("Value")]) { table in
        for (name, value) in chosen {
          table.element("tr") { line in
            line.element("th", ["scope": "row"], text: name)
            line.number(value.isEmpty ? "–" : value)
          }
        }
      }
    }
    let (vary, same) = (values.filter { varying.contains($0.name) }, values.filter { !varying.contains($0.name) })
    if vary.isEmpty {
      body.nothing("None varies between the trials of this learner.")
    } else {
      table(vary, into: &body)
    }
    guard !same.isEmpty else { return }
    body.element("details") { details in
      details.element("summary", text: "\(same.count) that do not")
      table(same, into: &details)
    }
  }

  func lineage(_ trial: Trial, into body: inout Markup) throws {
    let rows = try reader.query(
      """
      SELECT d.name AS dataset, d.digest, s.spec_digest, s.seed, s.cv_scheme, s.n_folds, s.n_repeats, s.cv_seed, s.code_version
      FROM sweep s JOIN dataset d ON d.dataset_id = s.dataset_id WHERE s.sweep_id = :sweep
      """, ["sweep": .integer(Int64(trial.sweep.id))])
    let trained = try reader.query(
      """
      SELECT w.code_version, w.machine, group_concat(DISTINCT w.host) AS hosts, count(*) AS folds
      FROM result r JOIN attempt a ON a.attempt_id = r.attempt_id JOIN worker w ON w.worker_id = a.worker_id
      WHERE r.trial_id = :trial GROUP BY w.code_version, w.machine ORDER BY folds DESC
      """, ["trial": .integer(Int64(trial.id))])
    guard let row = rows.first else { return }
    body.table("Lineage", [.text("What"), .text("Which")]) { table in
      func line(_ name: String, _ value: String, isDigest: Bool = false) {
        table.element("tr") { line in
          line.element("th", ["scope": "row"], text: name)
          line.element("td", ["class": isDigest ? "digest" : ""], text: value)
        }
      }
      line("Data set", row.text("dataset"))
      line("Its manifest", row.text("digest"), isDigest: true)
      line("Sweep's question", row.text("spec_digest"), isDigest: true)
      line(
        "Folds",
        "\(row.text("cv_scheme")), \(row.text("n_folds")) × \(row.text("n_repeats")), seed \(row.text("cv_seed"))")
      line("Seed", row.text("seed"))
      line("Coordinator", "muster " + row.text("code_version"))
      trained.each { row in
        line(
          "Trained by",
          "muster \(row.text("code_version")) on \(row.text("machine")): \(row.text("hosts")), \(row.text("folds")) folds"
        )
      }
    }
  }

  func artifacts(_ trial: Trial, into body: inout Markup) throws {
    let rows = try reader.query(
      "SELECT fold, kind, sha256, bytes FROM artifact WHERE trial_id = :trial ORDER BY fold, rung, kind LIMIT 200",
      ["trial": .integer(Int64(trial.id))])
    guard !rows.rows.isEmpty else { return body.nothing("None.") }
    body.table("Files", [.text("Fold"), .text("Kind"), .text("SHA-256"), .number("Bytes")]) { table in
      rows.each { row in
        table.element("tr") { line in
          line.cell(row.text("fold"))
          line.cell(row.text("kind"))
          line.element("td", ["class": "digest"], text: row.text("sha256"))
          line.number(Digits.count(row.int("bytes") ?? 0))
        }
      }
    }
  }

  func remarks(_ trial: Trial, into body: inout Markup) throws {
    let arguments: [String: SQLTable.Value] = ["trial": .integer(Int64(trial.id))]
    let tags = try reader.query("SELECT name, value FROM tag WHERE trial_id = :trial ORDER BY name", arguments)
    let notes = try reader.query(
      "SELECT author, text, at_ms FROM note WHERE trial_id = :trial ORDER BY note_id", arguments)
    guard !tags.rows.isEmpty || !notes.rows.isEmpty else {
      return body.nothing("None: muster tracker tag and muster tracker note write them.")
    }
    body.remarks(tags, notes)
  }
}

extension Markup {
  /// What people have said of a sweep or a trial.
  mutating func remarks(_ tags: SQLTable, _ notes: SQLTable) {
    if !tags.rows.isEmpty {
      element("ul", ["class": "tags"]) { list in
        tags.each { tag in list.element("li", text: "\(tag.text("name")) = \(tag.text("value"))") }
      }
    }
    notes.each { note in
      element("blockquote") { quote in
        quote.element("p", text: note.text("text"))
        quote.element("footer", text: "\(note.text("author")), \(clock(note.int("at_ms")))")
      }
    }
  }
}
