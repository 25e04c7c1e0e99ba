// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// Two or more trials: what differs, and by how much over the same folds.
struct ComparePage {
  let reader: TrackerReader
  let request: PageRequest

  private struct Side {
    let name: String
    let trial: TrialPage.Trial
    /// By fold: value, training rows, held-out rows.
    let folds: [Int: (value: Double, train: Int, valid: Int)]
    let parameters: [String: String]
    /// The data and the plan of its folds.
    let origin: String
  }

  func page() throws -> Page {
    let sides = try sides()
    let metric = sides[0].trial.sweep.metric
    var body = Markup()
    body.element("h1", text: "Compare")
    try body.element("div", ["class": "columns"]) { columns in
      columns.panel("Trials", isWide: true) { heads(sides, into: &$0) }
      columns.panel("Parameters that differ") { parameters(sides, into: &$0) }
      try columns.panel("\(metric) by fold, paired") { try folds(sides, metric, into: &$0) }
      try columns.panel("Every metric", note: "mean ± standard deviation over folds") { try metrics(sides, into: &$0) }
      try columns.panel("Learning curves", note: "mean over folds") { try curves(sides, into: &$0) }
    }
    return Page(title: "Compare", trail: [("Sweeps", "/")], body: body)
  }

  private func sides() throws -> [Side] {
    var names = request.all("trial")
    if names.count == 1, request.first("with") == "best" {
      let sweep = String(names[0].prefix { $0 != "#" })
      let best = try reader.query(
        "SELECT trial FROM leaderboard WHERE sweep = :sweep ORDER BY rank, trial LIMIT 1", ["sweep": .text(sweep)])
      if let number = best.first?.int("trial") { names.append("\(sweep)#\(number)") }
    }
    var seen = Set<String>()
    names = names.filter { seen.insert($0).inserted }
    guard names.count >= 2 else {
      throw PageError.badRequest("expected two trials or more, as ?trial=demo%234&trial=demo%237, found \(names.count)")
    }
    guard names.count <= 8 else { throw PageError.badRequest("expected at most 8 trials, found \(names.count)") }
    return try names.map { try side($0) }
  }

  private func side(_ name: String) throws -> Side {
    guard let thing = TrackedThing(name), let number = thing.trial else {
      throw PageError.badRequest("expected a trial as NAME#NUMBER, found \(name)")
    }
    let asked = PageRequest(
      target: link("/trial", ["sweep": thing.sweep, "trial": "\(number)"]), now: request.now)
    let trial = try TrialPage(reader: reader, request: asked).trial()
    var folds: [Int: (value: Double, train: Int, valid: Int)] = [:]
    try reader.query(
      """
      SELECT r.fold, m.value, r.n_train, r.n_valid FROM result r JOIN metric n ON n.name = :metric
        JOIN fold_metric m ON m.trial_id = r.trial_id AND m.fold = r.fold AND m.rung = r.rung AND m.metric_id = n.metric_id
      WHERE r.trial_id = :trial AND m.value IS NOT NULL ORDER BY r.fold, r.rung
      """, ["trial": .integer(Int64(trial.id)), "metric": .text(trial.sweep.metric)]
    ).each { row in
      folds[row.int("fold") ?? 0] = (row.real("value") ?? 0, row.int("n_train") ?? 0, row.int("n_valid") ?? 0)
    }
    var parameters: [String: String] = ["learner": trial.learner]
    try reader.query(
      "SELECT name, value FROM trial_param WHERE trial_id = :trial", ["trial": .integer(Int64(trial.id))]
    ).each { row in parameters[row.text("name")] = row.real("value").map { Digits.short($0) } ?? row.text("value") }
    let origin = try reader.query(
      """
      SELECT d.digest || s.cv_scheme || s.n_folds || 'x' || s.n_repeats || s.cv_seed AS origin FROM sweep s
      JOIN dataset d ON d.dataset_id = s.dataset_id WHERE s.sweep_id = :sweep
      """, ["sweep": .integer(Int64(trial.sweep.id))])
    return Side(
      name: name, trial: trial, folds: folds, parameters: parameters, origin: origin.first?.text("origin") ?? "")
  }

  private func heads(_ sides: [Side], into body: inout Markup) {
    body.table(
      "Trials",
      [
        .text("Trial"), .text("Learner"), .text("State"), .number("Objective"), .number("95 % interval"),
        .number("Folds"),
      ]
    ) { rows in
      for side in sides {
        rows.element("tr") { row in
          row.element("th", ["scope": "row"]) {
            $0.element("a", ["href": side.trial.sweep.link(trial: side.trial.number)], text: side.name)
          }
          row.cell(side.trial.learner)
          row.element("td") { $0.state(side.trial.state) }
          row.number(Digits.fixed(side.trial.objective, 4))
          let (low, high) = (side.trial.row.real("ci_low"), side.trial.row.real("ci_high"))
          row.number(low == nil ? "–" : "[\(Digits.fixed(low, 4)), \(Digits.fixed(high, 4))]")
          row.number("\(side.folds.count)")
        }
      }
    }
  }

