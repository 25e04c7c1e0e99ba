// SPDX-License-Identifier: Apache-2.0

import Models
import Reporting
import Shards

/// Names and labels of what a model reads, tabular columns first.
struct FeatureNames {
  let columns: [FeatureColumn]
  /// Empty where the model reads no sequences.
  let channels: [FeatureColumn]
  var count: Int { columns.count + channels.count }

  init(_ manifest: Manifest, readsChannels: Bool) {
    columns = manifest.columns
    channels = readsChannels ? manifest.channels : []
  }

  /// "heart rate, each hour"
  func label(ofChannel channel: Int) -> String { channels[channel].label }

  var json: JSONText {
    func list(_ columns: [FeatureColumn]) -> JSONText {
      .list(columns.map { .object([("name", .text($0.name)), ("label", .text($0.label))]) })
    }
    return .object([("columns", list(columns)), ("channels", list(channels))])
  }
}

/// Rows one by one: a long table for programs, the largest contributions for people.
struct ExplanationReport {
  let explanations: [Explanation]
  let names: FeatureNames
  let head: String
  let unit: String

  init(_ explanations: [Explanation], _ names: FeatureNames, head: String, unit: String) {
    (self.explanations, self.names, self.head, self.unit) = (explanations, names, head, unit)
  }

  /// `row,kind,name,hour,amount`: kinds are score, base, column, channel, rest, which add up, and attention.
  var csv: String {
    var text = "row,kind,name,hour,amount\n"
    for explanation in explanations {
      func add(_ kind: String, _ name: String, _ hour: Int?, _ amount: Double) {
        text += "\(explanation.row),\(kind),\(csvField(name)),\(hour.map(String.init) ?? ""),\(amount)\n"
      }
      add("score", head, nil, explanation.score)
      add("base", head, nil, explanation.base)
      for (index, amount) in explanation.columns.enumerated() { add("column", names.columns[index].name, nil, amount) }
      for (cell, amount) in explanation.channels.enumerated() {
        let (hour, channel) = cell.quotientAndRemainder(dividingBy: names.channels.count)
        add("channel", names.channels[channel].name, hour, amount)
      }
      add("rest", "", nil, explanation.rest)
      for (hour, share) in explanation.attention.enumerated() { add("attention", "", hour, share) }
    }
    return text
  }

  var json: JSONText {
    let width = names.channels.count
    let rows = explanations.map { explanation in
      let hours = width == 0 ? 0 : explanation.channels.count / width
      return JSONText.object([
        ("row", .integer(Int64(explanation.row))), ("score", .real(explanation.score)),
        ("base", .real(explanation.base)), ("rest", .real(explanation.rest)),
        ("columns", .list(explanation.columns.map { .real($0) })),
        (
          "channels",
          .list((0..<hours).map { .list(explanation.channels[$0 * width..<($0 + 1) * width].map { .real($0) }) })
        ), ("attention", .list(explanation.attention.map { .real($0) })),
      ])
    }
    return .object([
      ("schema", .text("muster.explanations/v1")), ("head", .text(head)), ("unit", .text(unit)),
      ("features", names.json),
      ("rows", .list(rows)),
    ])
  }

  func show(_ console: Console, top: Int) {
    for explanation in explanations.prefix(5) {
      console.print(
        console.bold(
          "row \(explanation.row): \(head), score \(decimal(explanation.score, places: 3)) = base "
            + "\(decimal(explanation.base, places: 3)) + contributions (\(unit))"))
      var table = TextTable([("ADDS", .right), ("FEATURE", .left)])
      for (label, amount) in largest(explanation, top) { table.append([signed(amount), label]) }
      show(table, console)
      if abs(explanation.rest) >= 0.01 {
        console.print("not told apart: \(signed(explanation.rest)); more --points bring it down")
      }
      if let hours = attended(explanation.attention) { console.print("looked at most: \(hours)") }
      console.print("")
    }
    if explanations.count > 5 { console.note("\(explanations.count - 5) more rows; --out FILE has all of them") }
  }

  private func largest(_ explanation: Explanation, _ top: Int) -> [(String, Double)] {
    let sums = explanation.channelSums(names.channels.count)
    let all =
      explanation.columns.enumerated().map { (names.columns[$0.offset].label, $0.element) }
      + sums.enumerated().map { channel, amount in
        (names.label(ofChannel: channel) + peak(explanation, channel), amount)
      }
    return Array(all.filter { $0.1 != 0 }.sorted { (abs($1.1), $0.0) < (abs($0.1), $1.0) }.prefix(top))
  }

