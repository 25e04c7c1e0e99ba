// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// The best so far over completed trials.
struct HistoryPart {
  let reader: TrackerReader
  let sweep: SweepFacts

  func markup() throws -> Markup {
    // Pruned trials have their place among the others, but no score over all folds.
    let ended = try reader.query(
      """
      SELECT objective FROM trial WHERE sweep_id = :sweep AND state IN('completed', 'pruned')
      ORDER BY finished_ms, number
      """, ["sweep": .integer(Int64(sweep.id))]
    ).rows.map { $0[0].real }
    var body = Markup()
    guard ended.contains(where: { $0 != nil }) else {
      body.nothing("No trial has all its folds yet.")
      return body
    }
    var (best, points, steps, pruned) = (Double?.none, [ChartPoint](), [ChartPoint](), [Double]())
    for (index, objective) in ended.enumerated() {
      let x = Double(index + 1)
      guard let objective else {
        pruned.append(x)
        continue
      }
      points.append(ChartPoint(x, objective))
      if best.map({ sweep.isBetter(objective, than: $0) }) ?? true {
        best = objective
        steps.append(ChartPoint(x, objective))
      }
    }
    if let best { steps.append(ChartPoint(Double(ended.count), best)) }
    let plot = Plot(
      label: "Best \(sweep.metric) over \(points.count) completed trials: \(Digits.fixed(best, 4))",
      xTitle: "trials ended", yTitle: sweep.metric)
    LineChart(
      plot, lines: [LineChart.Line(steps, style: "best", isStepped: true)],
      dots: [LineChart.Dots(thinned(points, to: 900), style: "completed")], footTicks: thinned(pruned, to: 400)
    ).draw(into: &body)
    return body
  }
}

/// Evenly over the whole, always with the last.
func thinned<Element>(_ all: [Element], to count: Int) -> [Element] {
  guard all.count > count, count > 1 else { return all }
  return (0..<count).map { all[$0 * (all.count - 1) / (count - 1)] }
}
