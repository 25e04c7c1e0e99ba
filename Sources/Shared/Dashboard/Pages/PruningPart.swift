// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// What pruned trials cost, against what a completed one of their learner costs.
struct PruningPart {
  let reader: TrackerReader
  let sweep: SweepFacts

  func markup() throws -> Markup {
    let rows = try reader.query(
      """
      WITH cost AS (
        SELECT t.trial_id, t.learner, t.state, sum(a.cpu_ms) / 1000.0 AS seconds
        FROM trial t JOIN attempt a ON a.trial_id = t.trial_id WHERE t.sweep_id = :sweep GROUP BY t.trial_id)
      SELECT learner, sum(state = 'pruned') AS pruned, sum(state = 'completed') AS completed,
        sum(iif(state = 'pruned', seconds, 0)) AS spent, avg(iif(state = 'completed', seconds, NULL)) AS whole
      FROM cost GROUP BY learner ORDER BY learner
      """, ["sweep": .integer(Int64(sweep.id))])
    var body = Markup()
    guard rows.map({ $0.int("pruned") ?? 0 }).contains(where: { $0 > 0 }) else {
      body.nothing("No trial was pruned.")
      return body
    }
    var total = 0.0
    body.table(
      "What pruning saved by learner",
      [
        .text("Learner"), .number("Pruned"), .number("Completed"), .number("Spent on pruned"),
        .number("A whole trial"), .number("Saved"),
      ]
    ) { table in
      rows.each { row in
        let pruned = row.int("pruned") ?? 0
        let saved = row.real("whole").map { $0 * Double(pruned) - (row.real("spent") ?? 0) }
        total += saved ?? 0
        table.element("tr") { line in
          line.element("th", ["scope": "row"], text: row.text("learner"))
          line.number(Digits.count(pruned))
          line.number(Digits.count(row.int("completed") ?? 0))
          line.number(Digits.duration(seconds: row.real("spent")))
          line.number(Digits.duration(seconds: row.real("whole")))
          line.number(Digits.duration(seconds: saved.map { max($0, 0) }))
        }
      }
    }
    body.element(
      "p", ["class": "under"],
      text:
        "CPU time saved: about \(Digits.duration(seconds: max(total, 0))), were a pruned trial to cost what a completed one does."
    )
    return body
  }
}
