// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// Tallies of the event tables, by channel and by test.
struct EventTallies {
  var vitals = [ValueTally](repeating: ValueTally(), count: VitalChannel.count)
  var labs = [ValueTally](repeating: ValueTally(), count: LabTest.all.count)
  /// Rows with ERROR = 1 (or ISERROR = 1) among the items that are used.
  var errorCount = 0
}

extension EventContext {
  func readChartEvents(_ tallies: inout EventTallies) throws(CohortError) -> TableReport {
    let items = VitalItem.all.filter { !$0.isLab }
    let table = ItemTable(items.enumerated().map { ($1.itemID, $0) })
    let ranges = VitalChannel.allCases.map(\.range)
    return try read(.chartevents, columns: ChartColumn.names, isRequired: true) { reader throws(CohortError) in
      guard let place = table.place(of: try reader.requiredInteger(ChartColumn.item)) else { return false }
      if try reader.integer(ChartColumn.error) == 1 {
        tallies.errorCount += 1
        return false
      }
      let item = items[place]
      guard let number = try chartedNumber(reader, item), let patient = try patient(reader, ChartColumn.subject) else {
        return false
      }
      let channel = item.channel.rawValue
      let converted = item.conversion.apply(number)
      guard let value = ranges[channel].admit(converted, &tallies.vitals[channel]) else { return false }
      let admission = try admission(reader, ChartColumn.admission)
      let time = try reader.requiredTime(ChartColumn.time)
      for accumulator in accumulators {
        accumulator.addVital(value, item: item, patient: patient, admission: admission, time: time)
      }
      return true
    }
  }

  /// Results for the 30 tests, and for the channels that blood feeds too.
  func readLabEvents(_ tallies: inout EventTallies) throws(CohortError) -> TableReport {
    let tests = LabTest.all.enumerated().flatMap { test, lab in
      lab.items.enumerated().map { (itemID: $1, test: test, priority: $0) }
    }
    let testTable = ItemTable(tests.enumerated().map { ($1.itemID, $0) })
    let items = VitalItem.all.filter(\.isLab)
    let itemTable = ItemTable(items.enumerated().map { ($1.itemID, $0) })
    let columns = ["SUBJECT_ID", "HADM_ID", "ITEMID", "CHARTTIME", "VALUENUM", "FLAG"]
    return try read(.labevents, columns: columns, isRequired: true) { reader throws(CohortError) in
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
        let test = tests[place].test
        if let value = LabTest.all[test].range.admit(number, &tallies.labs[test]) {
          let isAbnormal = reader.hasPrefix("abnormal", 5)
          for accumulator in accumulators {
            accumulator.addLab(
              value, test: test, priority: tests[place].priority, isAbnormal: isAbnormal, patient: patient,
              admission: admission, time: time)
          }
          isUsed = true
        }
      }
      if let place = itemPlace {
        let item = items[place]
        let converted = item.conversion.apply(number)
        if let value = item.channel.range.admit(converted, &tallies.vitals[item.channel.rawValue]) {
          for accumulator in accumulators {
            accumulator.addVital(value, item: item, patient: patient, admission: admission, time: time)
          }
          isUsed = true
        }
      }
      return isUsed
    }
  }

  func readOutputEvents(_ tallies: inout EventTallies) throws(CohortError) -> TableReport {
    let items = UrineItem.all + [UrineItem.irrigantIn]
    let table = ItemTable(items.enumerated().map { ($1, $0) })
    let columns = ["SUBJECT_ID", "HADM_ID", "ITEMID", "CHARTTIME", "VALUE", "ISERROR"]
    return try read(.outputevents, columns: columns, isRequired: false) { reader throws(CohortError) in
      let itemID = try reader.requiredInteger(2)
      guard table.place(of: itemID) != nil else { return false }
      if try reader.integer(5) == 1 {
        tallies.errorCount += 1
        return false
      }
      guard let value = try reader.decimal(4), let patient = try patient(reader, 0) else { return false }
      let millilitres = Float(itemID == Int64(UrineItem.irrigantIn) ? -value : value)
      let admission = try admission(reader, 1)
      let time = try reader.requiredTime(3)
      for accumulator in accumulators {
        accumulator.addUrine(millilitres, patient: patient, admission: admission, time: time)
      }
      return true
    }
  }

  func readPrescriptions() throws(CohortError) -> TableReport {
    var classesOfDrug: [String: DrugClasses] = [:]
    let columns = ["SUBJECT_ID", "HADM_ID", "STARTDATE", "DRUG_TYPE", "DRUG"]
    return try read(.prescriptions, columns: columns, isRequired: false) { reader throws(CohortError) in
      // BASE is the fluid that a drug is dissolved in.
      guard !reader.hasPrefix("base", 3), let drug = reader.text(4), let day = try reader.time(2),
        let patient = try patient(reader, 0)
      else { return false }
      let admission = try admission(reader, 1)
      let classes = classesOfDrug[drug] ?? DrugClasses(drug: drug)
      classesOfDrug[drug] = classes
      for accumulator in accumulators {
        accumulator.addPrescription(classes: classes, patient: patient, admission: admission, day: day)
      }
      return true
    }
  }
}
