// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// CHARTEVENTS and LABEVENTS as mimic3-benchmarks reads them: rows of its stays and items, values cleaned.
///
/// Rows that name no admission, or an ICU stay other than their admission's, are left out, and rows with ERROR = 1 are
/// not: both are the benchmark's rules.
struct BenchmarkPasses: Sendable {
  static let version = 1
  static let tables: [MIMICTable] = [.labevents, .chartevents]

  private let records: HospitalRecords
  private let stayOfAdmission: [Int32]
  private let stays: [BenchmarkCohort.Stay]

  init(records: HospitalRecords, cohort: BenchmarkCohort) {
    self.records = records
    stayOfAdmission = cohort.stayOfAdmission
    stays = cohort.stays
  }

  func readChartEvents(_ gathering: EventGathering) throws(PreparationError) -> TableReport {
    try read(
      .chartevents, isLab: false, stayColumn: 5,
      columns: ["SUBJECT_ID", "HADM_ID", "ITEMID", "CHARTTIME", "VALUE", "ICUSTAY_ID", "VALUEUOM"], gathering)
  }

  func readLabEvents(_ gathering: EventGathering) throws(PreparationError) -> TableReport {
    try read(
      .labevents, isLab: true, stayColumn: nil,
      columns: ["SUBJECT_ID", "HADM_ID", "ITEMID", "CHARTTIME", "VALUE", "VALUEUOM"], gathering)
  }

  private func read(
    _ table: MIMICTable, isLab: Bool, stayColumn: Int?, columns: [String], _ gathering: EventGathering
  ) throws(PreparationError) -> TableReport {
    let items = BenchmarkItem.all
    let variables = BenchmarkVariable.all
    let places = ItemTable(items.enumerated().filter { $1.isLab == isLab }.map { ($1.itemID, $0) })
    let unitColumn = columns.count - 1
    return try gathering.read(table, columns: columns, isRequired: true) { reader, block throws(CohortError) in
      guard let place = places.place(of: try reader.requiredInteger(2)), let admissionID = try reader.integer(1),
        let admission = records.admissionIndex.index(of: admissionID), stayOfAdmission[admission] >= 0
      else { return false }
      let stay = stays[Int(stayOfAdmission[admission])]
      if let stayColumn, let stayID = try reader.integer(stayColumn), stayID != records.stays[stay.stay].stayID {
        return false
      }
      guard try reader.requiredInteger(0) == records.patients[stay.patient].subjectID, let value = reader.text(4),
        !MissingText.contains(value)
      else { return false }
      let item = items[place]
      let cleaning = variables[item.variable].cleaning
      var number = Double.nan
      if cleaning != .text {
        guard let cleaned = cleaning.number(value, unit: reader.text(unitColumn) ?? "", item: item) else {
          block.tallies.vitals[item.variable].dropped += 1
          return false
        }
        number = cleaned
      }
      block.tallies.vitals[item.variable].kept += 1
      let record = EventRecord(
        .benchmark, place: place, value: number, patient: stay.patient, admission: Int32(admission),
        stay: Int32(stay.stay), time: try reader.requiredTime(3))
      var text = value
      text.withUTF8 { block.append(record, text: cleaning == .text ? $0 : nil) }
      return true
    }
  }
}

extension EventContext {
  /// Conditions, and whether there is any known code, by admission.
  func readPhenotypes() throws(CohortError) -> (phenotypes: [UInt32], hasDiagnosis: [Bool], report: TableReport) {
    var known: Set<String> = []
    _ = try read(.dIcdDiagnoses, columns: ["ICD9_CODE"], isRequired: true) { reader throws(CohortError) in
      if let code = reader.text(0) { known.insert(code) }
      return true
    }
    var phenotypes = [UInt32](repeating: 0, count: records.admissions.count)
    var hasDiagnosis = [Bool](repeating: false, count: records.admissions.count)
    var meanings: [String: UInt32] = [:]
    let report = try read(.diagnosesIcd, columns: ["HADM_ID", "ICD9_CODE"], isRequired: true) {
      reader throws(CohortError) in
      guard case let admission = try admission(reader, 0), admission >= 0, let code = reader.text(1),
        known.contains(code)
      else { return false }
      let meaning = meanings[code] ?? Phenotype.bits(of: code)
      meanings[code] = meaning
      phenotypes[Int(admission)] |= meaning
      hasDiagnosis[Int(admission)] = true
      return true
    }
    return (phenotypes, hasDiagnosis, report)
  }
}

extension Phenotype {
  /// Bit i is set where `all[i]` contains the code.
  static func bits(of code: String) -> UInt32 {
    all.enumerated().reduce(0) { $1.element.contains(code: code) ? $0 | 1 << UInt32($1.offset) : $0 }
  }
}
