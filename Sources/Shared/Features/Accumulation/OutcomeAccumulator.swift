// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Sweeps

/// All that is gathered from the event tables for some units of one outcome: about 12 kB each, whatever the tables' size.
///
/// Units are numbered from the first of `unitRange` here.
final class OutcomeAccumulator {
  let outcome: Outcome
  let featureSet: FeatureSet
  /// Of `cohort.units`.
  let unitRange: Range<Int>
  private let units: [KnownUnit]
  private let windows: [UnitWindow]
  private let firstPatient: Int
  private let unitsOfPatient: [Range<Int>]

  /// [unit, channel].
  private(set) var vitals: [RunningStatistics]
  /// [unit, test].
  private(set) var labs: [RunningStatistics]
  /// As `vitals` and `labs`, by window; empty but for the full set.
  private(set) var vitalWindows: [WindowStatistics] = []
  private(set) var labWindows: [WindowStatistics] = []
  /// [unit, step, channel]: the last value in the hour, NaN where there is none.
  private var bins: [Float]
  /// As `bins`: second within the hour × 64 + (63 − priority) of that value.
  private var binKeys: [Int32]
  /// [unit]: ml in the last 24 h before the index time, NaN where nothing is recorded.
  private(set) var urine: [Float]
  /// [unit, class]: orders; and all orders, last.
  private(set) var prescriptions: [Int32]

  /// Hourly steps of a sequence: step t is the hour from index time − (48 − t) h on.
  static let stepCount = 48
  private static let urineHours: Int64 = 24

  /// - Parameter patients: whose units these are.
  init(outcome: Outcome, cohort: Cohort, patients: Range<Int>, records: HospitalRecords, featureSet: FeatureSet) {
    self.outcome = outcome
    self.featureSet = featureSet
    // Units are in ascending order of their patient.
    let unitRange =
      cohort.units.firstPlace(
        ofPatient: patients.lowerBound)..<cohort.units.firstPlace(
        ofPatient: patients.upperBound)
    self.unitRange = unitRange
    units = cohort.units[unitRange].map(KnownUnit.init)
    windows = cohort.units[unitRange].map {
      UnitWindow($0, admissionStart: records.admissions[$0.admission].start)
    }
    firstPatient = patients.lowerBound
    var ranges = [Range<Int>](repeating: 0..<0, count: patients.count)
    for (index, unit) in cohort.units[unitRange].enumerated() {
      let place = unit.patient - patients.lowerBound
      ranges[place] = ranges[place].isEmpty ? index..<(index + 1) : ranges[place].lowerBound..<(index + 1)
    }
    unitsOfPatient = ranges
    let count = unitRange.count
    vitals = Array(repeating: RunningStatistics(), count: count * VitalChannel.count)
    labs = Array(repeating: RunningStatistics(), count: count * LabTest.all.count)
    if featureSet == .full {
      vitalWindows = Array(repeating: WindowStatistics(), count: count * VitalChannel.count)
      labWindows = Array(repeating: WindowStatistics(), count: count * LabTest.all.count)
    }
    bins = Array(repeating: .nan, count: count * Self.stepCount * VitalChannel.count)
    binKeys = Array(repeating: -1, count: count * Self.stepCount * VitalChannel.count)
    urine = Array(repeating: .nan, count: count)
    prescriptions = Array(repeating: 0, count: count * (DrugClass.allCases.count + 1))
  }

  /// [T × C] of one unit.
  func sequence(_ unit: Int) -> [Float] {
    let width = Self.stepCount * VitalChannel.count
    return Array(bins[(unit * width)..<((unit + 1) * width)])
  }

  /// By its place among those here.
  func unit(_ index: Int) -> KnownUnit { units[index] }

  func addVital(_ value: Float, item: VitalItem, patient: Int, admission: Int32, time: Int64) {
    for unit in unitsOfPatient[patient - firstPatient] {
      guard let observed = windows[unit].chart(value, admission, time) else { continue }
      let channel = unit * VitalChannel.count + item.channel.rawValue
      vitals[channel].add(observed, priority: item.priority)
      if featureSet == .full { vitalWindows[channel].add(observed, priority: item.priority) }
      let secondsIn = Int64(Self.stepCount) * CivilTime.secondsPerHour - observed.secondsBefore
      guard secondsIn >= 0 else { continue }
      let step = Int(secondsIn / CivilTime.secondsPerHour)
      let key = Int32(truncatingIfNeeded: secondsIn % CivilTime.secondsPerHour) * 64 + Int32(63 - item.priority)
      let place = (unit * Self.stepCount + step) * VitalChannel.count + item.channel.rawValue
      if key >= binKeys[place] {
        binKeys[place] = key
        bins[place] = observed.value
      }
    }
  }

  func addLab(
    _ value: Float, test: Int, priority: Int, isAbnormal: Bool, patient: Int, admission: Int32, time: Int64
  ) {
    for unit in unitsOfPatient[patient - firstPatient] {
      guard let observed = windows[unit].lab(value, admission, time) else { continue }
      let place = unit * LabTest.all.count + test
      labs[place].add(observed, priority: priority, isAbnormal: isAbnormal)
      if featureSet == .full { labWindows[place].add(observed, priority: priority, isAbnormal: isAbnormal) }
    }
  }

  func addUrine(_ millilitres: Float, patient: Int, admission: Int32, time: Int64) {
    for unit in unitsOfPatient[patient - firstPatient] {
      guard let observed = windows[unit].chart(millilitres, admission, time),
        observed.secondsBefore <= Self.urineHours * CivilTime.secondsPerHour
      else { continue }
      urine[unit] = (urine[unit].isNaN ? 0 : urine[unit]) + observed.value
    }
  }

  /// - Parameter day: midnight of the day of the first dose. Only the day is recorded, so the order counts where that day
  ///   is over by the index time.
  func addPrescription(classes: DrugClasses, patient: Int, admission: Int32, day: Int64) {
    let width = DrugClass.allCases.count + 1
    for unit in unitsOfPatient[patient - firstPatient] where windows[unit].admission == admission {
      guard let observed = windows[unit].indexTime.observe(classes, onDay: day) else { continue }
      prescriptions[(unit + 1) * width - 1] += 1
      for drugClass in DrugClass.allCases where observed.value.contains(drugClass) {
        prescriptions[unit * width + drugClass.rawValue] += 1
      }
    }
  }
}

extension OutcomeAccumulator {
  /// Takes in a patient's events, in the order of the tables.
  func add(_ events: EventList, ofPatient patient: Int) {
    guard !unitsOfPatient[patient - firstPatient].isEmpty else { return }
    let items = VitalItem.all
    let tests = LabTest.places
    events.forEach(ofPatient: patient) { record, _ in
      let place = Int(record.place)
      switch record.kind {
      case .vital:
        addVital(
          Float(record.value), item: items[place], patient: patient, admission: record.admission, time: record.time)
      case .lab, .labAbnormal:
        addLab(
          Float(record.value), test: tests[place].test, priority: tests[place].priority,
          isAbnormal: record.kind == .labAbnormal, patient: patient, admission: record.admission, time: record.time)
      case .urine:
        addUrine(Float(record.value), patient: patient, admission: record.admission, time: record.time)
      case .prescription:
        addPrescription(
          classes: DrugClasses(bits: UInt32(record.value)), patient: patient, admission: record.admission,
          day: record.time)
      case .benchmark, .care: break
      }
    }
  }
}

extension [CohortUnit] {
  /// Where the units of this patient begin, or would; the units are in ascending order of their patient.
  func firstPlace(ofPatient patient: Int) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].patient < patient { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
