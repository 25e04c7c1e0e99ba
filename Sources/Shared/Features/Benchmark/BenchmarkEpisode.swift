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
  /// By `BenchmarkVariable.all`: values that are numbers or known categories. A stay has a sample every few hours, and each asks for
  /// the values up to it: texts are read once.
  private let columns: [Column]

  /// The values of one variable, ascending by time.
  struct Column: Sendable {
    fileprivate(set) var rows: [Int32] = []
    fileprivate(set) var hours: [Double] = []
    fileprivate(set) var numbers: [Double] = []
    /// Place among the variable's categories; −1 for none.
    fileprivate(set) var categories: [Int16] = []
  }

  init(stay: BenchmarkCohort.Stay, rows: [Row]) {
    self.stay = stay
    self.rows = rows
    columns = BenchmarkVariable.all.enumerated().map { place, variable in
      var column = Column()
      for (index, row) in rows.enumerated() {
        guard let cell = row.cells[place], let number = variable.number(cell) else { continue }
        column.rows.append(Int32(index))
        column.hours.append(row.hours)
        column.numbers.append(number)
        column.categories.append(Int16(variable.category(cell) ?? -1))
      }
      return column
    }
  }

  /// Tolerance of the benchmark's comparisons of hours.
  static let epsilon = 1e-6

  /// Rows from the time in to `hours` after it.
  func rows(within hours: Double) -> KnownRows {
    // Rows ascend by time.
    let first = rows.firstIndex { $0.hours > -Self.epsilon } ?? rows.count
    let end = rows.firstIndex { $0.hours >= hours + Self.epsilon } ?? rows.count
    return KnownRows(rows[first..<max(first, end)], columns)
  }
}

/// Rows of an episode that were known at some hour. Only `BenchmarkEpisode.rows(within:)` makes them, and features and tensors
/// take nothing else.
struct KnownRows: Sendable {
  let rows: ArraySlice<BenchmarkEpisode.Row>
  private let columns: [BenchmarkEpisode.Column]

  fileprivate init(_ rows: ArraySlice<BenchmarkEpisode.Row>, _ columns: [BenchmarkEpisode.Column]) {
    self.rows = rows
    self.columns = columns
  }

  /// The known values of one variable of `BenchmarkVariable.all`, ascending by time: hours, numbers, places among its categories.
  func withValues<Value>(
    of variable: Int,
    _ body: (UnsafeBufferPointer<Double>, UnsafeBufferPointer<Double>, UnsafeBufferPointer<Int16>) -> Value
  ) -> Value {
    let column = columns[variable]
    let first = column.rows.firstPlace { $0 >= rows.startIndex }
    let end = column.rows.firstPlace { $0 >= rows.endIndex }
    return column.hours.withUnsafeBufferPointer { hours in
      column.numbers.withUnsafeBufferPointer { numbers in
        column.categories.withUnsafeBufferPointer { categories in
          body(
            UnsafeBufferPointer(rebasing: hours[first..<end]), UnsafeBufferPointer(rebasing: numbers[first..<end]),
            UnsafeBufferPointer(rebasing: categories[first..<end]))
        }
      }
    }
  }
}

extension RandomAccessCollection where Index == Int {
  /// Of a collection in which all that fit follow all that do not: where they begin.
  func firstPlace(where fits: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if fits(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
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
