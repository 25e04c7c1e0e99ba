// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Shards

/// What was written.
package struct ExtractReport: Hashable, Sendable {
  package let stayCount: Int
  package let hourCount: Int
  package let variableCount: Int
}

/// Writes MIMIC-III tables as MIMIC-Extract's `all_hourly_data.h5` has them, for `pandas.read_hdf`: frames `patients`,
/// `vitals_labs` and `vitals_labs_mean`, hours from the time into the ICU, MIMIC-Extract's usual cohort (first stay of a patient, 15
/// years and older, 12 h to 10 d). Values are cleaned by our rules, not theirs; `interventions` is not written.
package func writeExtract(
  mimicDirectory: String, to path: String, threadCount: Int? = nil, report: @escaping (String) -> Void = { _ in }
) throws(PreparationError) -> ExtractReport {
  let settings = PreparationSettings(outcomes: [], createdBy: "", threadCount: threadCount)
  let gathered = try withoutActuallyEscaping(report) { report throws(PreparationError) in
    try GatheredTables(
      mimicDirectory: mimicDirectory, scratchDirectory: path + ".preparing", settings: settings, report: report)
  }
  let stays = extractStays(gathered.records)
  guard !stays.isEmpty else {
    throw PreparationError(
      cause: .cohortEmpty(outcome: "all_hourly_data", flow: "no first stay of 12 h to 10 d from 15 years on"))
  }
  do throws(ShardError) {
    let count = try write(gathered, stays, to: path + ".partial")
    try replaceFile(path, with: path + ".partial")
    try? gathered.store.remove()
    return ExtractReport(stayCount: stays.count, hourCount: count, variableCount: ExtractVariable.all.count)
  } catch {
    throw PreparationError(cause: .output(error))
  }
}

/// One stay of the file.
private struct ExtractStay {
  let place: Int
  let patient: Int
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
    if hours >= 12, hours <= 240 { stays.append(ExtractStay(place: place, patient: owner, hourMax: Int(hours))) }
  }
  return stays
}

private func write(
  _ gathered: GatheredTables, _ stays: [ExtractStay], to path: String
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
  try writePatients(gathered, stays, file, levels { _ in 1 })
  let rows = levels { $0.hourMax + 1 } + [("hours_in", stays.flatMap { (0...$0.hourMax).map(Int64.init) })]
  let names = ExtractVariable.all.map(\.name)
  let columnLevels = ["LEVEL2", "Aggregation Function"]
  let all = try file.begin(
    "vitals_labs", columnLevels: columnLevels,
    columns: names.flatMap { name in ["count", "mean", "std"].map { [name, $0] } }, rows: rows)
  let means = try file.begin(
    "vitals_labs_mean", columnLevels: columnLevels, columns: names.map { [$0, "mean"] }, rows: rows)
  var next = 0
  for (part, patients) in gathered.store.patientsOfPart.enumerated() {
    guard next < stays.count, patients.contains(stays[next].patient) else { continue }
    let events: EventList
    do throws(PreparationError) { events = try gathered.store.events(ofPart: part) } catch {
      throw ShardError.unreadableScratch(error.description, path: path)
    }
    while next < stays.count, patients.contains(stays[next].patient) {
      let stay = stays[next]
      let hours = ExtractHours(
        events, patient: stay.patient, start: records.stays[stay.place].inTime, hourCount: stay.hourMax + 1)
      try all.append(hours.values)
      try means.append(hours.means)
      next += 1
    }
  }
  return rows[0].values.count
}

private func writePatients(
  _ gathered: GatheredTables, _ stays: [ExtractStay], _ file: PandasFileWriter,
  _ rows: [(name: String, values: [Int64])]
) throws(ShardError) {
  let records = gathered.records
  let numbers = ["age", "los_icu", "max_hours", "mort_icu", "mort_hosp", "hosp_expire_flag"]
  let admissions = stays.map { records.admissions[records.stays[$0.place].admission] }
  let texts: [(name: String, values: [String?])] = [
    ("gender", stays.map { records.patients[$0.patient].gender }), ("ethnicity", admissions.map(\.ethnicity)),
    ("insurance", admissions.map(\.insurance)), ("admission_type", admissions.map(\.type)),
    ("first_careunit", stays.map { records.stays[$0.place].firstCareUnit }),
  ]
  let writer = try file.begin(
    "patients", columnLevels: [""], columns: numbers.map { [$0] }, rows: rows, texts: texts)
  for stay in stays {
    let record = records.stays[stay.place]
    let isDead: Double = records.admissions[record.admission].endsInDeath ? 1 : 0
    try writer.append([
      records.patients[stay.patient].age(at: record.inTime), records.daysInICU(stay.place), Double(stay.hourMax),
      records.diedInICU(stay.place) ? 1 : 0, isDead, isDead,
    ])
  }
}
