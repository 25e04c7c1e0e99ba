// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// Treatments of one stay by hour, and its code status: what MIMIC-Extract's `interventions` and `patients` have of it.
///
/// Intervals are cut to the stay; MIMIC-Extract leaves out whole any that ends behind it.
struct ExtractCare {
  /// [hour, column], 0 or 1.
  private(set) var values: [Double]
  private(set) var codeStatus = CodeStatus()

  struct CodeStatus {
    var first: Int?
    var last: Int?
    var marks: Set<Int> = []
    var firstNoResuscitation: Int64?
    var firstComfortOnly: Int64?

    /// 1 or 0; NaN where no status was charted.
    func everWas(_ mark: Int) -> Double { first == nil ? .nan : marks.contains(mark) ? 1 : 0 }
    func beganWith(_ mark: Int) -> Double { first.map { $0 == mark ? 1 : 0 } ?? .nan }
    func endedWith(_ mark: Int) -> Double { last.map { $0 == mark ? 1 : 0 } ?? .nan }
  }

  /// Columns of treatments that INPUTEVENTS tell are only there if one of its tables is: a 0 says that none was given.
  static func columns(hasInputs: Bool) -> [String] {
    hasInputs
      ? ["vent", "vaso"] + CareDrug.all.map(\.name) + ["colloid_bolus", "crystalloid_bolus", "nivdurations"]
      : ["vent", "nivdurations"]
  }

  private static let secondsBridged = 8 * CivilTime.secondsPerHour

  private struct Event {
    let time: Int64
    let mark: Int
    let value: Double
  }

  init(_ events: EventList, patient: Int, start: Int64, end: Int64, hourCount: Int, hasInputs: Bool) {
    var marks: [Event] = []
    events.forEach(ofPatient: patient) { record, _ in
      guard record.kind == .care, record.time <= end else { return }
      let mark = Int(record.place)
      let isInfusion = mark >= CareMark.infusion && mark < CareMark.rate
      guard record.time >= start || (isInfusion && Int64(record.value) >= start) else { return }
      marks.append(Event(time: max(record.time, start), mark: mark, value: record.value))
    }
    // Of one time in the order of the tables.
    marks.sort { $0.time < $1.time }
    let names = Self.columns(hasInputs: hasInputs)
    var hours = CareHours(start: start, end: end, hourCount: hourCount, columnCount: names.count)
    hours.add(Self.ventilation(marks), to: 0)
    hours.add(Self.oxygen(marks), to: names.count - 1)
    if hasInputs {
      for (place, drug) in CareDrug.all.enumerated() {
        let intervals = Self.intervals(marks, ofDrug: place)
        hours.add(intervals, to: 2 + place)
        if drug.isVasopressor { hours.add(intervals, to: 1) }
      }
      for (column, mark) in [(names.count - 3, CareMark.colloidBolus), (names.count - 2, CareMark.crystalloidBolus)] {
        hours.add(marks.filter { $0.mark == mark }.map { $0.time...$0.time }, to: column)
      }
    }
    values = hours.values
    for event in marks where (CareMark.fullCode...CareMark.otherCode).contains(event.mark) {
      codeStatus.first = codeStatus.first ?? event.mark
      codeStatus.last = event.mark
      codeStatus.marks.insert(event.mark)
      if event.mark == CareMark.noResuscitation {
        codeStatus.firstNoResuscitation = codeStatus.firstNoResuscitation ?? event.time
      }
      if event.mark == CareMark.comfortOnly { codeStatus.firstComfortOnly = codeStatus.firstComfortOnly ?? event.time }
    }
  }

  /// A setting begins ventilation; another within 8 h goes on with it; an extubation ends it then, and so does oxygen by a
  /// device, at the last setting. What has one moment only is left out.
  private static func ventilation(_ marks: [Event]) -> [ClosedRange<Int64>] {
    var found: [ClosedRange<Int64>] = []
    var open: (first: Int64, last: Int64)?
    func close() {
      if let open, open.last > open.first { found.append(open.first...open.last) }
      open = nil
    }
    var place = 0
    while place < marks.count {
      let time = marks[place].time
      var (isSet, isOxygen, isExtubated) = (false, false, false)
      while place < marks.count, marks[place].time == time {
        isSet = isSet || marks[place].mark == CareMark.ventilator
        isOxygen = isOxygen || marks[place].mark == CareMark.oxygen
        isExtubated = isExtubated || marks[place].mark == CareMark.extubation
        place += 1
      }
      if let last = open?.last, time - last > secondsBridged { close() }
      if isSet || isExtubated { if let first = open?.first { open = (first, time) } }
      if isSet, open == nil { open = (time, time) }
      if isExtubated || (isOxygen && !isSet) { close() }
    }
    close()
    return found
  }

  private static func oxygen(_ marks: [Event]) -> [ClosedRange<Int64>] {
    var found: [ClosedRange<Int64>] = []
    var open: (first: Int64, last: Int64)?
    for event in marks where event.mark == CareMark.oxygenOrFlow {
      if let run = open, event.time - run.last <= secondsBridged {
        open = (run.first, event.time)
      } else {
        if let run = open, run.last > run.first { found.append(run.first...run.last) }
        open = (event.time, event.time)
      }
    }
    if let run = open, run.last > run.first { found.append(run.first...run.last) }
    return found
  }

  /// MetaVision's orders as they are. In CareVue a rate above 0 begins, a row without a rate keeps the one before, and a
  /// rate of 0, a stop or the last row ends.
  private static func intervals(_ marks: [Event], ofDrug drug: Int) -> [ClosedRange<Int64>] {
    var found: [ClosedRange<Int64>] = []
    var (first, last): (Int64?, Int64) = (nil, 0)
    for event in marks {
      switch event.mark {
      case CareMark.infusion + drug:
        let end = Int64(event.value)
        if end > event.time { found.append(event.time...end) }
      case CareMark.rate + drug, CareMark.stop + drug:
        last = event.time
        if first == nil, event.value > 0 { first = event.time }
        if let begin = first, event.mark == CareMark.stop + drug || event.value == 0 {
          if event.time > begin { found.append(begin...event.time) }
          first = nil
        }
      default: break
      }
    }
    if let begin = first, last > begin { found.append(begin...last) }
    return found
  }
}

/// Which hours of a stay an interval touches.
private struct CareHours {
  let start: Int64
  let end: Int64
  let hourCount: Int
  let columnCount: Int
  var values: [Double]

  init(start: Int64, end: Int64, hourCount: Int, columnCount: Int) {
    self.start = start
    self.end = end
    self.hourCount = hourCount
    self.columnCount = columnCount
    values = Array(repeating: 0, count: hourCount * columnCount)
  }

  mutating func add(_ intervals: [ClosedRange<Int64>], to column: Int) {
    for interval in intervals {
      let first = Int((interval.lowerBound - start) / CivilTime.secondsPerHour)
      let last = Int((min(interval.upperBound, end) - start) / CivilTime.secondsPerHour)
      for hour in first...max(first, min(last, hourCount - 1)) where hour < hourCount {
        values[hour * columnCount + column] = 1
      }
    }
  }
}
