// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// The mean over the two most important parameters of each learner, in bins.
struct ContourPart {
  let reader: TrackerReader
  let sweep: SweepFacts

  func markup() throws -> Markup {
    let table = try ParameterTable(reader, sweep)
    var body = Markup()
    var isEmpty = true
    for learner in table.learners {
      let ranked = try ImportancePart.ranked(learner, table, reader, sweep)
      guard ranked.count > 1 else { continue }
      let branch = try BranchTrials(reader, sweep, learner: learner)
      guard let x = branch.bins(ranked[0].parameter), let y = branch.bins(ranked[1].parameter) else { continue }
      isEmpty = false
      body.element("h3", text: learner)
      var sums: [Int: (sum: Double, count: Int)] = [:]
      for index in branch.objectives.indices {
        let key = x.groups[index] * 1_000 + y.groups[index]
        sums[key, default: (0, 0)].sum += branch.objectives[index]
        sums[key, default: (0, 0)].count += 1
      }
      let cells = sums.sorted { $0.key < $1.key }.map { key, value in
        HeatChart.Cell(
          column: key / 1_000, row: key % 1_000, value: value.sum / Double(value.count), count: value.count)
      }
      let names = (ranked[0].parameter.name, ranked[1].parameter.name)
      HeatChart(
        Plot(
          label: "Mean \(sweep.metric) of \(learner) by \(names.0) and \(names.1)", xTitle: names.0, yTitle: names.1),
        columns: x.names, rows: y.names, cells: cells
      ).draw(into: &body)
    }
    if isEmpty {
      body.nothing("Too few completed trials: a learner needs ten, with two parameters that vary.")
    } else {
      body.element(
        "p", ["class": "under"],
        text: "Mean of completed trials in bins of the two most important parameters; empty where no trial was.")
    }
    return body
  }
}
