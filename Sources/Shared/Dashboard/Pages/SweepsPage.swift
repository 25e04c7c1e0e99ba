// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// Every sweep of the tracker: state, progress, best, rate, time left, cost so far.
struct SweepsPage {
  let reader: TrackerReader
  let request: PageRequest

  func page() throws -> Page {
    var body = Markup()
    body.element("h1", text: "Sweeps")
    body.part(.sweeps, "", isWide: true, content: try list())
    return Page(title: "Sweeps", trail: [], body: body)
  }

  func list() throws -> Markup {
    let sweeps = try SweepFacts.all(reader)
    var body = Markup()
    guard !sweeps.isEmpty else {
      body.nothing("No sweep yet: muster sweep run FILE enters one.")
      return body
    }
    try body.table(
      "Sweeps",
      [
        .text("Sweep"), .text("State"), .text("Outcome"), .text("Folds done"), .number("Trials"), .number("Pruned"),
        .number("Failed"), .text("Metric"), .number("Best"), .number("Rate"), .text("Left"), .number("CPU time"),
        .text("Started (UTC)"),
      ]
    ) { rows in
      for sweep in sweeps {
        let pace = try SweepPace(sweep, reader, now: request.now)
        rows.element("tr") { row in
          row.element("th", ["scope": "row"]) { $0.element("a", ["href": sweep.link], text: sweep.name) }
          row.element("td") { $0.state(sweep.state) }
          row.cell(sweep.outcome)
          row.element("td") { $0.progress(pace) }
          row.number(Digits.count(sweep.trials))
          row.number(Digits.count(sweep.pruned))
          row.number(Digits.count(sweep.failed))
          row.cell(sweep.metric)
          row.number(Digits.fixed(sweep.best, 4))
          row.number(pace.rate.map { Digits.short($0) + " folds/min" } ?? "–")
          row.cell(sweep.isRunning ? Digits.duration(seconds: pace.secondsLeft) : "–")
          row.number(Digits.duration(seconds: pace.cpuSeconds))
          row.cell(clock(sweep.createdMilliseconds))
        }
      }
    }
    return body
  }
}

extension Markup {
  mutating func progress(_ pace: SweepPace) {
    let total = max(pace.total ?? pace.done, 1)
    element(
      "progress", ["max": "\(total)", "value": "\(min(pace.done, total))", "aria-label": "Folds done"],
      text: "\(pace.done)")
    element("small", text: "\(Digits.count(pace.done)) of \(Digits.count(total))")
  }
}