  /// The hour that a channel adds most at: ", most at hour 47".
  private func peak(_ explanation: Explanation, _ channel: Int) -> String {
    let width = names.channels.count
    let hours = Array(stride(from: channel, to: explanation.channels.count, by: width))
    guard let most = hours.max(by: { abs(explanation.channels[$0]) < abs(explanation.channels[$1]) }) else { return "" }
    return ", most at hour \(most / width)"
  }

  private func show(_ table: TextTable, _ console: Console) {
    for line in console.isOutputTerminal ? table.lines : table.tabSeparated { console.print(line) }
  }
}

/// Over many rows.
struct ImportanceReport {
  let importance: Importance
  let names: FeatureNames
  let head: String
  let unit: String

  init(_ importance: Importance, _ names: FeatureNames, head: String, unit: String) {
    (self.importance, self.names, self.head, self.unit) = (importance, names, head, unit)
  }

  private struct Line {
    let kind: String
    let column: FeatureColumn
    /// nil: of fewer than 11 rows.
    let amount: Double?
    /// What it is sorted by and adds to the whole.
    var size: Double { amount ?? 0 }
  }

  /// Falling; equal ones by name; last those that are not shown.
  private var lines: [Line] {
    let columns = zip(names.columns, importance.columns).map { Line(kind: "column", column: $0, amount: $1) }
    let channels = zip(names.channels, importance.channels).map { Line(kind: "channel", column: $0, amount: $1) }
    return (columns + channels).sorted { ($1.amount ?? -1, $0.column.name) < ($0.amount ?? -1, $1.column.name) }
  }

  var csv: String {
    var text = "kind,name,label,hour,amount\n"
    for line in lines {
      text +=
        "\(line.kind),\(csvField(line.column.name)),\(csvField(line.column.label)),,\(line.amount.map { "\($0)" } ?? "")\n"
    }
    for (hour, share) in importance.attention.enumerated() { text += "attention,,,\(hour),\(share)\n" }
    return text
  }

  var json: JSONText {
    let features = lines.map {
      JSONText.object([
        ("kind", .text($0.kind)), ("name", .text($0.column.name)), ("label", .text($0.column.label)),
        ("amount", .optional($0.amount)),
      ])
    }
    return .object([
      ("schema", .text("muster.importance/v1")), ("head", .text(head)), ("unit", .text(unit)),
      ("rows", .integer(Int64(importance.rowCount))), ("base", .real(importance.base)), ("features", .list(features)),
      ("attention", .list(importance.attention.map { .real($0) })), ("rest", .real(importance.rest)),
    ])
  }

  func show(_ console: Console, top: Int) {
    console.print(
      console.bold("\(head): mean |contribution| over \(grouped(importance.rowCount)) rows (\(unit))"))
    var table = TextTable([("MEAN", .right), ("SHARE", .right), ("FEATURE", .left)])
    let whole = lines.reduce(0) { $0 + $1.size }
    for line in lines.prefix(top) where line.size > 0 {
      let share = line.size / whole * 100
      table.append([decimal(line.amount, places: 4), decimal(share, places: 1) + " %", line.column.label])
    }
    for line in console.isOutputTerminal ? table.lines : table.tabSeparated { console.print(line) }
    let more = lines.dropFirst(top).filter { $0.size > 0 }.count
    if more > 0 { console.note("\(more) more features add something; --top N lists them, --out FILE has all") }
    let hidden = lines.filter { $0.amount == nil }.count
    if hidden > 0 {
      console.note("\(counted(hidden, "feature")) not shown: fewer than 11 rows differ from all the others in it")
    }
    if let hours = attended(importance.attention) { console.print("looked at most, on average: \(hours)") }
  }
}

/// "hours 47 (21 %), 46 (13 %), 45 (9 %)"; nil without attention.
private func attended(_ shares: [Double]) -> String? {
  guard !shares.isEmpty else { return nil }
  let hours = shares.indices.sorted { (shares[$1], $0) < (shares[$0], $1) }.prefix(3)
  return "hours " + hours.map { "\($0) (\(decimal(shares[$0] * 100, places: 0)) %)" }.joined(separator: ", ")
}

/// "+0.512"
private func signed(_ amount: Double) -> String { (amount > 0 ? "+" : "") + decimal(amount, places: 4) }
