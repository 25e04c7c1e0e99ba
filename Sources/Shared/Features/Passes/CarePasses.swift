// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// Rows about treatments: ventilation, vasopressors, boluses, code status. Only the export to MIMIC-Extract reads them.
struct CarePasses: Sendable {
  /// To be counted up when a record comes to mean something else.
  static let version = 1
  static let tables: [MIMICTable] = [.inputeventsCv, .inputeventsMv, .procedureeventsMv]

  private enum ChartRole: Int, CaseIterable {
    case setting, ventilatorType, device, otherDevice, flow, extubation, codeStatus, colloid, adenosine
  }

  private let patients: IdentifierIndex
  private let chartTable: ItemTable
  private let careVueTable: ItemTable
  private let metaVisionTable: ItemTable

  private static let (colloid, crystalloid) = (CareDrug.all.count, CareDrug.all.count + 1)

  init(records: HospitalRecords) {
    patients = records.patientIndex
    let roles: [(ChartRole, [Int])] = [
      (.setting, CareItem.ventilatorSettings), (.ventilatorType, CareItem.ventilatorTypes),
      (.device, CareItem.oxygenDevices), (.otherDevice, CareItem.otherOxygenDevices), (.flow, CareItem.oxygenFlows),
      (.extubation, [CareItem.chartedExtubation]), (.codeStatus, CareItem.codeStatus),
      (.colloid, CareItem.chartedColloids), (.adenosine, [CareDrug.chartedAdenosine]),
    ]
    chartTable = ItemTable(roles.flatMap { role, items in items.map { ($0, role.rawValue) } })
    func table(_ items: (CareDrug) -> [Int], _ colloids: [Int], _ crystalloids: [Int]) -> ItemTable {
      ItemTable(
        CareDrug.all.enumerated().flatMap { place, drug in items(drug).map { ($0, place) } }
          + colloids.map { ($0, Self.colloid) } + crystalloids.map { ($0, Self.crystalloid) })
    }
    careVueTable = table(\.careVueItems, CareItem.careVueColloids, CareItem.careVueCrystalloids)
    metaVisionTable = table(\.metaVisionItems, CareItem.metaVisionColloids, CareItem.metaVisionCrystalloids)
  }

  private func add(
    _ mark: Int, _ reader: TableReader, time: Int64, value: Double = 0, to block: inout EventBlock
  ) throws(CohortError) {
    guard let patient = patients.index(of: try reader.requiredInteger(0)) else { return }
    block.append(
      EventRecord(
        .care, place: mark, value: value, patient: patient, admission: EventAdmission.none, time: time))
  }

  /// A row of CHARTEVENTS, with the columns of `ChartColumn`; false where it is of no use.
  func chart(_ reader: TableReader, _ itemID: Int64, _ block: inout EventBlock) throws(CohortError) -> Bool {
    guard let role = chartTable.place(of: itemID).flatMap(ChartRole.init), !reader.isNull(ChartColumn.value),
      try reader.integer(ChartColumn.error) != 1
    else { return false }
    let time = try reader.requiredTime(ChartColumn.time)
    func text() -> String { plain(reader.text(ChartColumn.value)) }
    var marks: [Int] = []
    var value = 0.0
    switch role {
    case .setting: marks = [CareMark.ventilator]
    case .ventilatorType: if !text().hasPrefix("other") { marks = [CareMark.ventilator] }
    case .device:
      let device = text()
      if device == "ventilator" { marks = [CareMark.ventilator] }
      if CareItem.oxygenTexts.contains(device) { marks = [CareMark.oxygen, CareMark.oxygenOrFlow] }
    case .otherDevice: if CareItem.oxygenTexts.contains(text()) { marks = [CareMark.oxygenOrFlow] }
    case .flow: if try reader.decimal(ChartColumn.number) ?? 0 > 0 { marks = [CareMark.oxygenOrFlow] }
    case .extubation: if ["extubated", "self extubation"].contains(text()) { marks = [CareMark.extubation] }
    case .codeStatus: marks = codeMarks(text())
    case .colloid:
      let amount = try reader.decimal(ChartColumn.number) ?? 0
      if amount > 100, amount < 2_000 { marks = [CareMark.colloidBolus] }
    case .adenosine:
      marks = [CareMark.rate]
      value = try reader.decimal(ChartColumn.number) ?? .nan
    }
    for mark in marks { try add(mark, reader, time: time, value: value, to: &block) }
    return !marks.isEmpty
  }

