// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// One trial: its folds side by side, its curves, what happened to it, and what it came from.
struct TrialPage {
  let reader: TrackerReader
  let request: PageRequest

  struct Trial {
    let sweep: SweepFacts
    let id: Int
    let number: Int
    let learner: String
    let state: String
    let objective: Double?
    let row: SQLRow
  }

  func trial() throws -> Trial {
    let sweep = try SweepFacts.named(request.first("sweep"), reader)
    guard let number = request.first("trial").flatMap(Int.init) else {
      throw PageError.badRequest("expected ?sweep=NAME&trial=NUMBER, found no number")
    }
    let found = try reader.query(
      "SELECT * FROM trial WHERE sweep_id = :sweep AND number = :number",
      ["sweep": .integer(Int64(sweep.id)), "number": .integer(Int64(number))])
    guard let row = found.first else { throw PageError.notFound("no trial \(sweep.name)#\(number)") }
    return Trial(
      sweep: sweep, id: row.int("trial_id") ?? 0, number: number, learner: row.text("learner"),
      state: row.text("state"), objective: row.real("objective"), row: row)
  }

  func page() throws -> Page {
    let trial = try trial()
    let stories = try TrialStory(reader, trial)
    var body = Markup()
    body.element("h1", text: "\(trial.sweep.name) #\(trial.number)")
    head(trial, into: &body)
    let address = "sweep=" + encoded(trial.sweep.name) + "&trial=\(trial.number)"
    try body.element("div", ["class": "columns"]) { columns in
      try columns.panel("Folds side by side", isWide: true) { try folds(trial, stories, into: &$0) }
      columns.part(
        .scores, address, isWide: true, isLive: trial.state == "running",
        content: try ScoresPart(reader: reader, trial: trial).markup())
      columns.part(.trialCurves, address, content: try curves())
      columns.panel("Attempts and their story") { stories.draw(into: &$0) }
      try columns.panel("Parameters", note: "that vary in this sweep") { try parameters(trial, into: &$0) }
      try columns.panel("Lineage") { try lineage(trial, into: &$0) }
      try columns.panel("Files", note: "named by their SHA-256") { try artifacts(trial, into: &$0) }
      try columns.panel("Tags and notes") { try remarks(trial, into: &$0) }
    }
    return Page(
      title: "#\(trial.number)", trail: [("Sweeps", "/"), (trial.sweep.name, trial.sweep.link)], body: body)
  }

  private func head(_ trial: Trial, into body: inout Markup) {
    let (row, sweep) = (trial.row, trial.sweep)
    body.element("dl", ["class": "facts"]) { list in
      list.element("div", ["class": "fact"]) { fact in
        fact.element("dt", text: "State")
        fact.element("dd") { $0.state(trial.state) }
      }
      list.fact("Learner", trial.learner)
      let interval =
        row.real("ci_low").map { "[\(Digits.fixed($0, 4)), \(Digits.fixed(row.real("ci_high"), 4))] at 95 %" }
      list.fact(sweep.metric, Digits.fixed(trial.objective, 4), interval)
      if let sd = row.real("objective_sd") { list.fact("Over folds", "± \(Digits.fixed(sd, 4))", "standard deviation") }
      list.fact(
        "Folds", "\(row.int("folds_done") ?? 0) of \(sweep.foldCount)",
        trial.state == "running" ? "counted at its end" : nil)
      list.fact("Entered (UTC)", clock(row.int("created_ms")))
      let ended = row.int("finished_ms")
      list.fact(
        "Took", Digits.duration(seconds: ended.map { Double($0 - (row.int("created_ms") ?? $0)) / 1_000 }))
    }
    if let reason = row.string("reason") {
      body.element("p", ["class": "verdict"]) { line in
        line.element("strong", text: "Why: ")
        line.write(reason)
      }
    }
    body.element("p", ["class": "under"]) { under in
      if trial.number > 0 {
        under.element(
          "a", ["href": sweep.link(trial: trial.number - 1), "rel": "prev"], text: "‹ #\(trial.number - 1)")
      }
      under.element(
        "a", ["href": link("/compare", ["trial": "\(sweep.name)#\(trial.number)", "with": "best"])],
        text: "Compare with the best")
      if trial.number + 1 < sweep.trials {
        under.element(
          "a", ["href": sweep.link(trial: trial.number + 1), "rel": "next"], text: "#\(trial.number + 1) ›")
      }
    }
  }

