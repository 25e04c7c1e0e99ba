// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// A row a trial, a cell a fold: its value, or where it is.
struct MatrixPart {
  let reader: TrackerReader
  let sweep: SweepFacts
  let request: PageRequest

  private static let pageSize = 40
  static let states = ["running", "completed", "pruned", "failed"]

  private struct Trial {
    let id: Int
    let number: Int
    let learner: String
    let state: String
    let objective: Double?
  }

  private struct Cell {
    var value: Double?
    var isDone = false
    /// Of a fold that a rule by step ended.
    var stoppedStep: Int?
    var state = "queued"
    var tries = 0
    var message = ""
  }

  func markup() throws -> Markup {
    let state = request.first("state").flatMap { Self.states.contains($0) ? $0 : nil }
    let all = state.map { count(of: $0) } ?? sweep.trials
    let pageCount = max(1, (all + Self.pageSize - 1) / Self.pageSize)
    let trials = try trials(state, offset: (min(request.pageNumber, pageCount) - 1) * Self.pageSize)
    let cells = try cells(trials)
    var body = Markup()
    filter(state, into: &body)
    guard !trials.isEmpty else {
      body.nothing(state.map { "No trial is \($0)." } ?? "No trial yet.")
      return body
    }
    let values = cells.values.joined().compactMap { $0.isDone ? $0.value : nil }
    let shade = Scale(values, from: 0, to: 9)
    body.table(
      "Trials and their folds",
      [.text("Trial"), .text("Learner"), .text("State")]
        + (0..<sweep.foldCount).map { .fold($0) } + [.number(sweep.metricTitle)]
    ) { rows in
      for trial in trials {
        rows.element("tr") { row in
          row.element("th", ["scope": "row"]) {
            $0.element("a", ["href": sweep.link(trial: trial.number)], text: "#\(trial.number)")
          }
          row.cell(trial.learner)
          row.element("td") { $0.state(trial.state) }
          for cell in cells[trial.id] ?? [] { draw(cell, of: trial, shade, into: &row) }
          row.number(Digits.fixed(trial.objective, 4))
        }
      }
    }
    body.pager(request, path: "/sweep", pageCount: pageCount)
    return body
  }

  private func count(of state: String) -> Int {
    switch state {
    case "running": sweep.running
    case "completed": sweep.completed
    case "pruned": sweep.pruned
    default: sweep.failed
    }
  }

  private func filter(_ chosen: String?, into body: inout Markup) {
    body.element("nav", ["class": "filter", "aria-label": "Only trials that are"]) { nav in
      for state in [nil] + Self.states.map(Optional.some) {
        let target = state.map { link("/sweep", ["name": sweep.name, "state": $0]) } ?? sweep.link
        let text = state.map { "\($0) \(Digits.count(count(of: $0)))" } ?? "all \(Digits.count(sweep.trials))"
        if state == chosen {
          nav.element("a", ["href": target, "aria-current": "true"], text: text)
        } else {
          nav.element("a", ["href": target], text: text)
        }
      }
    }
  }

  private func trials(_ state: String?, offset: Int) throws -> [Trial] {
    try reader.query(
      """
      SELECT trial_id, number, learner, state, objective FROM trial
      WHERE sweep_id = :sweep AND (:state IS NULL OR state = :state) ORDER BY number DESC LIMIT :limit OFFSET :offset
      """,
      [
        "sweep": .integer(Int64(sweep.id)), "state": state.map { .text($0) } ?? .null,
        "limit": .integer(Int64(Self.pageSize)), "offset": .integer(Int64(offset)),
      ]
    ).map { row in
      Trial(
        id: row.int("trial_id") ?? 0, number: row.int("number") ?? 0, learner: row.text("learner"),
        state: row.text("state"), objective: row.real("objective"))
    }
  }

