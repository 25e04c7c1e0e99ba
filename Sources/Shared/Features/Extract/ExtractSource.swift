// SPDX-License-Identifier: Apache-2.0

import Shards
import Sweeps

/// `all_hourly_data.h5`, open: its stays, and their hourly means on demand.
struct ExtractSource {
  struct Stay {
    let subjectID: Int64
    let stayID: Int64
    let age: Double
    let daysInICU: Double
    let diedInICU: Double
    let diedInHospital: Double
    /// NaN where the file has no such column.
    let isReadmitted: Double
    /// Of the hourly frame.
    fileprivate(set) var rows: Range<Int>

    var hours: Double { daysInICU * 24 }

    func label(_ outcome: Outcome) -> Double {
      switch outcome {
      case .icuMortality: diedInICU
      case .inHospitalMortality: diedInHospital
      // Of those who left alive.
      case .readmission30d: diedInICU == 1 || diedInHospital == 1 ? .nan : isReadmitted
      default: daysInICU
      }
    }
  }

  /// In ascending order of patients.
  let stays: [Stay]
  let variables: [String]
  private let hourly: PandasFrameReader
  private let hourLevel: [Int64]
  /// Of the hourly frame, by variable.
  private let places: [Int]

  init(path: String) throws(ShardError) {
    let key = try PandasFrameReader.has("vitals_labs_mean", in: path) ? "vitals_labs_mean" : "vitals_labs"
    let hourly = try PandasFrameReader(path: path, key: key)
    let columns = hourly.columns
    let means = columns.indices.filter { columns[$0].count == 1 || columns[$0].last == "mean" }
    self.hourly = hourly
    places = means
    variables = means.map { columns[$0][0] }
    let levels = hourly.rowLevels
    guard let hours = levels.first(where: { $0.name == "hours_in" })?.values,
      let owners = levels.first(where: { $0.name == "icustay_id" })?.values, !variables.isEmpty
    else { throw Self.lacking(path, key, "an index of icustay_id and hours_in, and columns of hourly means") }
    hourLevel = hours
    var ranges: [Int64: Range<Int>] = [:]
    var start = 0
    for row in 1...max(1, owners.count) where row == owners.count || owners[row] != owners[start] {
      guard ranges.updateValue(start..<row, forKey: owners[start]) == nil else {
        throw Self.lacking(path, key, "the hours of a stay one after the other")
      }
      start = row
    }
    stays = try Self.stays(path, ranges)
  }

  private static func stays(_ path: String, _ ranges: [Int64: Range<Int>]) throws(ShardError) -> [Stay] {
    let (levels, names, values) = try patients(path)
    guard let subjects = levels.first(where: { $0.name == "subject_id" })?.values,
      let stayIDs = levels.first(where: { $0.name == "icustay_id" })?.values,
      let days = names.firstIndex(of: "los_icu"), let inICU = names.firstIndex(of: "mort_icu"),
      let inHospital = names.firstIndex(of: "mort_hosp")
    else {
      throw lacking(path, "patients", "an index of subject_id and icustay_id, and columns los_icu, mort_icu, mort_hosp")
    }
    let age = names.firstIndex(of: "age")
    let readmission = names.firstIndex(of: "readmission_30")
    let found = subjects.indices.map { row in
      func value(_ column: Int) -> Double { values[row * names.count + column] }
      return Stay(
        subjectID: subjects[row], stayID: stayIDs[row], age: age.map(value) ?? .nan, daysInICU: value(days),
        diedInICU: value(inICU), diedInHospital: value(inHospital), isReadmitted: readmission.map(value) ?? .nan,
        rows: ranges[stayIDs[row]] ?? 0..<0)
    }
    return found.sorted { ($0.subjectID, $0.stayID) < ($1.subjectID, $1.stayID) }
  }

  /// In either format: MIMIC-Extract writes this frame as a table.
  private static func patients(
    _ path: String
  ) throws(ShardError) -> (levels: [(name: String, values: [Int64])], names: [String], values: [Double]) {
    if try PandasTableReader.isTable("patients", in: path) {
      let table = try PandasTableReader(path: path, key: "patients")
      return (table.rowLevels, table.columns, table.values)
    }
    let frame = try PandasFrameReader(path: path, key: "patients")
    return (frame.rowLevels, frame.columns.map { $0[0] }, try frame.values(rows: 0..<frame.rowCount))
  }

  private static func lacking(_ path: String, _ key: String, _ expected: String) -> ShardError {
    ShardError.unfitFrame(path: path, key: key, expected: expected)
  }

  private static let statistics = ["last", "min", "max", "mean", "hours"]

  /// - Parameter hours: from the time into the ICU to the index time; nil where that is the time out of it.
  func columns(hours: Int?) -> [FeatureColumn] {
    let window = hours.map { "first \($0) h in the ICU" } ?? "stay in the ICU"
    let age = FeatureColumn(
      name: "age", item: "patients.age", unit: "a", window: "at the time into the ICU", statistic: "value")
    return [age]
      + variables.flatMap { variable in
        Self.statistics.map { statistic in
          FeatureColumn(
            name: "\(Self.plain(variable))_\(statistic)", item: "\(variable) (MIMIC-Extract)",
            unit: statistic == "hours" ? "h" : "as in MIMIC-Extract", window: window,
            statistic: statistic == "hours" ? "hours with a value" : "\(statistic) of the hourly means")
        }
      }
  }

  var channels: [FeatureColumn] {
    variables.map {
      FeatureColumn(
        name: Self.plain($0), item: "\($0) (MIMIC-Extract)", unit: "as in MIMIC-Extract", window: "hour",
        statistic: "mean")
    }
  }

  private static func plain(_ name: String) -> String {
    String(name.map { $0.isLetter || $0.isNumber ? Character($0.lowercased()) : "_" })
  }

  /// What is known of a stay after so many hours: no row of a later hour is read.
  func known(_ stay: Stay, hours: Int) throws(ShardError) -> (tabular: [Float], sequence: [Float]) {
    let stepCount = OutcomeAccumulator.stepCount
    var sequence = [Float](repeating: .nan, count: stepCount * variables.count)
    var statistics = [HourStatistics](repeating: HourStatistics(), count: variables.count)
    let rows = stay.rows.filter { hourLevel[$0] >= 0 && hourLevel[$0] < Int64(hours) }
    if let first = rows.first, let last = rows.last {
      let width = hourly.columns.count
      let values = try hourly.values(rows: first..<(last + 1))
      for row in rows {
        let hour = Int(hourLevel[row])
        let step = hour - (hours - stepCount)
        for (variable, place) in places.enumerated() {
          let value = Float(values[(row - first) * width + place])
          guard !value.isNaN else { continue }
          statistics[variable].add(value)
          if step >= 0 { sequence[step * variables.count + variable] = value }
        }
      }
    }
    let tabular = statistics.flatMap { [$0.last, $0.min, $0.max, $0.mean, $0.count] }
    return ([Float(stay.age)] + tabular, sequence)
  }
}

/// Of one variable's hourly means, in order of time.
private struct HourStatistics {
  private(set) var last = Float.nan
  private(set) var min = Float.nan
  private(set) var max = Float.nan
  private(set) var count: Float = 0
  private var sum = 0.0

  mutating func add(_ value: Float) {
    last = value
    min = count == 0 ? value : Swift.min(min, value)
    max = count == 0 ? value : Swift.max(max, value)
    count += 1
    sum += Double(value)
  }

  var mean: Float { count == 0 ? .nan : Float(sum / Double(count)) }
}
