// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// The blocks that pages are made of.
extension Markup {
  /// A box with a heading.
  mutating func panel(
    _ title: String, note: String? = nil, isWide: Bool = false, _ body: (inout Markup) throws -> Void
  ) rethrows {
    try element("section", ["class": isWide ? "panel wide" : "panel"]) { section in
      section.heading(title, note)
      try body(&section)
    }
  }

  /// A box whose content the script fetches: at once where it is near the screen, and again on each change if it is live.
  mutating func part(
    _ kind: PartKind, _ request: String, note: String? = nil, isWide: Bool = false, isLive: Bool = true,
    content: Markup? = nil
  ) {
    element(
      "section",
      [
        "class": isWide ? "panel wide" : "panel", "data-part": kind.path + "?" + request,
        "data-live": isLive ? "yes" : "no", "data-state": content == nil ? "waiting" : "ready",
      ]
    ) { section in
      section.heading(kind.title, note)
      section.element("div", ["class": "content"]) { inner in
        if let content {
          inner.append(content)
        } else {
          inner.element("a", ["href": kind.path + "?" + request], text: "Show")
        }
      }
    }
  }

  private mutating func heading(_ title: String, _ note: String?) {
    element("h2") { heading in
      heading.write(title)
      if let note { heading.element("small", text: note) }
    }
  }

  /// A number with its name.
  mutating func fact(_ name: String, _ value: String, _ detail: String? = nil) {
    element("div", ["class": "fact"]) { fact in
      fact.element("dt", text: name)
      fact.element("dd") { value_ in
        value_.write(value)
        if let detail { value_.element("small", text: detail) }
      }
    }
  }

  /// Where the state is also a word, so that the colour says nothing alone.
  mutating func state(_ state: String) { element("span", ["class": "state s-\(known(state))"], text: state) }

  /// A table that scrolls by itself where it is wider than the screen.
  mutating func table(
    _ caption: String, _ columns: [Column], _ body: (inout Markup) throws -> Void
  ) rethrows {
    try element("div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption]) { box in
      try box.element("table") { table in
        table.element("caption", ["class": "hidden"], text: caption)
        table.element("thead") { head in
          head.element("tr") { row in
            for column in columns {
              row.element("th", ["scope": "col", "class": column.style], text: column.title)
            }
          }
        }
        try table.element("tbody", [:], body)
      }
    }
  }

  mutating func cell(_ text: String, isNumber: Bool = false) {
    if isNumber { element("td", ["class": "n"], text: text) } else { element("td", text: text) }
  }

  mutating func number(_ text: String) { cell(text, isNumber: true) }

  mutating func nothing(_ text: String) { element("p", ["class": "nothing"], text: text) }

  /// "Newer", "Older" and where one is.
  mutating func pager(_ request: PageRequest, path: String, pageCount: Int) {
    guard pageCount > 1 else { return }
    let here = min(request.pageNumber, pageCount)
    func target(_ number: Int) -> String {
      let kept = request.items.filter { $0.key != "page" && $0.key != "bare" }
        .map { encoded($0.key) + "=" + encoded($0.value) }
      return path + "?" + (kept + ["page=\(number)"]).joined(separator: "&")
    }
    element("nav", ["class": "pager", "aria-label": "Pages of this table"]) { nav in
      if here > 1 { nav.element("a", ["href": target(here - 1), "rel": "prev"], text: "‹ Previous") }
      nav.element("span", text: "Page \(here) of \(pageCount)")
      if here < pageCount { nav.element("a", ["href": target(here + 1), "rel": "next"], text: "Next ›") }
    }
  }
}

/// A column's title, and how it stands: as the cells below it do.
struct Column {
  let title: String
  let style: String

  static func text(_ title: String) -> Column { Column(title: title, style: "") }
  static func number(_ title: String) -> Column { Column(title: title, style: "n") }
  static func fold(_ index: Int) -> Column { Column(title: "\(index)", style: "c") }
}

/// A state's class; one that this version does not know has none of its own.
func known(_ state: String) -> String {
  let all: Set<String> = [
    "running", "completed", "finished", "failed", "pruned", "crashed", "lost", "drained", "cancelled", "superseded",
    "queued", "stopped", "quarantined",
  ]
  return all.contains(state) ? state : "other"
}

/// Rows of patients are counted, never few: under 11 the number is not shown.
func rowCount(_ count: Int?) -> String {
  guard let count else { return "–" }
  return (1..<11).contains(count) ? "< 11" : Digits.count(count)
}

/// "2026-11-26 12:41:05" of milliseconds since 1970, UTC.
func clock(_ milliseconds: Int?) -> String {
  guard let milliseconds else { return "–" }
  let seconds = Int((Double(milliseconds) / 1_000).rounded(.down))
  let (days, rest) = (Int((Double(seconds) / 86_400).rounded(.down)), ((seconds % 86_400) + 86_400) % 86_400)
  // Civil date from days since 1970 (Hinnant 2014, "chrono-Compatible Low-Level Date Algorithms").
  let shifted = days + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let part = (5 * dayOfYear + 2) / 153
  let (day, month) = (dayOfYear - (153 * part + 2) / 5 + 1, part < 10 ? part + 3 : part - 9)
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
  return "\(year)-\(two(month))-\(two(day)) \(two(rest / 3_600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
}

extension SQLTable {
  /// Rows by the names of their columns.
  func each(_ body: (SQLRow) throws -> Void) rethrows { for row in rows { try body(SQLRow(self, row)) } }
  func map<Value>(_ body: (SQLRow) throws -> Value) rethrows -> [Value] { try rows.map { try body(SQLRow(self, $0)) } }
  var first: SQLRow? { rows.first.map { SQLRow(self, $0) } }
}

struct SQLRow {
  private let table: SQLTable
  private let values: [SQLTable.Value]

  init(_ table: SQLTable, _ values: [SQLTable.Value]) { (self.table, self.values) = (table, values) }

  private subscript(_ name: String) -> SQLTable.Value {
    table.columns.firstIndex(of: name).map { values[$0] } ?? .null
  }

  func int(_ name: String) -> Int? { self[name].integer }
  func real(_ name: String) -> Double? { self[name].real }
  func text(_ name: String) -> String { self[name].text }
  func string(_ name: String) -> String? { self[name].string }
}
