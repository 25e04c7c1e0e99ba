// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// Score against CPU time: trials that no other beats in both are the front.
struct ParetoPart {
  let reader: TrackerReader
  let sweep: SweepFacts
  let request: PageRequest

  private struct Trial {
    let number: Int
    let score: Double
    let seconds: Double
  }

  func markup() throws -> Markup {
    let trials = try reader.query(
      """
      SELECT t.number, t.objective, sum(a.cpu_ms) / 1000.0 AS seconds
      FROM trial t JOIN attempt a ON a.trial_id = t.trial_id
      WHERE t.sweep_id = :sweep AND t.state = 'completed' AND t.objective IS NOT NULL GROUP BY t.trial_id
      """, ["sweep": .integer(Int64(sweep.id))]
    ).map { row in
      Trial(number: row.int("number") ?? 0, score: row.real("objective") ?? 0, seconds: row.real("seconds") ?? 0)
    }
    var body = Markup()
    guard !trials.isEmpty else {
      body.nothing("No trial has all its folds yet.")
      return body
    }
    let front = front(trials)
    let all = trials.map { ChartPoint($0.seconds, $0.score) }
    let plot = Plot(
      label: "\(sweep.metric) against CPU seconds of \(trials.count) trials; \(front.count) are on the front",
      xTitle: "CPU seconds a trial", yTitle: sweep.metric)
    let isWide = (all.map(\.x).max() ?? 1) > 50 * max(all.map(\.x).min() ?? 1, 1e-3)
    LineChart(
      plot, lines: [LineChart.Line(front.map { ChartPoint($0.seconds, $0.score) }, style: "best", isStepped: true)],
      dots: [
        LineChart.Dots(thinned(all, to: 1_200), style: "completed"),
        LineChart.Dots(front.map { ChartPoint($0.seconds, $0.score) }, style: "best"),
      ], isLogarithmicX: isWide
    ).draw(into: &body)
    body.element("p", ["class": "under"]) { under in
      under.write("Front: ")
      for trial in thinned(front, to: 12) {
        under.element("a", ["href": sweep.link(trial: trial.number)], text: "#\(trial.number)")
        under.write(" \(Digits.fixed(trial.score, 4)) in \(Digits.duration(seconds: trial.seconds))  ")
      }
    }
    return body
  }

  /// Cheapest first; each better than all that are cheaper.
  private func front(_ trials: [Trial]) -> [Trial] {
    var best: Double?
    return trials.sorted {
      $0.seconds != $1.seconds ? $0.seconds < $1.seconds : sweep.isBetter($0.score, than: $1.score)
    }.filter { trial in
      guard best.map({ sweep.isBetter(trial.score, than: $0) }) ?? true else { return false }
      best = trial.score
      return true
    }
  }
}
