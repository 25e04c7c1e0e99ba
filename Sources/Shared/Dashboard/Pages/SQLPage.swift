// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// One read-only statement, its rows, and a chart of them where the first two columns are numbers.
struct SQLPage {
  let reader: TrackerReader
  let request: PageRequest

  static let limits = SQLLimits(rowCount: 500, milliseconds: 3_000)

  /// Of a result as a file: for a program, not for a page.
  static let fileLimits = SQLLimits(rowCount: 100_000, milliseconds: 10_000)

  /// RFC 4180, every digit; a text that a spreadsheet would take for a formula is led by an apostrophe.
  func file() throws -> PageAnswer {
    guard let query = request.first("q"), query.utf8.count <= 8_000 else {
      throw PageError.badRequest("expected ?q=STATEMENT of at most 8000 bytes")
    }
    let result: SQLTable
    do { result = try reader.sql(query, limits: Self.fileLimits) } catch {
      throw PageError.badRequest("\(error.code.rawValue): \(error.detail)")
    }
    let lines = [result.columns.map { SQLTable.Value.text($0) }] + result.rows
    let text = lines.map { row in row.map { Self.cell($0) }.joined(separator: ",") + "\r\n" }.joined()
    return PageAnswer(contentType: "text/csv; charset=utf-8", body: text)
  }

  private static func cell(_ value: SQLTable.Value) -> String {
    guard value.real == nil else { return value.text }
    var text = value.text
    if let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first) { text = "'" + text }
    guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  private static let saved: [(String, String)] = [
    (
      "Best trials",
      "SELECT sweep, rank, trial, learner, round(objective, 4) AS objective, ci_low, ci_high FROM leaderboard ORDER BY sweep, rank LIMIT 20"
    ),
    (
      "Each learner's best",
      "SELECT sweep, learner, count(*) AS trials, sum(state = 'pruned') AS pruned, max(objective) AS highest, min(objective) AS lowest FROM trials GROUP BY sweep, learner"
    ),
    (
      "When each best was found",
      "SELECT row_number() OVER (ORDER BY finished) AS ended, max(objective) OVER (ORDER BY finished, trial) AS best, sweep, trial FROM trials WHERE state = 'completed' ORDER BY finished LIMIT 500"
    ),
    (
      "Hardest folds",
      "SELECT fold, avg(value) AS mean, min(value) AS lowest, count(*) AS trials FROM fold_metrics GROUP BY fold ORDER BY fold"
    ),
    (
      "Time without a result",
      "SELECT state, count(*) AS attempts, round(sum(seconds)) AS seconds FROM attempts WHERE state <> 'completed' GROUP BY state ORDER BY seconds DESC"
    ),
    (
      "Slow workers",
      "SELECT worker, host, completed, round(busy_seconds / attempts, 3) AS seconds_an_attempt FROM workers WHERE attempts > 0 ORDER BY 4 DESC"
    ),
    (
      "Views and their columns",
      "SELECT m.name AS view, group_concat(c.name, ', ') AS columns FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'view' GROUP BY m.name"
    ),
  ]

  func page() throws -> Page {
    let query = request.first("q")
    var body = Markup()
    body.element("h1", text: "SQL")
    body.panel(
      "Statement", note: "read-only; \(Self.limits.rowCount) rows, \(Self.limits.milliseconds / 1_000) s", isWide: true
    ) { panel in
      panel.element("form", ["action": "/sql", "method": "get", "class": "sql"]) { form in
        form.element("label", ["for": "q"], text: "One SELECT, WITH, VALUES or EXPLAIN")
        form.element(
          "textarea", ["id": "q", "name": "q", "rows": "6", "spellcheck": "false", "maxlength": "4000"],
          text: query ?? Self.saved[0].1)
        form.element("button", ["type": "submit"], text: "Run (Ctrl+Enter)")
      }
      panel.element("nav", ["class": "filter", "aria-label": "Saved queries"]) { nav in
        for (title, sql) in Self.saved { nav.element("a", ["href": link("/sql", ["q": sql])], text: title) }
      }
      // Of this browser: the server only shows.
      panel.element("div", ["class": "filter own", "data-saved": "sql", "hidden": ""]) { own in
        own.element("button", ["type": "button", "data-action": "save"], text: "Save this one")
      }
    }
    if let query { answer(query, into: &body) }
    return Page(title: "SQL", trail: [], body: body)
  }

  private func answer(_ query: String, into body: inout Markup) {
    let result: SQLTable
    do {
      guard query.utf8.count <= 8_000 else { throw PageError.badRequest("a statement of more than 8000 bytes") }
      result = try reader.sql(query, limits: Self.limits)
    } catch let error as TrackerError {
      return body.element("p", ["class": "error", "role": "alert"], text: "\(error.code.rawValue): \(error.detail)")
    } catch {
      return body.element("p", ["class": "error", "role": "alert"], text: (error as? PageError)?.message ?? "\(error)")
    }
    chart(result, into: &body)
    let count = result.isCut ? "the first \(result.rows.count) rows" : "\(result.rows.count) rows"
    body.panel("Result", note: count, isWide: true) { panel in
      panel.element("nav", ["class": "filter", "aria-label": "The result as a file"]) { nav in
        nav.element(
          "a", ["href": link("/sql.csv", ["q": query]), "download": "result.csv"],
          text: "CSV, up to \(Digits.count(Self.fileLimits.rowCount)) rows")
      }
      panel.table(
        "Result",
        result.columns.enumerated().map { index, name in
          result.rows.first.map { $0[index].real != nil } ?? false ? .number(name) : .text(name)
        }
      ) { rows in
        for values in result.rows {
          rows.element("tr") { row in
            for value in values { row.cell(Self.shown(value), isNumber: value.real != nil) }
          }
        }
      }
    }
  }

  private static func shown(_ value: SQLTable.Value) -> String {
    let text = value.text
    return text.count > 2_000 ? text.prefix(2_000) + "…" : text
  }

  private func chart(_ result: SQLTable, into body: inout Markup) {
    guard result.columns.count >= 2, result.rows.count > 1 else { return }
    let points = result.rows.compactMap { row in row[0].real.flatMap { x in row[1].real.map { ChartPoint(x, $0) } } }
    guard points.count == result.rows.count else { return }
    let isRising = zip(points, points.dropFirst()).allSatisfy { $0.x <= $1.x }
    body.panel("\(result.columns[1]) by \(result.columns[0])") { panel in
      LineChart(
        Plot(
          label: "\(result.columns[1]) by \(result.columns[0]), \(points.count) points", xTitle: result.columns[0],
          yTitle: result.columns[1]),
        lines: isRising ? [LineChart.Line(points, style: "completed")] : [],
        dots: [LineChart.Dots(points, style: "best")]
      ).draw(into: &panel)
    }
  }
}
