// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

func short(_ value: Double?) -> String { Digits.short(value) }

/// Importance within each learner's branch: over all trials together, a parameter that half of them lack would have none.
struct ImportancePart {
  let reader: TrackerReader
  let sweep: SweepFacts

  func markup() throws -> Markup {
    let table = try ParameterTable(reader, sweep)
    var body = Markup()
    var isEmpty = true
    for learner in table.learners {
      let ranked = try Self.ranked(learner, table, reader, sweep)
      guard !ranked.isEmpty else { continue }
      isEmpty = false
      body.element("h3", text: "\(learner), over \(ranked[0].trials) completed trials")
      BarChart(
        label: "Share of the variance of \(sweep.metric) that each parameter of \(learner) explains",
        bars: ranked.prefix(12).map { one in
          BarChart.Bar(name: one.parameter.name, value: one.importance.share, interval: one.importance.interval)
        }
      ).draw(into: &body)
    }
    guard !isEmpty else {
      body.nothing("Too few completed trials: a learner needs ten, with a parameter that varies.")
      return body
    }
    body.element(
      "p", ["class": "under"],
      text:
        "Share of the variance over completed trials that a parameter explains by itself (ω², bins of equal counts), with a bootstrap "
        + "95 % interval. What a sampler sought out is over-represented, so a share describes these trials, not the space."
    )
    return body
  }

  struct Ranked {
    let parameter: ParameterTable.Parameter
    let importance: ParameterImportance
    let trials: Int
  }

  /// Most important first.
  static func ranked(
    _ learner: String, _ table: ParameterTable, _ reader: TrackerReader, _ sweep: SweepFacts
  ) throws -> [Ranked] {
    let branch = try BranchTrials(reader, sweep, learner: learner)
    let all = table.varying.filter { $0.learner == learner }.compactMap { parameter -> Ranked? in
      guard let bins = branch.bins(parameter),
        let importance = ParameterImportance(groups: bins.groups, objectives: branch.objectives)
      else { return nil }
      return Ranked(parameter: parameter, importance: importance, trials: branch.objectives.count)
    }
    return all.sorted {
      $0.importance.share != $1.importance.share
        ? $0.importance.share > $1.importance.share : $0.parameter.name < $1.parameter.name
    }
  }
}
