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
