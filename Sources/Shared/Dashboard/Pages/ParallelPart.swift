// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// Parallel coordinates over all learners: the best trials and an even sample of the others.
struct ParallelPart {
  let reader: TrackerReader
  let sweep: SweepFacts

  private static let (bestCount, otherCount, axisCount) = (60, 240, 14)

  private struct Trial {
    let id: Int
    let number: Int
    let learner: String
    let state: String
    let objective: Double?
  }

  func markup() throws -> Markup {
    let trials = try sample()
    let table = try ParameterTable(reader, sweep)
    var body = Markup()
    guard trials.count > 1, !table.varying.isEmpty else {
      body.nothing("Nothing varies between the trials yet.")
      return body
    }
    let names = axisNames(table)
    let values = try values(trials)
    let learners = Array(Set(trials.map(\.learner))).sorted()
    let axes: [ParallelChart.Axis] =
      [.words(name: "learner", learners)]
      + names.map { axis($0, table, trials, values) }
      + [.numbers(name: sweep.metricTitle.lowercased(), isLogarithmic: false)]
    let ranked = trials.filter { $0.objective != nil }
    let shade = Scale(ranked.compactMap(\.objective), from: 0, to: 9)
    // The best are drawn last, above the others.
    let ordered = trials.sorted { left, right in
      guard let one = left.objective, let other = right.objective else {
        return left.objective == nil && right.objective != nil
      }
      return sweep.isBetter(other, than: one)
    }
    let lines = ordered.map { trial in
      let level = trial.objective.map { value in
        let place = Int(shade(value).rounded())
        return sweep.isMaximized ? place : 9 - place
      }
      return ParallelChart.Line(
        values: [.word(trial.learner)] + names.map { values[trial.id]?[$0] } + [trial.objective.map { .number($0) }],
        style: level.map { "p\($0)" } ?? known(trial.state),
        title: "#\(trial.number) \(trial.learner) \(Digits.fixed(trial.objective, 4))",
        link: sweep.link(trial: trial.number))
    }
    ParallelChart(
      label: "Parallel coordinates of \(trials.count) trials over \(names.count) parameters", axes: axes, lines: lines
    ).draw(into: &body)
    let hidden = table.varying.isEmpty ? 0 : Set(table.varying.map(\.name)).count - names.count
    body.element("p", ["class": "under"]) { under in
      under.element("output", ["data-count": "\(trials.count)"], text: "\(trials.count) trials")
      under.element(
        "small",
        text:
          " of \(Digits.count(sweep.trials)): the best \(min(Self.bestCount, sweep.completed)) and an even sample of the others"
          + (hidden > 0 ? "; \(hidden) more parameters vary" : ""))
    }
    return body
  }

  private func sample() throws -> [Trial] {
    let order = sweep.isMaximized ? "objective DESC" : "objective"
    return try reader.query(
      """
      SELECT trial_id, number, learner, state, objective FROM (
        SELECT * FROM (SELECT * FROM trial WHERE sweep_id = :sweep AND state = 'completed' AND objective IS NOT NULL
          ORDER BY \(order) LIMIT :best)
        UNION SELECT * FROM trial WHERE sweep_id = :sweep AND state <> 'running' AND number % :step = 0)
      ORDER BY number
      """,
      [
        "sweep": .integer(Int64(sweep.id)), "best": .integer(Int64(Self.bestCount)),
        "step": .integer(Int64(max(1, sweep.trials / Self.otherCount))),
      ]
    ).map { row in
      Trial(
        id: row.int("trial_id") ?? 0, number: row.int("number") ?? 0, learner: row.text("learner"),
        state: row.text("state"), objective: row.real("objective"))
    }
  }

  /// Those of more learners first, so that the axes that all have stand together.
  private func axisNames(_ table: ParameterTable) -> [String] {
    var counts: [String: Int] = [:]
    for parameter in table.varying { counts[parameter.name, default: 0] += 1 }
    var names: [String] = []
    for parameter in table.varying where !names.contains(parameter.name) { names.append(parameter.name) }
    let ordered = names.enumerated().sorted { left, right in
      let (one, other) = (counts[left.element] ?? 0, counts[right.element] ?? 0)
      return one != other ? one > other : left.offset < right.offset
    }
    return ordered.prefix(Self.axisCount).map(\.element)
  }

  private func values(_ trials: [Trial]) throws -> [Int: [String: ParallelChart.Value]] {
    var values: [Int: [String: ParallelChart.Value]] = [:]
    try reader.query(
      "SELECT p.trial_id, p.name, p.value FROM json_each(:ids) j JOIN trial_param p ON p.trial_id = j.value",
      ["ids": .text("[" + trials.map { "\($0.id)" }.joined(separator: ",") + "]")]
    ).each { row in
      guard let id = row.int("trial_id") else { return }
      let value = row.real("value").map { ParallelChart.Value.number($0) } ?? .word(row.text("value"))
      values[id, default: [:]][row.text("name")] = value
    }
    return values
  }

  private func axis(
    _ name: String, _ table: ParameterTable, _ trials: [Trial], _ values: [Int: [String: ParallelChart.Value]]
  ) -> ParallelChart.Axis {
    let parameters = table.varying.filter { $0.name == name }
    guard parameters.contains(where: \.isWords) else {
      let (low, high) = (parameters.map(\.low).min() ?? 0, parameters.map(\.high).max() ?? 1)
      return .numbers(name: name, isLogarithmic: low > 0 && high / low > 50)
    }
    let words = trials.compactMap { trial -> String? in
      if case .word(let word)? = values[trial.id]?[name] { word } else { nil }
    }
    return .words(name: name, Array(Set(words)).sorted())
  }
}
