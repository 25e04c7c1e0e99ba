// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Foundation
import Shards
import Sweeps

/// What `--preset mimic3-benchmarks` makes. Every setting has a name on the command line.
package struct BenchmarkSettings: Sendable {
  /// SUBJECT_IDs of the benchmark's test part; all others are its training part.
  package var testPatients: Set<Int64>
  /// Of the tasks that have a sample each hour: every how many hours one becomes a row of the data set. The list files
  /// have every hour.
  package var hoursBetweenSamples: Int
  /// Conditions that become a data set each; names as `Phenotype.slug`.
  package var phenotypes: [String]
  /// Whether to write the benchmark's own files too.
  package var writesSeries: Bool

  package init(
    testPatients: Set<Int64> = [], hoursBetweenSamples: Int = 12, phenotypes: [String] = [], writesSeries: Bool = true
  ) {
    self.testPatients = testPatients
    self.hoursBetweenSamples = hoursBetweenSamples
    self.phenotypes = phenotypes
    self.writesSeries = writesSeries
  }

  package static let phenotypeNames = Phenotype.all.map(\.slug)
  /// Of the 714 features.
  package static let featureNames = BenchmarkFeatures.columns.map(\.name)
}

/// The data sets of mimic3-benchmarks (Harutyunyan et al. 2019): its cohort, event series, labels, 714 features and
/// 48 × 76 tensors.
///
/// Writes `outputDirectory/{in_hospital_mortality,decompensation,remaining_length_of_stay}` and
/// `outputDirectory/phenotype/NAME` as shards, and `outputDirectory/mimic3-benchmarks/TASK/{train,test}` as the
/// benchmark's own files.
///
/// - Throws: as `prepareDatasets`.
package func prepareBenchmark(
  mimicDirectory: String, outputDirectory: String, settings: PreparationSettings, benchmark: BenchmarkSettings,
  report: (String) -> Void = { _ in }
) throws(PreparationError) -> PreparationReport {
  guard benchmark.hoursBetweenSamples > 0 else {
    throw PreparationError(
      cause: .settingInvalid(
        name: "hours between samples", expected: "at least 1", found: "\(benchmark.hoursBetweenSamples)"))
  }
  for name in benchmark.phenotypes where !BenchmarkSettings.phenotypeNames.contains(name) {
    throw PreparationError(
      cause: .settingInvalid(
        name: "phenotype", expected: BenchmarkSettings.phenotypeNames.joined(separator: ", "), found: name))
  }
  return try withoutActuallyEscaping(report) { report throws(PreparationError) in
    let gathered = try GatheredBenchmark(
      mimicDirectory: mimicDirectory, scratchDirectory: outputDirectory + "/.preparing-benchmark",
      settings: settings, report: report)
    let source = settings.source ?? detectedSource(gathered.directory, gathered.records)
    let files =
      benchmark.writesSeries ? try BenchmarkFiles(directory: outputDirectory + "/mimic3-benchmarks") : nil
    let writers = try BenchmarkWriter.all(
      gathered, outputDirectory: outputDirectory, source: source, settings: settings, benchmark: benchmark)
    try gathered.forEachEpisode(threadCount: settings.threadCount, writers: writers, hasSeries: files != nil) {
      (done: BenchmarkWork.Episode) throws(PreparationError) -> Void in
      let episode = done.episode
      let subjectID = gathered.records.patients[episode.stay.patient].subjectID
      if let series = done.series {
        try files?.append(
          episode, series, name: "\(subjectID)_episode\(episode.stay.episode)_timeseries.csv",
          part: benchmark.testPatients.contains(subjectID) ? "test" : "train")
      }
      for (writer, rows) in zip(writers, done.rows) { try writer.append(rows) }
    }
    try files?.finish()
    var reports: [PreparationReport.OutcomeReport] = []
    for writer in writers { if let report = try writer.finish() { reports.append(report) } }
    try gathered.store.remove()
    return gathered.report(source: source, outcomes: reports)
  }
}

/// The benchmark's stays and their events, read.
///
/// `@unchecked`: rows are made from its records and cohort, which do not change; its store is used by one thread.
final class GatheredBenchmark: @unchecked Sendable {
  let directory: MIMICDirectory
  let records: HospitalRecords
  let cohort: BenchmarkCohort
  let store: EventStore
  private let reports: [TableReport]

