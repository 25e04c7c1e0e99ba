// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Features
import Foundation
import Shards
import Sweeps
import Testing

@Suite struct PreparationTests {
  private func prepare(_ hospital: SmallHospital, change: (TableFolder) throws -> Void = { _ in }) throws -> Prepared {
    let folder = try TableFolder()
    try hospital.write(to: folder)
    try change(folder)
    return try Prepared(folder: folder, outcomes: PreparationSettings.usualOutcomes)
  }

  private func code(_ error: (any Error)?) -> CohortError.Code? {
    guard case .input(let cause)? = (error as? PreparationError)?.cause else { return nil }
    return cause.code
  }

  @Test(arguments: ["PATIENTS.csv", "ADMISSIONS.csv", "ICUSTAYS.csv", "CHARTEVENTS.csv.gz", "LABEVENTS.csv"])
  func requiredTable_missingOrEmpty_isNamed(name: String) throws {
    let table = String(name.prefix { $0 != "." })
    let missing = #expect(throws: PreparationError.self) {
      try prepare(SmallHospital()) { try FileManager.default.removeItem(atPath: "\($0.path)/\(name)") }
    }
    #expect(code(missing) == .tableMissing && missing?.description.contains(table) == true)
    let empty = #expect(throws: PreparationError.self) {
      try prepare(SmallHospital()) { folder in
        let text = try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
        try folder.write(name, String(text.prefix { $0 != "\n" }) + "\n")
      }
    }
    #expect(code(empty) == .tableEmpty && empty?.description.contains(name) == true)
    let blank = #expect(throws: PreparationError.self) { try prepare(SmallHospital()) { try $0.write(name, "") } }
    // Nothing at all under a .gz name is a file cut before its first byte.
    #expect(code(blank) == (name.hasSuffix(".gz") ? .tableDamaged : .tableEmpty))
  }

  @Test func optionalTables_missing_giveTheSameColumnsAndNaN() throws {
    var bare = SmallHospital()
    bare.diagnoses = nil
    bare.procedures = nil
    bare.services = nil
    bare.transfers = nil
    bare.prescriptions = nil
    bare.outputs = nil
    let (full, prepared) = (try prepare(SmallHospital()), try prepare(bare))
    #expect(prepared.report.warnings.count == 6)
    #expect(full.report.warnings.isEmpty)
    for outcome in PreparationSettings.usualOutcomes {
      #expect(full.datasets[outcome]?.manifest.columns == prepared.datasets[outcome]?.manifest.columns)
      #expect(prepared.datasets[outcome]?.manifest.columns == featureColumns(for: outcome))
    }
    for column in [
      "charlson_index", "chapter_circulatory", "procedure_count", "service_count", "service_medicine",
      "transfer_count", "drug_insulin", "drug_orders", "urine_24h", "lace",
    ] {
      #expect(try prepared.value(.readmission30d, column).isNaN, "\(column)")
    }
    // A header and no rows says as little as no table.
    bare.services = []
    #expect(try prepare(bare).value(.readmission30d, "service_count").isNaN)
  }

  @Test func brokenCell_isNamedByLineAndNotShown() throws {
    var hospital = SmallHospital()
    hospital.addLab(50971, 3, "4.x1")
    let error = #expect(throws: PreparationError.self) { try prepare(hospital) }
    #expect(code(error) == .fieldInvalid)
    let text = error?.description ?? ""
    #expect(text.contains("LABEVENTS.csv, line 3, column VALUENUM") && !text.contains("4.x1"), "\(text)")
  }

  @Test func columnMissing_isNamed() throws {
    let error = #expect(throws: PreparationError.self) {
      try prepare(SmallHospital()) { try $0.write("LABEVENTS.csv", "CHARTTIME,ITEMID,SUBJECT,HADM_ID,VALUENUM,FLAG\n") }
    }
    #expect(code(error) == .columnMissing)
    #expect(error?.description.contains("column SUBJECT_ID") == true)
    #expect(error?.description.contains("the nearest is SUBJECT") == true)
  }

  @Test func cohort_empty_saysWhy() throws {
    var hospital = SmallHospital()
    for index in hospital.stays.indices { hospital.stays[index][4] = hospital.stays[index][3] }
    let error = #expect(throws: PreparationError.self) { try prepare(hospital) }
    #expect(error?.description.contains("no time out, or one not after the time in: hidden") == true)
    guard case .cohortEmpty(let outcome, _)? = error?.cause else {
      Issue.record("not .cohortEmpty")
      return
    }
    #expect(outcome == "icu_mortality")
  }

  @Test func nothingAsked_andNoDirectory_areRefused() throws {
    #expect(throws: PreparationError.self) {
      try prepareDatasets(
        mimicDirectory: "/", outputDirectory: "/", settings: PreparationSettings(outcomes: [], createdBy: "test"))
    }
    #expect(throws: PreparationError.self) {
      try prepareDatasets(
        mimicDirectory: "/", outputDirectory: "/",
        settings: PreparationSettings(outcomes: PreparationSettings.usualOutcomes, createdBy: "test", rowsPerShard: 0))
    }
    let error = #expect(throws: PreparationError.self) {
      try prepareDatasets(
        mimicDirectory: "/no/such/folder", outputDirectory: "/",
        settings: PreparationSettings(outcomes: PreparationSettings.usualOutcomes, createdBy: "test"))
    }
    #expect(code(error) == .directoryUnreadable)
  }

  @Test(arguments: ["SYNTHETIC", "SYNTHETIC.json"])
  func source_withMarker_isSynthetic(marker: String) throws {
    let prepared = try prepare(SmallHospital()) { try $0.write(marker, "{}") }
    #expect(prepared.report.source == "synthetic")
    #expect(prepared.datasets[.lengthOfStay]?.manifest.source == "synthetic")
    #expect(try prepare(SmallHospital()).report.source == "mimic3")
  }

  // In real life: tables are exported again, in another order of columns, gzipped, with other line ends.
  @Test func sameTables_otherForm_giveTheSameDigest() throws {
    var hospital = SmallHospital()
    for hour in 0..<40 { hospital.addChart(211, Double(hour), "\(60 + hour)") }
    let first = try prepare(hospital)
    let second = try prepare(hospital) { folder in
      for name in ["PATIENTS.csv", "LABEVENTS.csv", "CHARTEVENTS.csv.gz"] {
        let text = try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
        let rows = text.split(separator: "\n").map { line in
          line.split(separator: ",", omittingEmptySubsequences: false).reversed().map { "\" \($0)\"" }
            .joined(separator: ",")
        }
        try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
        try folder.write(name.prefix { $0 != "." }.lowercased() + ".csv", rows.joined(separator: "\r\n"))
      }
    }
    for outcome in PreparationSettings.usualOutcomes {
      #expect(first.datasets[outcome]?.digest == second.datasets[outcome]?.digest)
    }
  }

  @Test func report_hidesSmallCellsAndReadsAsJSON() throws {
    let report = try prepare(SmallHospital()).report
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any])
    #expect(Set(json.keys).isSuperset(of: ["source", "tables", "channels", "labs", "outcomes", "warnings"]))
    let mortality = try #require(report.outcomes.first { $0.outcome == "icu_mortality" })
    // No positive, two negatives.
    #expect(mortality.positiveCount == nil && mortality.isPositiveCountHidden)
    #expect(mortality.rowCount == 2 && mortality.patientCount == 2)
    #expect(report.text.contains("left out: left the ICU before 48 h"))
    #expect(report.text.contains("positives not shown"))
  }
}

