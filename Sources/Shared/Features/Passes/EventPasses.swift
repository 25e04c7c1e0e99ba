// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Foundation

/// Tallies of the event tables, by channel and by test.
struct EventTallies: Codable, Hashable, Sendable {
  var vitals = [ValueTally](repeating: ValueTally(), count: VitalChannel.count)
  var labs = [ValueTally](repeating: ValueTally(), count: LabTest.all.count)
  /// Rows with ERROR = 1 (or ISERROR = 1) among the items that are used.
  var errorCount = 0

  mutating func add(_ other: EventTallies) {
    for channel in vitals.indices { vitals[channel].add(other.vitals[channel]) }
    for test in labs.indices { labs[test].add(other.labs[test]) }
    errorCount += other.errorCount
  }
}

/// The event tables as the families of `FeatureFamily` use them: which rows become which records.
struct EventPasses: Sendable {
  private let patients: IdentifierIndex
  private let admissions: IdentifierIndex

  init(records: HospitalRecords) {
    patients = records.patientIndex
    admissions = records.admissionIndex
  }

  /// To be counted up when a record comes to mean something else.
  static let version = 1
  static let tables: [MIMICTable] = [.prescriptions, .outputevents, .labevents, .chartevents]

  private func patient(_ reader: TableReader, _ column: Int) throws(CohortError) -> Int? {
    patients.index(of: try reader.requiredInteger(column))
  }

  private func admission(_ reader: TableReader, _ column: Int) throws(CohortError) -> Int32 {
    guard let hadmID = try reader.integer(column) else { return EventAdmission.none }
    return admissions.index(of: hadmID).map { Int32($0) } ?? EventAdmission.unknown
  }

  func readChartEvents(
    _ gathering: EventGathering, _ care: CarePasses? = nil
  ) throws(PreparationError) -> TableReport {
    let items = VitalItem.all
    let table = ItemTable(items.enumerated().filter { !$1.isLab }.map { ($1.itemID, $0) })
    let ranges = VitalChannel.allCases.map(\.range)
    return try gathering.read(.chartevents, columns: ChartColumn.names, isRequired: true) {
      reader, block throws(CohortError) in
      let itemID = try reader.requiredInteger(ChartColumn.item)
      guard let place = table.place(of: itemID) else { return try care?.chart(reader, itemID, &block) ?? false }
      if try reader.integer(ChartColumn.error) == 1 {
        block.tallies.errorCount += 1
        return false
      }
      let item = items[place]
      guard let number = try chartedNumber(reader, item), let patient = try patient(reader, ChartColumn.subject) else {
        return false
      }
      let channel = item.channel.rawValue
      let converted = item.conversion.apply(number)
      guard let value = ranges[channel].admit(converted, &block.tallies.vitals[channel]) else { return false }
      block.append(
        EventRecord(
          .vital, place: place, value: Double(value), patient: patient,
          admission: try admission(reader, ChartColumn.admission), time: try reader.requiredTime(ChartColumn.time)))
      return true
    }
  }

  /// Results for the 30 tests, and for the channels that blood feeds too.
  func readLabEvents(_ gathering: EventGathering) throws(PreparationError) -> TableReport {
    let testTable = ItemTable(LabTest.places.enumerated().map { ($1.itemID, $0) })
    let items = VitalItem.all
    let itemTable = ItemTable(items.enumerated().filter { $1.isLab }.map { ($1.itemID, $0) })
    let columns = ["SUBJECT_ID", "HADM_ID", "ITEMID", "CHARTTIME", "VALUENUM", "FLAG"]
    return try gathering.read(.labevents, columns: columns, isRequired: true) { reader, block throws(CohortError) in
      let itemID = try reader.requiredInteger(2)
      let testPlace = testTable.place(of: itemID)
      let itemPlace = itemTable.place(of: itemID)
      guard testPlace != nil || itemPlace != nil, let number = try reader.decimal(4),
        let patient = try patient(reader, 0)
      else { return false }
      let admission = try admission(reader, 1)
      let time = try reader.requiredTime(3)
      var isUsed = false
      if let place = testPlace {
        let test = LabTest.places[place].test
        if let value = LabTest.all[test].range.admit(number, &block.tallies.labs[test]) {
          block.append(
            EventRecord(
              reader.hasPrefix("abnormal", 5) ? .labAbnormal : .lab, place: place, value: Double(value),
              patient: patient, admission: admission, time: time))
          isUsed = true
        }
      }
      if let place = itemPlace {
        let item = items[place]
        let converted = item.conversion.apply(number)
        if let value = item.channel.range.admit(converted, &block.tallies.vitals[item.channel.rawValue]) {
          block.append(
            EventRecord(
              .vital, place: place, value: Double(value), patient: patient, admission: admission, time: time))
          isUsed = true
        }
      }
      return isUsed
    }
  }

  func readOutputEvents(_ gathering: EventGathering) throws(PreparationError) -> TableReport {
    let items = UrineItem.all + [UrineItem.irrigantIn]
    let table = ItemTable(items.enumerated().map { ($1, $0) })
    let columns = ["SUBJECT_ID", "HADM_ID", "ITEMID", "CHARTTIME", "VALUE", "ISERROR"]
    return try gathering.read(.outputevents, columns: columns, isRequired: false) { reader, block throws(CohortError) in
      let itemID = try reader.requiredInteger(2)
      guard table.place(of: itemID) != nil else { return false }
      if try reader.integer(5) == 1 {
        block.tallies.errorCount += 1
        return false
      }
      guard let value = try reader.decimal(4), let patient = try patient(reader, 0) else { return false }
      block.append(
        EventRecord(
          .urine, place: 0, value: itemID == Int64(UrineItem.irrigantIn) ? -value : value, patient: patient,
          admission: try admission(reader, 1), time: try reader.requiredTime(3)))
      return true
    }
  }

  func readPrescriptions(_ gathering: EventGathering) throws(PreparationError) -> TableReport {
    let classesOfDrug = DrugClassCache()
    let columns = ["SUBJECT_ID", "HADM_ID", "STARTDATE", "DRUG_TYPE", "DRUG"]
    return try gathering.read(.prescriptions, columns: columns, isRequired: false) {
      reader, block throws(CohortError) in
      // BASE is the fluid that a drug is dissolved in.
      guard !reader.hasPrefix("base", 3), let drug = reader.text(4), let day = try reader.time(2),
        let patient = try patient(reader, 0)
      else { return false }
      block.append(
        EventRecord(
          .prescription, place: 0, value: Double(classesOfDrug.classes(of: drug).bits), patient: patient,
          admission: try admission(reader, 1), time: day))
      return true
    }
  }
}

/// The classes of each drug name, worked out once: there are about 4,500 names in 4,000,000 rows.
///
/// `@unchecked`: the dictionary is touched only while the lock is held.
final class DrugClassCache: @unchecked Sendable {
  private let lock = NSLock()
  private var known: [String: DrugClasses] = [:]

  func classes(of drug: String) -> DrugClasses {
    if let found = lock.withLock({ known[drug] }) { return found }
    let classes = DrugClasses(drug: drug)
    lock.withLock { known[drug] = classes }
    return classes
  }
}