  /// CareVue cuts its texts at 16 letters.
  private func codeMarks(_ text: String) -> [Int] {
    switch text {
    case "full code": [CareMark.fullCode]
    case "comfort measures", "comfort measures only": [CareMark.comfortOnly]
    case "do not resuscita", "dnr (do not resuscitate)", "dnr / dni": [CareMark.noResuscitation]
    case "other/remarks": []
    default: [CareMark.otherCode]
    }
  }

  func readInputsOfCareVue(_ gathering: EventGathering) throws(PreparationError) -> TableReport {
    let columns = ["SUBJECT_ID", "CHARTTIME", "ITEMID", "AMOUNT", "AMOUNTUOM", "RATE", "STOPPED"]
    return try gathering.read(.inputeventsCv, columns: columns, isRequired: false) {
      reader, block throws(CohortError) in
      let itemID = try reader.requiredInteger(2)
      guard let place = careVueTable.place(of: itemID) else { return false }
      let time = try reader.requiredTime(1)
      let amount = try reader.decimal(3)
      if place < CareDrug.all.count {
        let isMisplaced = CareItem.vasopressinWithoutRate.contains(Int(itemID))
        let rate = isMisplaced ? amount : try reader.decimal(5)
        let isStop = reader.hasPrefix("stopped", 6) || reader.hasPrefix("d/c", 6)
        let mark = (isStop ? CareMark.stop : CareMark.rate) + place
        try add(mark, reader, time: time, value: rate ?? .nan, to: &block)
        return true
      }
      let isColloid = place == Self.colloid
      guard let amount, amount > (isColloid ? 100 : 248), isColloid ? amount < 2_000 : amount <= 2_000,
        isColloid || plain(reader.text(4)) == "ml"
      else { return false }
      try add(isColloid ? CareMark.colloidBolus : CareMark.crystalloidBolus, reader, time: time, to: &block)
      return true
    }
  }

  func readInputsOfMetaVision(_ gathering: EventGathering) throws(PreparationError) -> TableReport {
    let columns = [
      "SUBJECT_ID", "STARTTIME", "ENDTIME", "ITEMID", "AMOUNT", "AMOUNTUOM", "RATE", "RATEUOM", "PATIENTWEIGHT",
      "STATUSDESCRIPTION",
    ]
    return try gathering.read(.inputeventsMv, columns: columns, isRequired: false) {
      reader, block throws(CohortError) in
      guard let place = metaVisionTable.place(of: try reader.requiredInteger(3)), !reader.hasPrefix("rewritten", 9)
      else { return false }
      let time = try reader.requiredTime(1)
      if place < CareDrug.all.count {
        guard let end = try reader.time(2) else { return false }
        try add(CareMark.infusion + place, reader, time: time, value: Double(end), to: &block)
        return true
      }
      let isColloid = place == Self.colloid
      let least: Double = isColloid ? 100 : 248
      guard try isFast(reader, least: least, isRateNeeded: isColloid), try millilitres(reader) > least else {
        return false
      }
      try add(isColloid ? CareMark.colloidBolus : CareMark.crystalloidBolus, reader, time: time, to: &block)
      return true
    }
  }

  /// Whether more than `least` ml an hour run in; what is pushed at once has no rate.
  private func isFast(_ reader: TableReader, least: Double, isRateNeeded: Bool) throws(CohortError) -> Bool {
    guard let rate = try reader.decimal(6) else { return !isRateNeeded }
    switch plain(reader.text(7)) {
    case "ml/hour": return rate > least
    case "ml/min": return rate > least / 60
    case "ml/kg/hour":
      let weight = try reader.decimal(8) ?? 0
      return isRateNeeded && rate * weight > least
    default: return false
    }
  }

  private func millilitres(_ reader: TableReader) throws(CohortError) -> Double {
    let amount = try reader.decimal(4) ?? 0
    switch plain(reader.text(5)) {
    case "l": return (amount * 1_000).rounded()
    case "ml": return amount.rounded()
    default: return 0
    }
  }

  func readProcedures(_ gathering: EventGathering) throws(PreparationError) -> TableReport {
    let columns = ["SUBJECT_ID", "STARTTIME", "ITEMID"]
    return try gathering.read(.procedureeventsMv, columns: columns, isRequired: false) {
      reader, block throws(CohortError) in
      guard CareItem.extubations.contains(try reader.requiredInteger(2)) else { return false }
      try add(CareMark.extubation, reader, time: try reader.requiredTime(1), to: &block)
      return true
    }
  }

  private func plain(_ text: String?) -> String {
    var text = Substring((text ?? "").lowercased())
    while text.last == " " { text.removeLast() }
    while text.first == " " { text.removeFirst() }
    return String(text)
  }
}
