// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Sweeps

/// All tables, read: what is known of each unit of each outcome.
struct GatheredTables {
  let directory: MIMICDirectory
  let records: HospitalRecords
  let accumulators: [OutcomeAccumulator]
  private let tables: AdmissionTables
  private let tableReports: [TableReport]
  private let tallies: EventTallies
  private let hasOutputs: Bool
  private let hasPrescriptions: Bool

  /// One pass over each table; the small ones first, so that what is wrong with them is found before the hours.
  init(mimicDirectory: String, outcomes: [Outcome], report: @escaping (String) -> Void) throws(CohortError) {
    directory = try MIMICDirectory(path: mimicDirectory)
    for table in [MIMICTable.patients, .admissions, .icustays, .labevents, .chartevents] {
      _ = try directory.filePath(of: table)
    }
    let records = try HospitalRecords(directory: directory)
    self.records = records
    report(
      "\(records.patients.count) patients, \(records.admissions.count) admissions, \(records.stays.count) ICU stays")
    accumulators = outcomes.map { outcome in
      OutcomeAccumulator(outcome: outcome, cohort: records.cohort(for: outcome), records: records)
    }
    let context = EventContext(directory: directory, records: records, accumulators: accumulators, report: report)
    var reports = [
      TableReport(directory, .patients, count: records.patients.count),
      TableReport(directory, .admissions, count: records.admissions.count),
      TableReport(directory, .icustays, count: records.stays.count),
    ]
    var tallies = EventTallies()
    tables = try context.readAdmissionTables(&reports)
    let prescriptions = try context.readPrescriptions()
    let outputs = try context.readOutputEvents(&tallies)
    reports += [prescriptions, outputs]
    reports.append(try context.readLabEvents(&tallies))
    reports.append(try context.readChartEvents(&tallies))
    hasPrescriptions = prescriptions.rowCount > 0
    hasOutputs = outputs.rowCount > 0
    tableReports = reports
    self.tallies = tallies
  }

  func sources(_ accumulator: OutcomeAccumulator) -> FeatureSources {
    FeatureSources(
      records: records, tables: tables, accumulator: accumulator, hasOutputs: hasOutputs,
      hasPrescriptions: hasPrescriptions)
  }

  func report(source: String, outcomes: [PreparationReport.OutcomeReport]) -> PreparationReport {
    let channels = VitalChannel.allCases.map { channel in
      PreparationReport.Channel(name: channel.name, unit: channel.unit, values: tallies.vitals[channel.rawValue])
    }
    let labs = LabTest.all.enumerated().map { index, test in
      PreparationReport.Channel(name: test.name, unit: test.unit, values: tallies.labs[index])
    }
    let warnings = tableReports.compactMap { table -> String? in
      if table.file == nil { return "\(table.table) is missing: its columns are NaN" }
      return table.rowCount == 0 ? "\(table.table) has no rows: its columns are NaN" : nil
    }
    return PreparationReport(
      source: source, tables: tableReports, channels: channels, labs: labs, errorRowCount: tallies.errorCount,
      outcomes: outcomes, warnings: warnings)
  }
}

extension TableReport {
  /// A table of which every row is used.
  init(_ directory: MIMICDirectory, _ table: MIMICTable, count: Int) {
    self.init(table: table.rawValue, file: directory.fileName(of: table), rowCount: count, usedCount: count)
  }
}

extension HospitalRecords {
  func cohort(for outcome: Outcome) -> Cohort {
    switch outcome {
    case .readmission30d: readmissionCohort()
    case .icuMortality: icuMortalityCohort()
    case .lengthOfStay: lengthOfStayCohort()
    }
  }
}
