// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// One sweep. What fits on a first screen is in the page; the rest comes part by part.
struct SweepPage {
  let reader: TrackerReader
  let request: PageRequest

  func page() throws -> Page {
    let sweep = try SweepFacts.named(request.first("name"), reader)
    let name = "name=" + encoded(sweep.name)
    var body = Markup()
    body.element("h1", text: sweep.name)
    body.part(.head, name, isWide: true, content: try head(sweep))
    try body.element("div", ["class": "columns"]) { columns in
      columns.part(
        .history, name, note: "completed trials in the order they ended; pruned ones as ticks",
        content: try HistoryPart(reader: reader, sweep: sweep).markup())
      columns.part(.curves, name, note: "mean over folds")
      columns.part(
        .leaderboard, kept(name), isWide: true,
        content: try LeaderboardPart(reader: reader, sweep: sweep, request: request).markup())
      columns.part(.matrix, kept(name), note: "a cell a fold, newest trials first", isWide: true)
      columns.part(
        .parallel, name, note: "drag on an axis to keep a range; n/a: the parameter does not apply", isWide: true,
        isLive: false)
      columns.part(.importance, name, note: "by learner", isLive: false)
      columns.part(.pruning, name)
      columns.part(.pareto, name, isLive: false)
      columns.part(.contour, name, isLive: false)
      columns.part(.slices, name, isWide: true, isLive: false)
    }
    try remarks(sweep, into: &body)
    return Page(title: sweep.name, trail: [("Sweeps", "/")], body: body)
  }

  /// What the address says of the tables goes along when a part is fetched anew.
  private func kept(_ name: String) -> String {
    let keys = ["page", "board", "state", "learner"]
    return ([name] + request.items.filter { keys.contains($0.key) }.map { "\($0.key)=" + encoded($0.value) })
      .joined(separator: "&")
  }

  /// Tags, notes, and the file that the sweep was run by.
  private func remarks(_ sweep: SweepFacts, into body: inout Markup) throws {
    let arguments: [String: SQLTable.Value] = ["sweep": .integer(Int64(sweep.id))]
    let tags = try reader.query(
      "SELECT name, value FROM tag WHERE sweep_id = :sweep AND trial_id IS NULL ORDER BY name", arguments)
    let notes = try reader.query(
      "SELECT author, text, at_ms FROM note WHERE sweep_id = :sweep AND trial_id IS NULL ORDER BY note_id", arguments)
    let origin = try reader.query(
      "SELECT spec, spec_digest, seed, code_version FROM sweep WHERE sweep_id = :sweep", arguments
    ).first
    body.panel("What was asked, and what was said of it", isWide: true) { panel in
      panel.remarks(tags, notes)
      guard let origin else { return }
      panel.element("p", ["class": "digest"], text: "SHA-256 of the question: \(origin.text("spec_digest"))")
      panel.element(
        "p", ["class": "under"], text: "Seed \(origin.text("seed")), entered by muster \(origin.text("code_version")).")
      panel.element("details") { details in
        details.element("summary", text: "The sweep file, with every default")
        details.element("pre", ["tabindex": "0"], text: indented(origin.text("spec")))
      }
    }
  }

  func head(_ sweep: SweepFacts) throws -> Markup {
    let pace = try SweepPace(sweep, reader, now: request.now)
    var body = Markup()
    body.element("dl", ["class": "facts"]) { list in
      list.element("div", ["class": "fact"]) { fact in
        fact.element("dt", text: "State")
        fact.element("dd") { $0.state(sweep.state) }
      }
      list.element("div", ["class": "fact"]) { fact in
        fact.element("dt", text: "Folds done")
        fact.element("dd") { $0.progress(pace) }
      }
      list.fact(
        "Trials", Digits.count(sweep.trials),
        "\(Digits.count(sweep.completed)) completed, \(Digits.count(sweep.pruned)) pruned, "
          + "\(Digits.count(sweep.failed)) failed, \(Digits.count(sweep.running)) running")
      list.fact(
        "Best \(sweep.metric)", Digits.fixed(sweep.best, 4),
        sweep.isMaximized ? "larger is better" : "smaller is better")
      if sweep.isRunning {
        list.fact("Rate", pace.rate.map { Digits.short($0) + " folds/min" } ?? "–", "over the last ten minutes")
        list.fact("Left", Digits.duration(seconds: pace.secondsLeft), "if nothing more is pruned")
      } else {
        let took = sweep.finishedMilliseconds.map { Double($0 - sweep.createdMilliseconds) / 1_000 }
        list.fact("Took", Digits.duration(seconds: took))
      }
      list.fact("CPU time", Digits.duration(seconds: pace.cpuSeconds))
      list.fact("Data", sweep.dataset, sweep.outcome)
      list.fact("Search", sweep.sampler, "\(sweep.foldCount) folds a trial")
      list.fact("Started (UTC)", clock(sweep.createdMilliseconds))
    }
    return body
  }
}
