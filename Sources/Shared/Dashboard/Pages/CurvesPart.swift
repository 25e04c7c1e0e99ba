// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// Learning curves of the best, the newest and the pruned trials, each the mean over its folds.
struct CurvesPart {
  let reader: TrackerReader
  let sweep: SweepFacts
  let request: PageRequest

  private static let (bestCount, newestCount, prunedCount) = (20, 100, 120)

  func markup() throws -> Markup {
    var body = Markup()
    let sample = try sample()
    let metrics = try CurveMetrics(reader, trials: sample.map(\.id))
    guard let metric = metrics.chosen(request.first("metric")) else {
      body.nothing("No learning curve yet: linear models have none, and a fold's comes with its result.")
      return body
    }
    let curves = try curves(sample.map(\.id), metric)
    let lines = sample.compactMap { trial -> LineChart.Line? in
      guard let points = curves[trial.id], !points.isEmpty else { return nil }
      guard trial.isBest else { return LineChart.Line(points, style: known(trial.state)) }
      return LineChart.Line(points, style: "best", title: "#\(trial.number), the best")
    }
    let plot = Plot(
      label: "\(metric.name) by step of \(lines.count) trials, mean over folds", xTitle: "step", yTitle: metric.name)
    metrics.choice(metric, path: "/sweep", [("name", sweep.name)], into: &body)
    LineChart(plot, lines: lines).draw(into: &body)
    legend(sample.filter { curves[$0.id] != nil }, into: &body)
    return body
  }

  private struct Trial {
    let id: Int
    let number: Int
    let state: String
    let isBest: Bool
  }

  /// Drawn in this order: pruned, others, the best.
  private func sample() throws -> [Trial] {
    let order = sweep.isMaximized ? "objective DESC" : "objective"
    let mine = "FROM trial WHERE sweep_id = :sweep AND state"
    let rows = try reader.query(
      """
      SELECT trial_id, number, state, 0 AS place FROM (SELECT * \(mine) = 'pruned' ORDER BY number DESC LIMIT \(Self.prunedCount))
      UNION ALL SELECT trial_id, number, state, 1 FROM (SELECT * \(mine) IN('completed', 'running')
        ORDER BY number DESC LIMIT \(Self.newestCount))
      UNION ALL SELECT trial_id, number, state, 2 FROM (SELECT * \(mine) = 'completed' AND objective IS NOT NULL
        ORDER BY \(order), number LIMIT \(Self.bestCount))
      ORDER BY place
      """, ["sweep": .integer(Int64(sweep.id))])
    let best = rows.map { $0 }.first { $0.int("place") == 2 }?.int("trial_id")
    var seen = Set<Int>()
    let all = rows.map { row in
      Trial(
        id: row.int("trial_id") ?? 0, number: row.int("number") ?? 0, state: row.text("state"),
        isBest: row.int("trial_id") == best)
    }
    return all.filter { !$0.isBest && seen.insert($0.id).inserted } + all.filter { $0.isBest }.prefix(1)
  }

  private func curves(_ ids: [Int], _ metric: CurveMetrics.Metric) throws -> [Int: [ChartPoint]] {
    var curves: [Int: [ChartPoint]] = [:]
    try reader.query(
      """
      SELECT c.trial_id, c.step, avg(c.value) AS value
      FROM json_each(:ids) j JOIN result r ON r.trial_id = j.value
        JOIN curve_point c ON c.trial_id = r.trial_id AND c.fold = r.fold AND c.rung = r.rung AND c.metric_id = :metric
      WHERE c.value IS NOT NULL AND (c.step % :stride = 0 OR c.step = 1)
      GROUP BY c.trial_id, c.step ORDER BY c.trial_id, c.step
      """,
      [
        "ids": .text("[" + ids.map { "\($0)" }.joined(separator: ",") + "]"), "metric": .integer(Int64(metric.id)),
        "stride": .integer(Int64(max(1, metric.lastStep / 40))),
      ]
    ).each { row in
      guard let id = row.int("trial_id"), let step = row.int("step"), let value = row.real("value") else { return }
      curves[id, default: []].append(ChartPoint(Double(step), value))
    }
    return curves
  }

  private func legend(_ shown: [Trial], into body: inout Markup) {
    body.element("ul", ["class": "legend"]) { list in
      list.element("li", ["class": "k-best"], text: "the best")
      for state in ["completed", "running", "pruned"] where shown.contains(where: { $0.state == state }) {
        list.element("li", ["class": "k-\(state)"], text: "\(state) (\(shown.filter { $0.state == state }.count))")
      }
    }
  }
}

/// Metrics that some trials have curves of.
struct CurveMetrics {
  struct Metric {
    let id: Int
    let name: String
    let lastStep: Int
  }

  let all: [Metric]

  init(_ reader: TrackerReader, trials: [Int]) throws {
    all = try reader.query(
      """
      SELECT n.metric_id, n.name, max(last) AS last FROM metric n JOIN (
        SELECT c.metric_id, max(c.step) AS last FROM json_each(:ids) j JOIN curve_point c ON c.trial_id = j.value
        GROUP BY c.metric_id) x ON x.metric_id = n.metric_id GROUP BY n.metric_id ORDER BY n.name
      """, ["ids": .text("[" + thinned(trials, to: 24).map { "\($0)" }.joined(separator: ",") + "]")]
    ).map { Metric(id: $0.int("metric_id") ?? 0, name: $0.text("name"), lastStep: $0.int("last") ?? 1) }
  }

  /// The one asked for; else the first that is not about training rows.
  func chosen(_ name: String?) -> Metric? {
    all.first { $0.name == name } ?? all.first { !$0.name.hasPrefix("train/") } ?? all.first
  }

  func choice(_ chosen: Metric, path: String, _ items: [(String, String)], into body: inout Markup) {
    guard all.count > 1 else { return }
    body.element("form", ["action": path, "method": "get", "class": "choice", "data-choice": "part"]) { form in
      for (key, value) in items { form.void("input", ["type": "hidden", "name": encoded(key), "value": value]) }
      form.element("label") { label in
        label.write("Metric ")
        label.element("select", ["name": "metric"]) { select in
          for metric in all {
            if metric.id == chosen.id {
              select.element("option", ["selected": ""], text: metric.name)
            } else {
              select.element("option", text: metric.name)
            }
          }
        }
      }
      form.element("button", ["type": "submit"], text: "Show")
    }
  }
}
