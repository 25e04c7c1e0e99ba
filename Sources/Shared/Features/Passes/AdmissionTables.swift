// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// What the smaller tables say of each admission, nil where a table is missing or empty.
struct AdmissionTables {
  /// One admission's codes of DIAGNOSES_ICD.
  struct Diagnoses {
    var conditions = CharlsonConditions()
    var codeCount = 0
    /// Bit i: `ElixhauserCondition.all[i]`.
    var elixhauser: UInt32 = 0
    var chapterCounts = [Int32](repeating: 0, count: CodeChapter.names.count)

    mutating func add(_ other: Diagnoses) {
      conditions.formUnion(other.conditions)
      codeCount += other.codeCount
      elixhauser |= other.elixhauser
      for chapter in chapterCounts.indices { chapterCounts[chapter] += other.chapterCounts[chapter] }
    }
  }

  struct Service {
    let time: Int64
    let name: String
  }

  /// All by admission.
  var diagnoses: [Diagnoses]?
  var procedureCounts: [Int]?
  var services: [[Service]]?
  /// Moments of moves between wards.
  var transfers: [[Int64]]?
}

extension EventContext {
  func readAdmissionTables(_ reports: inout [TableReport]) throws(CohortError) -> AdmissionTables {
    var tables = AdmissionTables()
    let count = records.admissions.count
    var diagnoses = [AdmissionTables.Diagnoses](repeating: .init(), count: count)
    let diagnosesReport = try readDiagnoses(&diagnoses)
    if diagnosesReport.rowCount > 0 { tables.diagnoses = diagnoses }

    var procedures = [Int](repeating: 0, count: count)
    let proceduresReport = try read(.proceduresIcd, columns: ["HADM_ID"], isRequired: false) {
      reader throws(CohortError) in
      guard case let admission = try admission(reader, 0), admission >= 0 else { return false }
      procedures[Int(admission)] += 1
      return true
    }
    if proceduresReport.rowCount > 0 { tables.procedureCounts = procedures }

    var services = [[AdmissionTables.Service]](repeating: [], count: count)
    let serviceColumns = ["HADM_ID", "TRANSFERTIME", "CURR_SERVICE"]
    let servicesReport = try read(.services, columns: serviceColumns, isRequired: false) {
      reader throws(CohortError) in
      guard case let admission = try admission(reader, 0), admission >= 0, let time = try reader.time(1),
        let name = reader.text(2)
      else { return false }
      services[Int(admission)].append(.init(time: time, name: name.uppercased()))
      return true
    }
    if servicesReport.rowCount > 0 { tables.services = services.map { $0.sorted { $0.time < $1.time } } }

    var transfers = [[Int64]](repeating: [], count: count)
    let transferColumns = ["HADM_ID", "EVENTTYPE", "INTIME"]
    let transfersReport = try read(.transfers, columns: transferColumns, isRequired: false) {
      reader throws(CohortError) in
      guard case let admission = try admission(reader, 0), admission >= 0, reader.hasPrefix("transfer", 1),
        let time = try reader.time(2)
      else { return false }
      transfers[Int(admission)].append(time)
      return true
    }
    if transfersReport.rowCount > 0 { tables.transfers = transfers }
    reports += [diagnosesReport, proceduresReport, servicesReport, transfersReport]
    return tables
  }

  private func readDiagnoses(_ diagnoses: inout [AdmissionTables.Diagnoses]) throws(CohortError) -> TableReport {
    // There are about 7,000 codes and 650,000 rows: each code is looked up once.
    var known: [String: AdmissionTables.Diagnoses] = [:]
    return try read(.diagnosesIcd, columns: ["HADM_ID", "ICD9_CODE"], isRequired: false) {
      reader throws(CohortError) in
      guard case let admission = try admission(reader, 0), admission >= 0, let text = reader.text(1) else {
        return false
      }
      // MIMIC writes codes without the dot; tables that went through other hands may have it.
      let code = String(text.uppercased().filter { $0 != "." })
      let meaning = known[code] ?? meaning(of: code)
      known[code] = meaning
      diagnoses[Int(admission)].add(meaning)
      return true
    }
  }

  private func meaning(of code: String) -> AdmissionTables.Diagnoses {
    var meaning = AdmissionTables.Diagnoses()
    meaning.conditions.add(code: code)
    meaning.elixhauser = ElixhauserCondition.bits(of: code)
    meaning.codeCount = 1
    if let chapter = CodeChapter.index(of: code) { meaning.chapterCounts[chapter] = 1 }
    return meaning
  }
}
