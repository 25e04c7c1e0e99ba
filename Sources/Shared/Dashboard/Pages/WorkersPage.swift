// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// Who trained what when, how busy they were, and where attempts ended badly.
struct WorkersPage {
  let reader: TrackerReader
  let request: PageRequest

  private static let rowLimit = 60
  private static let spans: [(String, Int)] = [("10m", 600), ("1h", 3_600), ("6h", 21_600), ("1d", 86_400)]

  func page() throws -> Page {
    var body = Markup()
    body.element("h1", text: "Workers")
    body.part(
      .timeline, request.first("span").map { "span=" + encoded($0) } ?? "", note: "a row a worker process",
      isWide: true, content: try timeline())
    try body.panel("All workers", isWide: true) { try list(into: &$0) }
    try body.panel("What went wrong", note: "newest first", isWide: true) { try events(into: &$0) }
    return Page(title: "Workers", trail: [], body: body)
  }

  func timeline() throws -> Markup {
    var body = Markup()
    let ends = try reader.query(
      "SELECT min(started_ms) AS first, max(started_ms) AS last, max(ended_ms) AS ended, sum(state = 'running') AS running FROM attempt"
    ).first
    guard let first = ends?.int("first"), let last = ends?.int("last") else {
      body.nothing("No attempt yet.")
      return body
    }
    let isAlive = (ends?.int("running") ?? 0) > 0
    let end = isAlive ? max(Int(request.now), last) : max(ends?.int("ended") ?? last, last)
    let span = Self.spans.first { $0.0 == request.first("span") }
    let start = max(first, span.map { end - $0.1 * 1_000 } ?? first)
    filter(span?.0, into: &body)
    let workers = try workers(from: start)
    let seconds = max(Double(end - start) / 1_000, 1)
    let stretches = try stretches(workers.map(\.id), start, end)
    TimelineChart(
      label: "What \(workers.count) workers did over \(Digits.duration(seconds: seconds))",
      rows: workers.map { String($0.name.prefix(18)) }, seconds: seconds, origin: String(clock(start).suffix(8)),
      stretches: stretches
    ).draw(into: &body)
    let seen = Set(stretches.map(\.state))
    body.element("ul", ["class": "legend"]) { list in
      for state in ["completed", "running", "failed", "crashed", "lost", "drained", "cancelled", "superseded"]
      where seen.contains(state) {
        list.element("li", ["class": "k-\(state)"], text: state)
      }
    }
    return body
  }

  private func filter(_ chosen: String?, into body: inout Markup) {
    body.element("nav", ["class": "filter", "aria-label": "How far back"]) { nav in
      for span in [nil] + Self.spans.map({ Optional.some($0.0) }) {
        let (text, target) = (
          span.map { "last " + $0 } ?? "all", span.map { link("/workers", ["span": $0]) } ?? "/workers"
        )
        if span == chosen {
          nav.element("a", ["href": target, "aria-current": "true"], text: text)
        } else {
          nav.element("a", ["href": target], text: text)
        }
      }
    }
  }

  private func workers(from start: Int) throws -> [(id: Int, name: String)] {
    try reader.query(
      """
      SELECT w.worker_id, w.name FROM worker w WHERE EXISTS(SELECT 1 FROM attempt a WHERE a.worker_id = w.worker_id
        AND (a.ended_ms IS NULL OR a.ended_ms >= :start)) ORDER BY w.worker_id DESC LIMIT :limit
      """, ["start": .integer(Int64(start)), "limit": .integer(Int64(Self.rowLimit))]
    ).map { ($0.int("worker_id") ?? 0, $0.text("name")) }.reversed()
  }

  /// One stretch a worker, state and pixel at most, however many attempts there were.
  private func stretches(_ workers: [Int], _ start: Int, _ end: Int) throws -> [TimelineChart.Stretch] {
    let pixel = max(1, (end - start) / Int(TimelineChart.axisWidth))
    var places: [Int: Int] = [:]
    for (place, worker) in workers.enumerated() { places[worker] = place }
    return try reader.query(
      """
      SELECT a.worker_id, a.state, min(a.started_ms) AS started, max(coalesce(a.ended_ms, :end)) AS ended
      FROM json_each(:ids) j JOIN attempt a ON a.worker_id = j.value
      WHERE coalesce(a.ended_ms, :end) >= :start
      GROUP BY a.worker_id, a.state, max(a.started_ms, :start) / :pixel
      """,
      [
        "ids": .text("[" + workers.map { "\($0)" }.joined(separator: ",") + "]"), "start": .integer(Int64(start)),
        "end": .integer(Int64(end)), "pixel": .integer(Int64(pixel)),
      ]
    ).map { row in
      TimelineChart.Stretch(
        row: places[row.int("worker_id") ?? -1] ?? -1,
        start: max(0, Double((row.int("started") ?? start) - start) / 1_000),
        end: Double((row.int("ended") ?? end) - start) / 1_000, state: known(row.text("state")))
    }
  }

  private func list(into body: inout Markup) throws {
    let rows = try reader.query(
      "SELECT * FROM workers ORDER BY left_ms IS NOT NULL, joined_ms DESC, worker_id DESC LIMIT 200")
    // Where workers are let in by keys, by which.
    let hasKeys = rows.map { $0.string("key_name") }.contains { $0 != nil }
    body.table(
      "All workers",
      [
        .text("Worker"), .text("Host"), .text("State"),
      ] + (hasKeys ? [.text("Key")] : []) + [
        .number("Attempts"), .number("Completed"), .number("Ended badly"), .number("Busy"), .number("Busy time"),
        .number("A fold"), .text("Version"), .text("Joined (UTC)"), .text("Left"),
      ]
    ) { table in
      rows.each { row in
        let attempts = row.int("attempts") ?? 0
        let busy = row.real("busy_seconds")
        table.element("tr") { line in
          line.element("th", ["scope": "row"], text: row.text("worker"))
          line.cell(row.text("host"))
          line.element("td") { $0.state(row.int("left_ms") == nil ? "running" : "left") }
          if hasKeys { line.cell(row.string("key_name") ?? "–") }
          line.number(Digits.count(attempts))
          line.number(Digits.count(row.int("completed") ?? 0))
          line.number(Digits.count(row.int("ended_badly") ?? 0))
          line.number(row.real("busy_percent").map { Digits.fixed(min($0, 100), 0) + " %" } ?? "–")
          line.number(Digits.duration(seconds: busy))
          line.number(attempts > 0 ? Digits.duration(seconds: busy.map { $0 / Double(attempts) }) : "–")
          line.cell(row.text("code_version"))
          line.cell(clock(row.int("joined_ms")))
          line.cell(row.string("left_reason") ?? "")
        }
      }
    }
  }

  private func events(into body: inout Markup) throws {
    let rows = try reader.query(
      "SELECT at_ms, severity, kind, subject, message FROM event WHERE severity <> 'info' ORDER BY event_id DESC LIMIT 60"
    )
    guard !rows.rows.isEmpty else { return body.nothing("Nothing.") }
    body.table(
      "What went wrong", [.text("When (UTC)"), .text("Severity"), .text("What"), .text("About"), .text("In words")]
    ) { table in
      rows.each { row in
        table.element("tr") { line in
          line.cell(clock(row.int("at_ms")))
          line.cell(row.text("severity"))
          line.cell(row.text("kind"))
          line.cell(row.text("subject"))
          line.cell(row.text("message"))
        }
      }
    }
  }
}