  /// A row a fold, a column a metric: the objective's first.
  private func folds(_ trial: Trial, _ stories: TrialStory, into body: inout Markup) throws {
    let values = try reader.query(
      """
      SELECT r.fold, r.rung, n.name, m.value, r.best_step, r.n_train, r.n_valid FROM result r
        JOIN fold_metric m ON m.trial_id = r.trial_id AND m.fold = r.fold AND m.rung = r.rung
        JOIN metric n ON n.metric_id = m.metric_id
      WHERE r.trial_id = :trial ORDER BY r.fold, r.rung, n.name
      """, ["trial": .integer(Int64(trial.id))])
    var metrics: [String] = []
    var byFold: [Int: (values: [String: Double?], row: SQLRow)] = [:]
    values.each { row in
      guard let fold = row.int("fold") else { return }
      if !metrics.contains(row.text("name")) { metrics.append(row.text("name")) }
      byFold[fold, default: ([:], row)].values[row.text("name")] = row.real("value")
    }
    metrics =
      metrics.filter { $0 == trial.sweep.metric }
      + metrics.filter { $0 != trial.sweep.metric && $0 != FoldEnd.metric }
    body.table(
      "Folds of trial \(trial.number)",
      [.text("Fold"), .text("State")] + metrics.map { .number($0) }
        + [
          .number("Best step"), .number("Training rows"), .number("Held-out rows"), .number("CPU"), .number("Memory"),
          .text("Worker"),
        ]
    ) { rows in
      for fold in 0..<trial.sweep.foldCount {
        let found = byFold[fold]
        let last = stories.last(fold)
        rows.element("tr") { row in
          row.element("th", ["scope": "row"], text: "\(fold)")
          row.element("td") { cell in
            guard let found else {
              return cell.state(last?.state ?? (trial.state == "running" ? "queued" : "never run"))
            }
            cell.foldState(
              hasScore: found.values[trial.sweep.metric] != nil, stoppedStep: found.values[FoldEnd.metric] ?? nil)
          }
          for metric in metrics { row.number(Digits.fixed(found?.values[metric] ?? nil, 4)) }
          row.number(found?.row.int("best_step").map { "\($0)" } ?? "–")
          row.number(rowCount(found?.row.int("n_train")))
          row.number(rowCount(found?.row.int("n_valid")))
          row.number(Digits.duration(seconds: last?.cpuSeconds))
          row.number(last?.memoryMiB.map { "\(Int($0)) MiB" } ?? "–")
          row.cell(last.map { $0.worker } ?? "–")
        }
      }
      summary(metrics, byFold.mapValues(\.values), into: &rows)
    }
  }

  private func summary(_ metrics: [String], _ values: [Int: [String: Double?]], into rows: inout Markup) {
    guard values.count > 1 else { return }
    rows.element("tr", ["class": "sum"]) { row in
      row.element("th", ["scope": "row"], text: "mean ± sd")
      row.cell("")
      for metric in metrics {
        let all = values.sorted { $0.key < $1.key }.compactMap { $0.value[metric] ?? nil }
        let mean = all.reduce(0, +) / Double(max(all.count, 1))
        let squares = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let sd = all.count > 1 ? (squares / Double(all.count - 1)).squareRoot() : nil
        row.element("td", ["class": "n"]) { cell in
          cell.write(Digits.fixed(all.isEmpty ? nil : mean, 4))
          if let sd { cell.element("small", text: "± \(Digits.fixed(sd, 4))") }
        }
      }
      for _ in 0..<6 { row.cell("") }
    }
  }

  func curves() throws -> Markup {
    let trial = try trial()
    var body = Markup()
    let metrics = try CurveMetrics(reader, trials: [trial.id])
    guard let metric = metrics.chosen(request.first("metric")) else {
      body.nothing("No learning curve: linear models have none, and a fold's comes with its result.")
      return body
    }
    var curves: [Int: [ChartPoint]] = [:]
    try reader.query(
      """
      SELECT fold, step, value FROM curve_point WHERE trial_id = :trial AND metric_id = :metric AND value IS NOT NULL
      ORDER BY fold, rung, step
      """, ["trial": .integer(Int64(trial.id)), "metric": .integer(Int64(metric.id))]
    ).each { row in
      guard let fold = row.int("fold"), let step = row.int("step"), let value = row.real("value") else { return }
      curves[fold, default: []].append(ChartPoint(Double(step), value))
    }
    curves = curves.mapValues { thinned($0, to: 200) }
    let folds = curves.keys.sorted()
    metrics.choice(
      metric, path: "/trial", [("sweep", trial.sweep.name), ("trial", "\(trial.number)")], into: &body)
    LineChart(
      Plot(
        label: "\(metric.name) by step, a line for each of \(folds.count) folds", xTitle: "step", yTitle: metric.name),
      lines: folds.map { LineChart.Line(curves[$0] ?? [], style: "fold\($0 % 8)", title: "fold \($0)") },
      including: [.atStepZero]
    ).draw(into: &body)
    body.element("ul", ["class": "legend"]) { list in
      for fold in folds.prefix(10) { list.element("li", ["class": "k-fold\(fold % 8)"], text: "fold \(fold)") }
    }
    return body
  }
}
