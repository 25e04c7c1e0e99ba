// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// Metrics that some trials have curves of.
struct CurveMetrics {
  struct Metric {
    let id: Int
    let name: String
    let lastStep: Int
  }

  let all: [Metric]
  private let reader: TrackerReader

  init(_ reader: TrackerReader, trials: [Int]) throws {
    self.reader = reader
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

  /// Steps at which this metric has points in these trials, thinned: the first ones whole, for some learners end there. Not
  /// multiples of a number: a metric that is looked at every tenth step from the third on has none at those. A step that one
  /// fold alone has is mostly its own end.
  private func steps(_ metric: Metric, of trials: [Int], count: Int) throws -> [Int] {
    let all = try reader.query(
      """
      SELECT c.step, count(*) AS folds FROM json_each(:ids) j JOIN result r ON r.trial_id = j.value
        JOIN curve_point c ON c.trial_id = r.trial_id AND c.fold = r.fold AND c.rung = r.rung AND c.metric_id = :metric
      GROUP BY c.step ORDER BY c.step
      """, ["ids": Self.list(thinned(trials, to: 24)), "metric": .integer(Int64(metric.id))]
    ).map { (step: $0.int("step") ?? 0, folds: $0.int("folds") ?? 0) }
    let common = all.filter { $0.folds > 1 }
    let steps = (common.isEmpty ? all : common).map(\.step)
    let whole = min(12, count / 3)
    return steps.prefix(whole) + thinned(Array(steps.dropFirst(whole)), to: count - whole)
  }

  /// Means over the folds by trial. At each step a fold counts with its newest value: one that has ended keeps its last, and one
  /// whose curve was thinned has no point at the others' steps. Without that the mean would be of other folds from step to step.
  func means(_ metric: Metric, of trials: [Int], pointCount: Int) throws -> [Int: [ChartPoint]] {
    let steps = try steps(metric, of: trials, count: pointCount)
    let arguments: [String: SQLTable.Value] = ["ids": Self.list(trials), "metric": .integer(Int64(metric.id))]
    let own = "c.trial_id = r.trial_id AND c.fold = r.fold AND c.rung = r.rung AND c.metric_id = :metric"
    var ends: [Int: [(step: Int, value: Double)]] = [:]
    try reader.query(
      """
      SELECT r.trial_id, c.step, c.value FROM json_each(:ids) j CROSS JOIN result r ON r.trial_id = j.value
        JOIN curve_point c ON \(own) AND c.step = (SELECT max(l.step) FROM curve_point l WHERE l.trial_id = r.trial_id
          AND l.fold = r.fold AND l.rung = r.rung AND l.metric_id = :metric AND l.value IS NOT NULL)
      ORDER BY r.trial_id, r.fold, r.rung
      """, arguments
    ).each { row in
      guard let id = row.int("trial_id"), let step = row.int("step"), let value = row.real("value") else { return }
      ends[id, default: []].append((step, value))
    }
    let lasts = ends.mapValues { ends in ends.map(\.step).max() ?? 0 }
    var means: [Int: [ChartPoint]] = [:]
    try reader.query(
      """
      SELECT trial_id, step, count(value) AS folds, avg(value) AS value FROM (
        SELECT r.trial_id, s.value AS step, (SELECT c.value FROM curve_point c
          WHERE \(own) AND c.step <= s.value AND c.value IS NOT NULL ORDER BY c.step DESC LIMIT 1) AS value
        FROM json_each(:ids) j CROSS JOIN result r ON r.trial_id = j.value CROSS JOIN json_each(:steps) s)
      GROUP BY trial_id, step ORDER BY trial_id, step
      """, arguments.merging(["steps": Self.list(steps)]) { $1 }
    ).each { row in
      // Before all have a first point there is no mean of all.
      guard let id = row.int("trial_id"), let step = row.int("step"), let value = row.real("value"),
        row.int("folds") == ends[id]?.count, step < lasts[id] ?? 0
      else { return }
      means[id, default: []].append(ChartPoint(Double(step), value))
    }
    for (id, ends) in ends {
      means[id, default: []].append(
        ChartPoint(Double(lasts[id] ?? 0), ends.reduce(0) { $0 + $1.value } / Double(ends.count)))
    }
    return means
  }

  static func list(_ numbers: [Int]) -> SQLTable.Value {
    .text("[" + numbers.map { "\($0)" }.joined(separator: ",") + "]")
  }
}

extension ChartPoint {
  /// Makes an axis of steps begin where training does, and says nothing of the other.
  static let atStepZero = ChartPoint(0, .nan)
}