  private func parameters(_ sides: [Side], into body: inout Markup) {
    let names = Set(sides.flatMap(\.parameters.keys)).sorted().filter { name in
      Set(sides.map { $0.parameters[name] }).count > 1
    }
    guard !names.isEmpty else { return body.nothing("None: they are the same.") }
    // What only some learners have at all is no answer to what differs; it comes after, folded.
    let shared = names.filter { name in name == "learner" || sides.allSatisfy { $0.parameters[name] != nil } }
    parameters(shared, sides, into: &body)
    let others = names.filter { !shared.contains($0) }
    guard !others.isEmpty else { return }
    body.element("details") { details in
      details.element("summary", text: "\(others.count) that not all of their learners have")
      parameters(others, sides, into: &details)
    }
  }

  private func parameters(_ names: [String], _ sides: [Side], into body: inout Markup) {
    body.table("Parameters that differ", [.text("Parameter")] + sides.map { .number($0.name) }) { rows in
      for name in names {
        rows.element("tr") { row in
          row.element("th", ["scope": "row"], text: name)
          for side in sides { row.number(side.parameters[name] ?? "n/a") }
        }
      }
    }
  }

  private func folds(_ sides: [Side], _ metric: String, into body: inout Markup) throws {
    if let other = sides.first(where: { $0.origin != sides[0].origin || $0.trial.sweep.metric != metric }) {
      return body.nothing(
        "\(sides[0].name) and \(other.name) were not scored on the same folds by the same metric: their values cannot be paired."
      )
    }
    let all = Set(sides.flatMap(\.folds.keys)).sorted()
    body.table(
      "Values by fold",
      [.text("Fold")] + sides.map { .number($0.name) } + sides.dropFirst().map { .number("− " + $0.name) }
    ) { rows in
      for fold in all {
        rows.element("tr") { row in
          row.element("th", ["scope": "row"], text: "\(fold)")
          for side in sides { row.number(Digits.fixed(side.folds[fold]?.value, 4)) }
          for side in sides.dropFirst() {
            let pair = sides[0].folds[fold].flatMap { one in side.folds[fold].map { one.value - $0.value } }
            row.number(Digits.fixed(pair, 4))
          }
        }
      }
    }
    for side in sides.dropFirst() {
      let common = all.filter { sides[0].folds[$0] != nil && side.folds[$0] != nil }
      let differences = common.map { (sides[0].folds[$0]?.value ?? 0) - (side.folds[$0]?.value ?? 0) }
      let train = common.reduce(0) { $0 + (sides[0].folds[$1]?.train ?? 0) }
      let valid = common.reduce(0) { $0 + (sides[0].folds[$1]?.valid ?? 0) }
      let paired = PairedFolds(differences, share: Double(valid) / Double(max(train, 1)))
      body.element("p", ["class": "verdict"]) { line in
        line.element("strong", text: "\(sides[0].name) − \(side.name): ")
        guard let paired else { return line.write("too few folds in common for an interval (\(common.count)).") }
        line.write(
          "mean \(Digits.fixed(paired.mean, 4)), 95 % interval [\(Digits.fixed(paired.interval.lowerBound, 4)), "
            + "\(Digits.fixed(paired.interval.upperBound, 4))] corrected for shared training rows: ")
        line.element("strong", text: paired.isTie ? "a tie" : "a difference at 5 %")
      }
    }
  }

  private func metrics(_ sides: [Side], into body: inout Markup) throws {
    var values: [String: [Int: String]] = [:]
    for (index, side) in sides.enumerated() {
      try reader.query(
        """
        SELECT n.name, m.mean, m.sd FROM trial_metric m JOIN metric n ON n.metric_id = m.metric_id
        WHERE m.trial_id = :trial AND n.name <> :stopped
        """, ["trial": .integer(Int64(side.trial.id)), "stopped": .text(FoldEnd.metric)]
      ).each { row in
        let sd = row.real("sd").map { " ± " + Digits.fixed($0, 4) } ?? ""
        values[row.text("name"), default: [:]][index] = Digits.fixed(row.real("mean"), 4) + sd
      }
    }
    guard !values.isEmpty else { return body.nothing("None yet: they are averaged when a trial ends.") }
    body.table("Every metric", [.text("Metric")] + sides.map { .number($0.name) }) { rows in
      for (name, means) in values.sorted(by: { $0.key < $1.key }) {
        rows.element("tr") { row in
          row.element("th", ["scope": "row"], text: name)
          for index in sides.indices { row.number(means[index] ?? "–") }
        }
      }
    }
  }

  private func curves(_ sides: [Side], into body: inout Markup) throws {
    let metrics = try CurveMetrics(reader, trials: sides.map(\.trial.id))
    guard let metric = metrics.chosen(request.first("metric")) else { return body.nothing("None has a curve.") }
    metrics.choice(metric, path: "/compare", sides.map { ("trial", $0.name) }, into: &body)
    // One trial at a time: learners have steps of their own.
    let lines = try sides.enumerated().map { index, side in
      let points = try metrics.means(metric, of: [side.trial.id], pointCount: 200)[side.trial.id] ?? []
      return LineChart.Line(points, style: "fold\(index)", title: side.name)
    }
    LineChart(
      Plot(label: "\(metric.name) by step of \(sides.count) trials", xTitle: "step", yTitle: metric.name), lines: lines,
      including: [.atStepZero]
    ).draw(into: &body)
    body.element("ul", ["class": "legend"]) { list in
      for (index, side) in sides.enumerated() { list.element("li", ["class": "k-fold\(index)"], text: side.name) }
    }
  }
}
