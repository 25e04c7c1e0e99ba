// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Shards

/// What was written.
package struct ExtractReport: Hashable, Sendable {
  package let stayCount: Int
  package let hourCount: Int
  package let variableCount: Int
  /// Columns of `interventions`.
  package let interventionCount: Int

  /// For a terminal; counts of 1 to 10 are hidden.
  package var text: String {
    "\(SmallCells.line(stayCount)) stays, \(SmallCells.line(hourCount)) hours, \(variableCount) variables, "
      + "\(interventionCount) interventions"
  }
}

/// Writes MIMIC-III tables as MIMIC-Extract's `all_hourly_data.h5` has them, for `pandas.read_hdf`: frames `patients`,
/// `vitals_labs`, `vitals_labs_mean` and `interventions`, hours from the time into the ICU, MIMIC-Extract's usual cohort (first stay
/// of a patient, 15 years and older, 12 h to 10 d). Values are cleaned by our rules, not theirs.
package func writeExtract(
  mimicDirectory: String, to path: String, threadCount: Int? = nil, report: @escaping (String) -> Void = { _ in }
) throws(PreparationError) -> ExtractReport {
  let settings = PreparationSettings(outcomes: [], createdBy: "", threadCount: threadCount)
  let gathered = try withoutActuallyEscaping(report) { report throws(PreparationError) in
    try GatheredTables(
      mimicDirectory: mimicDirectory, scratchDirectory: path + ".preparing", settings: settings, includesCare: true,
      report: report)
  }
  let stays = extractStays(gathered.records)
  guard !stays.isEmpty else {
    throw PreparationError(
      cause: .cohortEmpty(outcome: "all_hourly_data", flow: "no first stay of 12 h to 10 d from 15 years on"))
  }
  let diagnoses: [Int64: String]
  do throws(CohortError) { diagnoses = try ExtractStatics.diagnoses(gathered.directory) } catch {
    throw PreparationError(cause: .input(error))
  }
  do throws(ShardError) {
    let count = try write(gathered, stays, diagnoses, to: path + ".partial")
    try replaceFile(path, with: path + ".partial")
    try? gathered.store.remove()
    return ExtractReport(
      stayCount: stays.count, hourCount: count, variableCount: ExtractVariable.all.count,
      interventionCount: ExtractCare.columns(hasInputs: gathered.hasInputs).count)
  } catch {
    throw PreparationError(cause: .output(error))
  }
}

/// One stay of the file.
struct ExtractStay {
  let place: Int
  let patient: Int
  let outTime: Int64
  /// Hours 0 to this one.
  let hourMax: Int
}

private func extractStays(_ records: HospitalRecords) -> [ExtractStay] {
  var stays: [ExtractStay] = []
  var patient = -1
  for (place, stay) in records.stays.enumerated() {
    let owner = records.patient(of: stay)
    guard owner != patient else { continue }
    patient = owner
    guard let end = stay.outTime, records.patients[owner].hasReached(age: 15, at: stay.inTime) else { continue }
    let hours = Double(end - stay.inTime) / Double(CivilTime.secondsPerHour)
    if hours >= 12, hours <= 240 {
      stays.append(ExtractStay(place: place, patient: owner, outTime: end, hourMax: Int(hours)))
    }
  }
  return stays
}

private func write(
  _ gathered: GatheredTables, _ stays: [ExtractStay], _ diagnoses: [Int64: String], to path: String
) throws(ShardError) -> Int {
  let records = gathered.records
  let file = try PandasFileWriter(path: path)
  func levels(_ perStay: (ExtractStay) -> Int) -> [(name: String, values: [Int64])] {
    func values(_ value: (ExtractStay) -> Int64) -> [Int64] {
      stays.flatMap { Array(repeating: value($0), count: perStay($0)) }
    }
    return [
      ("subject_id", values { records.patients[$0.patient].subjectID }),
      ("hadm_id", values { records.admissions[records.stays[$0.place].admission].hadmID }),
      ("icustay_id", values { records.stays[$0.place].stayID }),
    ]
  }
  let rows = levels { $0.hourMax + 1 } + [("hours_in", stays.flatMap { (0...$0.hourMax).map(Int64.init) })]
  let names = ExtractVariable.all.map(\.name)
  let columnLevels = ["LEVEL2", "Aggregation Function"]
  let all = try file.begin(
    "vitals_labs", columnLevels: columnLevels,
    columns: names.flatMap { name in ["count", "mean", "std"].map { [name, $0] } }, rows: rows)
  let means = try file.begin(
    "vitals_labs_mean", columnLevels: columnLevels, columns: names.map { [$0, "mean"] }, rows: rows)
  let interventions = try file.begin(
    "interventions", columnLevels: [""],
    columns: ExtractCare.columns(hasInputs: gathered.hasInputs).map { [$0] }, rows: rows, isInteger: true)
  var next = 0
  var codeStatus: [ExtractCare.CodeStatus] = []
  for (part, patients) in gathered.store.patientsOfPart.enumerated() {
    guard next < stays.count, patients.contains(stays[next].patient) else { continue }
    let events: EventList
    do throws(PreparationError) { events = try gathered.store.events(ofPart: part) } catch {
      throw ShardError.unreadableScratch(error.description, path: path)
    }
    while next < stays.count, patients.contains(stays[next].patient) {
      let stay = stays[next]
      let start = records.stays[stay.place].inTime
      let hours = ExtractHours(
        events, patient: stay.patient, start: start, end: stay.outTime, hourCount: stay.hourMax + 1)
      try all.append(hours.values)
      try means.append(hours.means)
      let care = ExtractCare(
        events, patient: stay.patient, start: start, end: stay.outTime, hourCount: stay.hourMax + 1,
        hasInputs: gathered.hasInputs)
      try interventions.append(care.values)
      codeStatus.append(care.codeStatus)
      next += 1
    }
  }
  let statics = ExtractStatics(records: records, stays: stays, codeStatus: codeStatus, diagnoses: diagnoses)
  try statics.write(to: file, rows: levels { _ in 1 })
  return rows[0].values.count
}