  private func cells(_ trials: [Trial]) throws -> [Int: [Cell]] {
    var cells: [Int: [Cell]] = [:]
    for trial in trials { cells[trial.id] = Array(repeating: Cell(), count: sweep.foldCount) }
    let ids = "[" + trials.map { "\($0.id)" }.joined(separator: ",") + "]"
    let arguments: [String: SQLTable.Value] = [
      "ids": .text(ids), "metric": .text(sweep.metric), "stopped": .text(FoldEnd.metric),
    ]
    func change(_ row: SQLRow, _ body: (inout Cell) -> Void) {
      guard let trial = row.int("trial_id"), let fold = row.int("fold"), fold < sweep.foldCount else { return }
      if cells[trial] != nil { body(&cells[trial]![fold]) }
    }
    try reader.query(
      """
      SELECT trial_id, fold, state, message FROM attempt
      WHERE trial_id IN (SELECT value FROM json_each(:ids)) ORDER BY attempt_id
      """, ["ids": .text(ids)]
    ).each { row in
      change(row) { cell in
        cell.state = row.text("state")
        cell.message = row.text("message")
        cell.tries += 1
      }
    }
    try reader.query(
      """
      SELECT r.trial_id, r.fold, m.value, e.value AS stopped FROM result r LEFT JOIN metric n ON n.name = :metric
        LEFT JOIN fold_metric m ON m.trial_id = r.trial_id AND m.fold = r.fold AND m.rung = r.rung AND m.metric_id = n.metric_id
        LEFT JOIN metric s ON s.name = :stopped
        LEFT JOIN fold_metric e ON e.trial_id = r.trial_id AND e.fold = r.fold AND e.rung = r.rung AND e.metric_id = s.metric_id
      WHERE r.trial_id IN (SELECT value FROM json_each(:ids)) ORDER BY r.trial_id, r.fold, r.rung
      """, arguments
    ).each { row in
      change(row) { cell in
        cell.isDone = true
        cell.value = row.real("value")
        cell.stoppedStep = row.real("stopped").map { Int($0) }
      }
    }
    try reader.query(
      """
      SELECT trial_id, fold, reason FROM quarantine
      WHERE lifted_after IS NULL AND trial_id IN (SELECT value FROM json_each(:ids))
      """, ["ids": .text(ids)]
    ).each { row in
      change(row) { cell in
        if !cell.isDone { (cell.state, cell.message) = ("quarantined", row.text("reason")) }
      }
    }
    return cells
  }

  private func draw(_ cell: Cell, of trial: Trial, _ shade: Scale, into row: inout Markup) {
    let again = cell.tries > 1 ? ", tried \(cell.tries) times" : ""
    if cell.isDone, cell.value == nil, let step = cell.stoppedStep {
      row.element("td", ["class": "f s-pruned cut", "title": "cut at step \(step)" + again]) {
        $0.write("✂")
        $0.element("small", text: "\(step)")
      }
      return
    }
    if cell.isDone {
      let level = cell.value.map { Int(shade($0).rounded()) }
      let early = cell.stoppedStep.map { ", ended at step \($0)" } ?? ""
      row.element("td", ["class": "f " + (level.map { "q\($0)" } ?? "qx"), "title": "done" + early + again]) {
        $0.write(Digits.fixed(cell.value, 3))
        if cell.tries > 1 { $0.element("sup", text: "\(cell.tries)") }
      }
      return
    }
    let isOver = trial.state != "running"
    let state = cell.tries == 0 ? (isOver ? trial.state == "pruned" ? "pruned" : "never" : "queued") : cell.state
    row.element(
      "td",
      [
        "class": "f s-\(known(state))",
        "title": state + again + (cell.message.isEmpty ? "" : ": " + cell.message),
      ], text: Self.sign(of: state))
  }

  /// A sign a state, for those who do not see the colours.
  private static func sign(of state: String) -> String {
    switch state {
    case "running": "▶"
    case "queued": "·"
    case "pruned": "✂"
    case "lost": "lost"
    case "drained": "back"
    case "failed": "fail"
    case "crashed": "crash"
    case "quarantined": "✕"
    case "never": ""
    default: state
    }
  }
}
