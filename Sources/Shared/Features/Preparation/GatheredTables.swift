// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Shards
import Sweeps

/// All tables, read: what is known of each unit of each outcome.
struct GatheredTables {
  let directory: MIMICDirectory
  let records: HospitalRecords
  let cohorts: [(outcome: Outcome, cohort: Cohort)]
  let store: EventStore
  let featureSet: FeatureSet
  private let tables: AdmissionTables
  private let tableReports: [TableReport]
  private let hasOutputs: Bool
  private let hasPrescriptions: Bool
  /// Whether INPUTEVENTS have rows; false where they were not asked for.
  let hasInputs: Bool

  /// One pass over each table; the small ones first, so that what is wrong with them is found before the large ones.
  ///
  /// - Parameter scratchDirectory: where the events go, and where an earlier run may have left them.
  /// - Parameter includesCare: whether to read rows about treatments too (`CareMark`).
  init(
    mimicDirectory: String, scratchDirectory: String, settings: PreparationSettings, includesCare: Bool = false,
    report: @escaping (String) -> Void
  ) throws(PreparationError) {
    let eventTables = EventPasses.tables + (includesCare ? CarePasses.tables : [])
    let (directory, records) = try Self.input { () throws(CohortError) in
      let directory = try MIMICDirectory(path: mimicDirectory)
      for table in [MIMICTable.patients, .admissions, .icustays, .labevents, .chartevents] {
        _ = try directory.filePath(of: table)
      }
      return (directory, try HospitalRecords(directory: directory))
    }
    self.directory = directory
    self.records = records
    featureSet = settings.featureSet
    try settings.checkCompressed(directory, eventTables, report)
    report(
      "\(SmallCells.line(records.patients.count)) patients, \(SmallCells.line(records.admissions.count)) admissions, "
        + "\(SmallCells.line(records.stays.count)) ICU stays")
    cohorts = settings.outcomes.map { ($0, records.cohort(for: $0, settings.definitions)) }
    var reports = [
      TableReport(directory, .patients, count: records.patients.count),
      TableReport(directory, .admissions, count: records.admissions.count),
      TableReport(directory, .icustays, count: records.stays.count),
    ]
    tables = try Self.input { () throws(CohortError) in
      try EventContext(directory: directory, records: records, report: report).readAdmissionTables(&reports)
    }
    store = try EventStore(
      directory: scratchDirectory,
      fingerprint: directory.recordsFingerprint + "; events \(EventPasses.version)"
        + (includesCare ? "; care \(CarePasses.version)" : ""),
      tables: directory.fingerprints(of: eventTables),
      patientCount: records.patients.count, partCount: Self.partCount(directory, records, tables: eventTables))
    let gathering = EventGathering(
      directory: directory, store: store, tables: eventTables, threadCount: settings.threadCount,
      secondsPerCheckpoint: settings.secondsPerCheckpoint, report: report)
    let passes = EventPasses(records: records)
    let prescriptions = try passes.readPrescriptions(gathering)
    let outputs = try passes.readOutputEvents(gathering)
    reports += [prescriptions, outputs]
    reports.append(try passes.readLabEvents(gathering))
    let care = includesCare ? CarePasses(records: records) : nil
    reports.append(try passes.readChartEvents(gathering, care))
    var inputRowCount = 0
    if let care {
      inputRowCount += try care.readInputsOfCareVue(gathering).rowCount
      inputRowCount += try care.readInputsOfMetaVision(gathering).rowCount
      _ = try care.readProcedures(gathering)
    }
    hasInputs = inputRowCount > 0
    try store.flush()
    hasPrescriptions = prescriptions.rowCount > 0
    hasOutputs = outputs.rowCount > 0
    tableReports = reports
  }

  private static func input<Value>(_ body: () throws(CohortError) -> Value) throws(PreparationError) -> Value {
    do { return try body() } catch { throw PreparationError(cause: .input(error)) }
  }

  /// So many that the events and the rows of a part take some 30 MB each.
  static func partCount(
    _ directory: MIMICDirectory, _ records: HospitalRecords, tables: [MIMICTable]
  ) -> Int {
    let byteCount = tables.reduce(0) { sum, table in
      let isCompressed = directory.fileName(of: table)?.lowercased().hasSuffix(".gz") ?? false
      return sum + directory.byteCount(of: table) * (isCompressed ? 10 : 1)
    }
    return max(1, byteCount >> 27, records.stays.count / 1_024)
  }

  func sources(_ accumulator: OutcomeAccumulator) -> FeatureSources {
    FeatureSources(
      records: records, tables: tables, accumulator: accumulator, hasOutputs: hasOutputs,
      hasPrescriptions: hasPrescriptions)
  }

  func report(source: String, outcomes: [PreparationReport.OutcomeReport]) -> PreparationReport {
    let tallies = store.tallies
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

extension MIMICDirectory {
  /// Of the tables that number patients, admissions and stays: events name them by these numbers.
  var recordsFingerprint: String {
    [MIMICTable.patients, .admissions, .icustays].map { fingerprint(of: $0) }.joined(separator: "; ")
  }

  func fingerprints(of tables: [MIMICTable]) -> [MIMICTable: String] {
    Dictionary(uniqueKeysWithValues: tables.map { ($0, fingerprint(of: $0)) })
  }
}

extension TableReport {
  /// A table of which every row is used.
  init(_ directory: MIMICDirectory, _ table: MIMICTable, count: Int) {
    self.init(table: table.rawValue, file: directory.fileName(of: table), rowCount: count, usedCount: count)
  }
}

extension HospitalRecords {
  func cohort(for outcome: Outcome, _ definitions: CohortDefinitions) -> Cohort {
    switch outcome {
    case .readmission7d, .readmission30d, .readmission60d, .readmission90d:
      var definition = definitions.readmission
      definition.windowDays = outcome.readmissionDays ?? definition.windowDays
      return readmissionCohort(definition)
    case .icuMortality: return icuMortalityCohort(definitions.mortality)
    case .inHospitalMortality: return hospitalMortalityCohort(definitions.mortality)
    case .lengthOfStay: return lengthOfStayCohort(definitions.stay)
    case .lengthOfStayClass: return lengthOfStayClassCohort(definitions.stay)
    case .hospitalLengthOfStay: return hospitalLengthOfStayCohort(definitions.stay)
    case .decompensation, .remainingLengthOfStay, .phenotype: return Cohort(units: [], flow: [])
    }
  }
}
