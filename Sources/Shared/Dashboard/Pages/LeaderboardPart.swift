// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// Completed trials, best first; what the folds cannot tell from the best is said to be a tie.
struct LeaderboardPart {
  let reader: TrackerReader
  let sweep: SweepFacts
  let request: PageRequest

  private static let pageSize = 20

  private struct Entry {
    let id: Int
    let rank: Int
    let number: Int
    let learner: String
    let objective: Double?
    let sd: Double?
    let low: Double?
    let high: Double?
    let folds: Int
    let cpuSeconds: Double?
  }

  func markup() throws -> Markup {
    let parameters = try ParameterTable(reader, sweep)
    let learner = request.first("learner").flatMap { parameters.allLearners.contains($0) ? $0 : nil }
    let pageCount = max(1, (try count(learner) + Self.pageSize - 1) / Self.pageSize)
    let page = min(max(request.first("board").flatMap(Int.init) ?? 1, 1), pageCount)
    let entries = try entries(of: learner, from: (page - 1) * Self.pageSize)
    var body = Markup()
    filter(learner, of: parameters.allLearners, into: &body)
    guard !entries.isEmpty else {
      body.nothing("No trial has all its folds yet.")
      return body
    }
    let ties = try ties(entries)
    let others = try BoardMetrics(reader, sweep, trials: entries.map(\.id))
    let words = try parameters.words(of: entries.map(\.id))
    body.element("form", ["action": "/compare", "method": "get", "class": "board"]) { form in
      form.table(
        "Leaderboard",
        [
          .text("Compare"), .text("Rank"), .number("Trial"), .text("Learner"), .number(sweep.metricTitle),
          .number("95 % interval"), .number("SD"),
        ] + others.titles.map { .number($0) } + [.number("Folds"), .number("CPU time"), .text("Parameters")]
      ) { rows in
        for entry in entries {
          draw(
            entry, isTie: ties.contains(entry.number), others.values(of: entry.id), words[entry.id] ?? "", into: &rows)
        }
      }
      form.element("div", ["class": "under"]) { under in
        under.element("button", ["type": "submit"], text: "Compare the chosen")
        under.element("small") { note in
          note.write(
            "Interval: Nadeau and Bengio's, corrected for the training rows that folds share. “=”: not distinguishable from "
              + "the best over the same folds at 5 %, not corrected for many looks.")
        }
      }
    }
    pager(page, of: pageCount, learner, into: &body)
    return body
  }

  private func count(_ learner: String?) throws -> Int {
    guard let learner else { return sweep.completed }
    return try reader.query(
      "SELECT count(*) AS n FROM trial WHERE sweep_id = :sweep AND state = 'completed' AND learner = :learner",
      ["sweep": .integer(Int64(sweep.id)), "learner": .text(learner)]
    ).first?.int("n") ?? 0
  }

  private func filter(_ chosen: String?, of learners: [String], into body: inout Markup) {
    let sql = "SELECT * FROM leaderboard WHERE sweep = '\(sweep.name.replacing("'", with: "''"))' ORDER BY rank, trial"
    body.element("nav", ["class": "filter", "aria-label": "Only trials of"]) { nav in
      for learner in learners.count > 1 ? [nil] + learners.map(Optional.some) : [] {
        let target = learner.map { link("/sweep", ["name": sweep.name, "learner": $0]) } ?? sweep.link
        if learner == chosen {
          nav.element("a", ["href": target, "aria-current": "true"], text: learner ?? "all learners")
        } else {
          nav.element("a", ["href": target], text: learner ?? "all learners")
        }
      }
      nav.element("a", ["href": link("/sql.csv", ["q": sql]), "download": "leaderboard.csv"], text: "CSV")
    }
  }

  private func draw(_ entry: Entry, isTie: Bool, _ others: [String], _ words: String, into rows: inout Markup) {
    rows.element("tr") { row in
      row.element("td") {
        $0.void(
          "input",
          [
            "type": "checkbox", "name": "trial", "value": "\(sweep.name)#\(entry.number)",
            "aria-label": "Compare trial \(entry.number)",
          ])
      }
      row.cell(entry.objective == nil ? "–" : "\(entry.rank)" + (isTie ? " =" : ""))
      row.element("th", ["scope": "row", "class": "n"]) {
        $0.element("a", ["href": sweep.link(trial: entry.number)], text: "#\(entry.number)")
      }
      row.cell(entry.learner)
      row.number(Digits.fixed(entry.objective, 4))
      row.number(entry.low == nil ? "–" : "[\(Digits.fixed(entry.low, 4)), \(Digits.fixed(entry.high, 4))]")
      row.number(Digits.fixed(entry.sd, 4))
      for other in others { row.number(other) }
      row.number("\(entry.folds)/\(sweep.foldCount)")
      row.number(Digits.duration(seconds: entry.cpuSeconds))
      row.element("td", ["class": "words"], text: words)
    }
  }