  init(
    mimicDirectory: String, scratchDirectory: String, settings: PreparationSettings,
    report: @escaping (String) -> Void
  ) throws(PreparationError) {
    var reports: [TableReport] = []
    do throws(CohortError) {
      directory = try MIMICDirectory(path: mimicDirectory)
      for table in [MIMICTable.chartevents, .labevents, .diagnosesIcd, .dIcdDiagnoses] {
        _ = try directory.filePath(of: table)
      }
      records = try HospitalRecords(directory: directory)
      let context = EventContext(directory: directory, records: records, report: report)
      let known = try context.readPhenotypes()
      reports.append(known.report)
      cohort = BenchmarkCohort(records: records, phenotypes: known.phenotypes, hasDiagnosis: known.hasDiagnosis)
    } catch {
      throw PreparationError(cause: .input(error))
    }
    report(
      "\(SmallCells.line(cohort.stays.count)) of \(SmallCells.line(records.stays.count)) ICU stays are the benchmark's")
    let directory = directory
    try settings.checkCompressed(directory, BenchmarkPasses.tables, report)
    store = try EventStore(
      directory: scratchDirectory,
      fingerprint: directory.recordsFingerprint
        + "; \(directory.fingerprint(of: .diagnosesIcd)); benchmark \(BenchmarkPasses.version)",
      tables: directory.fingerprints(of: BenchmarkPasses.tables),
      patientCount: records.patients.count,
      partCount: GatheredTables.partCount(directory, records, tables: BenchmarkPasses.tables))
    let gathering = EventGathering(
      directory: directory, store: store, tables: BenchmarkPasses.tables, threadCount: settings.threadCount,
      secondsPerCheckpoint: settings.secondsPerCheckpoint, report: report)
    let passes = BenchmarkPasses(records: records, cohort: cohort)
    reports.append(try passes.readLabEvents(gathering))
    reports.append(try passes.readChartEvents(gathering))
    try store.flush()
    self.reports = reports
  }

  /// Each episode that has a row, in the order of the stays, with its rows for each writer.
  func forEachEpisode(
    threadCount: Int, writers: [BenchmarkWriter], hasSeries: Bool,
    _ body: (BenchmarkWork.Episode) throws(PreparationError) -> Void
  ) throws(PreparationError) {
    let parts = store.patientsOfPart
    let makers = writers.map(\.maker)
    for (part, patients) in parts.enumerated() {
      let list = try store.events(ofPart: part)
      // As many patients at a time as keep all cores busy, and few enough for their rows to fit memory.
      let perPiece = max(1, min(8, (patients.count + threadCount - 1) / max(1, threadCount)))
      for first in stride(from: patients.lowerBound, to: patients.upperBound, by: perPiece * 4 * max(1, threadCount)) {
        let end = min(first + perPiece * 4 * max(1, threadCount), patients.upperBound)
        let starts = Array(stride(from: first, to: end, by: perPiece))
        let pieces = starts.map { $0..<min($0 + perPiece, end) }
        let work = BenchmarkWork(
          cohort: cohort, list: list, patients: pieces, makers: makers, hasSeries: hasSeries)
        for done in concurrentMap(count: pieces.count, { work.episodes($0) }) {
          for episode in done { try body(episode) }
        }
      }
    }
  }

  func report(source: String, outcomes: [PreparationReport.OutcomeReport]) -> PreparationReport {
    let channels = BenchmarkVariable.all.enumerated().map { place, variable in
      PreparationReport.Channel(name: variable.name, unit: variable.unit, values: store.tallies.vitals[place])
    }
    return PreparationReport(
      source: source, tables: reports, channels: channels, labs: [], errorRowCount: 0, outcomes: outcomes, warnings: [])
  }
}

/// `@unchecked`: what it holds is read and not changed.
final class BenchmarkWork: @unchecked Sendable {
  /// One stay, with its rows for each writer.
  struct Episode: Sendable {
    let episode: BenchmarkEpisode
    let rows: [[BenchmarkRow]]
    let series: BenchmarkSeries?
  }

  private let cohort: BenchmarkCohort
  private let list: EventList
  private let patients: [Range<Int>]
  private let makers: [BenchmarkRowMaker]
  private let hasSeries: Bool

  init(
    cohort: BenchmarkCohort, list: EventList, patients: [Range<Int>], makers: [BenchmarkRowMaker], hasSeries: Bool
  ) {
    self.hasSeries = hasSeries
    self.cohort = cohort
    self.list = list
    self.patients = patients
    self.makers = makers
  }

  func episodes(_ piece: Int) -> [Episode] {
    var place = cohort.stays.firstPlace(ofPatient: patients[piece].lowerBound)
    var done: [Episode] = []
    while place < cohort.stays.count, cohort.stays[place].patient < patients[piece].upperBound {
      let patient = cohort.stays[place].patient
      let timeline = BenchmarkTimeline(list, ofPatient: patient)
      while place < cohort.stays.count, cohort.stays[place].patient == patient {
        let episode = timeline.episode(cohort.stays[place])
        place += 1
        guard !episode.rows.isEmpty else { continue }
        // Tasks that predict at the same hours share what was known then.
        var known: [Double: BenchmarkRowMaker.Known] = [:]
        let rows = makers.map { $0.rows(episode, &known) }
        done.append(Episode(episode: episode, rows: rows, series: hasSeries ? BenchmarkSeries(episode) : nil))
      }
    }
    return done
  }
}

extension [BenchmarkCohort.Stay] {
  func firstPlace(ofPatient patient: Int) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].patient < patient { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
