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
    let curves = try metrics.means(metric, of: sample.map(\.id), pointCount: 40)
    let lines = sample.compactMap { trial -> LineChart.Line? in
      guard let points = curves[trial.id], !points.isEmpty else { return nil }
      guard trial.isBest else { return LineChart.Line(points, style: known(trial.state)) }
      return LineChart.Line(points, style: "best", title: "#\(trial.number), the best")
    }
    let plot = Plot(
      label: "\(metric.name) by step of \(lines.count) trials, mean over folds", xTitle: "step", yTitle: metric.name)
    metrics.choice(metric, path: "/sweep", [("name", sweep.name)], into: &body)
    LineChart(plot, lines: lines, including: [.atStepZero]).draw(into: &body)
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

  private func legend(_ shown: [Trial], into body: inout Markup) {
    body.element("ul", ["class": "legend"]) { list in
      if shown.contains(where: \.isBest) { list.element("li", ["class": "k-best"], text: "the best") }
      for state in ["completed", "running", "pruned"] where shown.contains(where: { $0.state == state }) {
        list.element("li", ["class": "k-\(state)"], text: "\(state) (\(shown.filter { $0.state == state }.count))")
      }
    }
  }
}