  private func entries(of learner: String?, from offset: Int) throws -> [Entry] {
    // The page first, by the index; costs for these rows alone.
    let order = sweep.isMaximized ? "objective DESC" : "objective"
    let page = try reader.query(
      """
      SELECT t.trial_id, t.number, t.learner, t.objective, t.objective_sd, t.ci_low, t.ci_high, t.folds_done,
        (SELECT sum(a.cpu_ms) / 1000.0 FROM attempt a WHERE a.trial_id = t.trial_id) AS cpu
      FROM (SELECT * FROM trial WHERE sweep_id = :sweep AND state = 'completed' AND (:learner IS NULL OR learner = :learner)
        ORDER BY \(order) NULLS LAST, number LIMIT :limit OFFSET :offset) t
      """,
      [
        "learner": learner.map { .text($0) } ?? .null,
        "sweep": .integer(Int64(sweep.id)), "limit": .integer(Int64(Self.pageSize)),
        "offset": .integer(Int64(offset)),
      ])
    // Equal ones share a rank, that among all learners. Without a filter only the page's first has to be counted.
    var (rank, last) = (1, Double?.none)
    return try page.rows.indices.map { index in
      let row = SQLRow(page, page.rows[index])
      let objective = row.real("objective")
      if index == 0 || objective != last {
        rank = index == 0 || learner != nil ? try better(than: objective) + 1 : offset + index + 1
        last = objective
      }
      return Entry(
        id: row.int("trial_id") ?? 0, rank: rank, number: row.int("number") ?? 0,
        learner: row.text("learner"), objective: row.real("objective"), sd: row.real("objective_sd"),
        low: row.real("ci_low"), high: row.real("ci_high"), folds: row.int("folds_done") ?? 0,
        cpuSeconds: row.real("cpu"))
    }
  }

  private func better(than objective: Double?) throws -> Int {
    guard let objective else { return 0 }
    return try reader.query(
      """
      SELECT count(*) AS n FROM trial WHERE sweep_id = :sweep AND state = 'completed'
        AND objective \(sweep.isMaximized ? ">" : "<") :objective
      """, ["sweep": .integer(Int64(sweep.id)), "objective": .real(objective)]
    ).first?.int("n") ?? 0
  }

  /// Numbers of those that the best does not clearly beat, fold by fold.
  private func ties(_ entries: [Entry]) throws -> Set<Int> {
    let order = sweep.isMaximized ? "objective DESC" : "objective"
    // CROSS JOIN keeps this order: the planner would go through all trials' folds.
    let rows = try reader.query(
      """
      SELECT t.number, x.value - y.value AS difference, r.n_train, r.n_valid
      FROM (SELECT trial_id FROM trial WHERE sweep_id = :sweep AND state = 'completed' AND objective IS NOT NULL
          ORDER BY \(order), number LIMIT 1) b
        CROSS JOIN metric n ON n.name = :metric
        CROSS JOIN fold_metric x ON x.trial_id = b.trial_id AND x.metric_id = n.metric_id
        CROSS JOIN result r ON r.trial_id = x.trial_id AND r.fold = x.fold AND r.rung = x.rung
        CROSS JOIN json_each(:ids) j CROSS JOIN trial t ON t.trial_id = j.value AND t.trial_id <> b.trial_id
        CROSS JOIN fold_metric y ON y.trial_id = t.trial_id AND y.fold = x.fold AND y.rung = x.rung AND y.metric_id = x.metric_id
      WHERE x.value IS NOT NULL AND y.value IS NOT NULL ORDER BY t.number, x.fold
      """,
      [
        "sweep": .integer(Int64(sweep.id)), "metric": .text(sweep.metric),
        "ids": .text("[" + entries.map { "\($0.id)" }.joined(separator: ",") + "]"),
      ])
    var differences: [Int: [Double]] = [:]
    var (train, valid) = (0, 0)
    rows.each { row in
      guard let number = row.int("number"), let difference = row.real("difference") else { return }
      differences[number, default: []].append(difference)
      train += row.int("n_train") ?? 0
      valid += row.int("n_valid") ?? 0
    }
    let share = Double(valid) / Double(max(train, 1))
    return Set(differences.filter { PairedFolds($0.value, share: share)?.isTie ?? false }.keys)
  }

  private func pager(_ page: Int, of count: Int, _ learner: String?, into body: inout Markup) {
    guard count > 1 else { return }
    func target(_ number: Int) -> String {
      link("/sweep", ["name": sweep.name, "board": "\(number)"]) + (learner.map { "&learner=" + encoded($0) } ?? "")
    }
    body.element("nav", ["class": "pager", "aria-label": "Pages of the leaderboard"]) { nav in
      if page > 1 { nav.element("a", ["href": target(page - 1), "rel": "prev"], text: "‹ Better") }
      nav.element("span", text: "Page \(page) of \(count)")
      if page < count { nav.element("a", ["href": target(page + 1), "rel": "next"], text: "Worse ›") }
    }
  }
}
