// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// The objective against each parameter by itself, a small chart each.
struct SlicesPart {
  let reader: TrackerReader
  let sweep: SweepFacts

  func markup() throws -> Markup {
    let table = try ParameterTable(reader, sweep)
    var body = Markup()
    var isEmpty = true
    for learner in table.learners {
      let branch = try BranchTrials(reader, sweep, learner: learner)
      guard branch.objectives.count > 1 else { continue }
      isEmpty = false
      body.element("h3", text: learner)
      body.element("div", ["class": "small"]) { grid in
        for parameter in table.varying.filter({ $0.learner == learner }).prefix(12) {
          draw(parameter, branch, into: &grid)
        }
      }
    }
    if isEmpty { body.nothing("Too few completed trials.") }
    return body
  }

  private func draw(_ parameter: ParameterTable.Parameter, _ branch: BranchTrials, into grid: inout Markup) {
    let numbers: [Double]?
    var note = ""
    if parameter.isWords, let words = branch.words(parameter.name) {
      let names = Array(Set(words)).sorted()
      numbers = words.map { Double(names.firstIndex(of: $0) ?? 0) }
      note = ": " + names.enumerated().map { "\($0) \($1)" }.joined(separator: ", ")
    } else {
      numbers = branch.numbers(parameter.name)
    }
    guard let numbers else { return }
    let points = zip(numbers, branch.objectives).map { ChartPoint($0, $1) }
    let plot = Plot(
      width: 300, height: 200, label: "\(sweep.metric) against \(parameter.name) of \(branch.learner)",
      xTitle: parameter.name + note, yTitle: sweep.metricTitle)
    LineChart(
      plot, lines: [], dots: [LineChart.Dots(thinned(points, to: 400), style: "completed")],
      isLogarithmicX: parameter.isLogarithmic
    ).draw(into: &grid)
  }
}