/// Goal: what was read before a run ended badly is not read again, and the data set is that of a run in one go. Method: a
/// gzip file that is cut, then whole.
@Suite struct ResumptionTests {
  private func tables() throws -> TableFolder {
    let folder = try TableFolder()
    var hospital = SmallHospital()
    for hour in 1..<90 {
      hospital.addChart(211, Double(hour), "\(60 + hour % 40)")
      hospital.addLab(50971, Double(hour), "\(3 + hour % 3)")
    }
    try hospital.write(to: folder)
    return folder
  }

  private func prepare(_ folder: TableFolder, _ lines: inout [String]) throws -> String {
    var settings = PreparationSettings(outcomes: [.icuMortality], createdBy: "test")
    settings.secondsPerCheckpoint = 0
    var noted: [String] = []
    defer { lines = noted }
    _ = try prepareDatasets(
      mimicDirectory: folder.path, outputDirectory: folder.path + "/out", settings: settings,
      report: { noted.append($0) })
    return try Dataset(directory: folder.path + "/out/icu_mortality").digest.hex
  }

  // In real life: the download of the largest table broke off; it is fetched again and the run repeated.
  @Test func damagedTable_fetchedAgain_goesOnBehindTheOthers() throws {
    let folder = try tables()
    var lines: [String] = []
    let digest = try prepare(folder, &lines)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/out/.preparing"))

    let chart = URL(fileURLWithPath: folder.path + "/CHARTEVENTS.csv.gz")
    let whole = try Data(contentsOf: chart)
    // Half of the rows, and then a row that breaks off.
    try (whole.prefix(whole.count / 2) + Data("\n1,2".utf8)).write(to: chart)
    #expect(throws: PreparationError.self) { try prepare(folder, &lines) }
    try whole.write(to: chart)
    #expect(try prepare(folder, &lines) == digest)
    #expect(lines.contains { $0.hasPrefix("LABEVENTS: read by an earlier run") })
    #expect(!lines.contains { $0.hasPrefix("CHARTEVENTS: read by an earlier run") })
  }

  // In real life: a patient was added; every number of an event stands for another patient then.
  @Test func otherPatients_startAnew() throws {
    let folder = try tables()
    var lines: [String] = []
    let chart = URL(fileURLWithPath: folder.path + "/CHARTEVENTS.csv.gz")
    let whole = try Data(contentsOf: chart)
    try (whole.prefix(whole.count / 2) + Data("\n1,2".utf8)).write(to: chart)
    #expect(throws: PreparationError.self) { try prepare(folder, &lines) }
    try whole.write(to: chart)
    let patients = URL(fileURLWithPath: folder.path + "/PATIENTS.csv")
    try (try Data(contentsOf: patients) + Data("5,F,2090-06-01 00:00:00,\n".utf8)).write(to: patients)
    _ = try prepare(folder, &lines)
    #expect(!lines.contains { $0.contains("read by an earlier run") })
  }
}
