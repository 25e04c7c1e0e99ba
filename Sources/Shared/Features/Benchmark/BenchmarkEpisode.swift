// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// A value of a variable at a time.
enum BenchmarkCell: Hashable, Sendable {
  case number(Double)
  case text(String)

  /// As the benchmark's files show it.
  var shown: String {
    switch self {
    case .number(let value): "\(value)"
    case .text(let text): text
    }
  }
}

/// The event series of one ICU stay: what was recorded of each variable at each time.
struct BenchmarkEpisode: Sendable {
  struct Row: Hashable, Sendable {
    /// Since the time into the ICU.
    let hours: Double
    /// By `BenchmarkVariable.all`.
    let cells: [BenchmarkCell?]
  }

  let stay: BenchmarkCohort.Stay
  let rows: [Row]

  /// Tolerance of the benchmark's comparisons of hours.
  static let epsilon = 1e-6

  /// Rows from the time in to `hours` after it.
  func rows(within hours: Double) -> KnownRows {
    // Rows ascend by time.
    let first = rows.firstIndex { $0.hours > -Self.epsilon } ?? rows.count
    let end = rows.firstIndex { $0.hours >= hours + Self.epsilon } ?? rows.count
    return KnownRows(rows[first..<max(first, end)])
  }
}

/// Rows of an episode that were known at some hour. Only `BenchmarkEpisode.rows(within:)` makes them, and features and tensors
/// take nothing else.
struct KnownRows: Sendable {
  let rows: ArraySlice<BenchmarkEpisode.Row>

  fileprivate init(_ rows: ArraySlice<BenchmarkEpisode.Row>) { self.rows = rows }
}

/// A patient's events, merged into a table by time, and cut into stays.
struct BenchmarkTimeline {
  private struct Moment {
    let time: Int64
    /// Ascending, each once.
    var stays: [Int32]
    var cells: [BenchmarkCell?]
  }

  private var moments: [Moment] = []

  init(_ events: EventList, ofPatient patient: Int) {
    var all: [(time: Int64, stay: Int32, variable: Int, cell: BenchmarkCell)] = []
    events.forEach(ofPatient: patient) { record, text in
      guard record.kind == .benchmark else { return }
      let variable = BenchmarkItem.all[Int(record.place)].variable
      let cell: BenchmarkCell =
        BenchmarkVariable.all[variable].cleaning == .text
        ? .text(String(decoding: text, as: UTF8.self)) : .number(record.value)
      all.append((record.time, record.stay, variable, cell))
    }
    all.sort { $0.time < $1.time }
    let width = BenchmarkVariable.all.count
    for event in all {
      if moments.last?.time != event.time {
        moments.append(Moment(time: event.time, stays: [], cells: Array(repeating: nil, count: width)))
      }
      let last = moments.count - 1
      if !moments[last].stays.contains(event.stay) { moments[last].stays.append(event.stay) }
      moments[last].cells[event.variable] = Self.greater(moments[last].cells[event.variable], event.cell)
    }
    for index in moments.indices { moments[index].stays.sort() }
  }

  /// Of several values of one time the greatest stays: numbers by size, texts by their letters.
  private static func greater(_ old: BenchmarkCell?, _ new: BenchmarkCell) -> BenchmarkCell {
    switch (old, new) {
    case (.number(let a)?, .number(let b)): a > b ? .number(a) : .number(b)
    // By code points, not by Unicode's collation.
    case (.text(let a)?, .text(let b)): a.utf8.lexicographicallyPrecedes(b.utf8) ? .text(b) : .text(a)
    default: new
    }
  }

  /// Moments that name the stay, or lie within it. One that names two stays gives a row for each.
  func episode(_ stay: BenchmarkCohort.Stay) -> BenchmarkEpisode {
    var rows: [BenchmarkEpisode.Row] = []
    for moment in moments {
      let isWithin = stay.outTime.map { moment.time >= stay.inTime && moment.time <= $0 } ?? false
      for named in moment.stays where isWithin || Int(named) == stay.stay {
        // Two divisions by 60, as the benchmark divides: one by 3,600 can differ in the last bit.
        rows.append(.init(hours: Double(moment.time - stay.inTime) / 60 / 60, cells: moment.cells))
      }
    }
    return BenchmarkEpisode(stay: stay, rows: rows)
  }
}
