// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Shards
import Sweeps

/// Reads MIMIC-III tables once and writes a data set for each outcome under `outputDirectory/<outcome>`.
///
/// PATIENTS, ADMISSIONS, ICUSTAYS, CHARTEVENTS and LABEVENTS must be there; DIAGNOSES_ICD, PROCEDURES_ICD, SERVICES,
/// TRANSFERS, PRESCRIPTIONS and OUTPUTEVENTS may be missing or empty, which the report says and leaves their columns NaN.
/// The same tables give the same bytes, for any number of cores. Memory: the rows and events of a few parts of the
/// patients (`EventStore`) and one shard of rows, whatever the tables' size. A run that was killed goes on where it was.
///
/// - Parameter report: lines of progress.
/// - Throws: before any data set is written for what is wrong with a table; a data set that is there already stays until
///   its successor is whole.
package func prepareDatasets(
  mimicDirectory: String, outputDirectory: String, settings: PreparationSettings, report: (String) -> Void = { _ in }
) throws(PreparationError) -> PreparationReport {
  guard !settings.outcomes.isEmpty else { throw PreparationError(cause: .nothingAsked) }
  guard settings.rowsPerShard > 0 else {
    throw PreparationError(
      cause: .settingInvalid(name: "rows per shard", expected: "at least 1", found: "\(settings.rowsPerShard)"))
  }
  var settings = settings
  // Each once, in the order of the declaration.
  settings.outcomes = PreparationSettings.preparedOutcomes.filter(settings.outcomes.contains)
  guard !settings.outcomes.isEmpty else {
    throw PreparationError(
      cause: .settingInvalid(
        name: "outcome", expected: PreparationSettings.preparedOutcomes.map(\.rawValue).joined(separator: ", "),
        found: "one that only the preset mimic3-benchmarks makes"))
  }
  try settings.checkFurther()
  return try withoutActuallyEscaping(report) { report throws(PreparationError) in
    let gathered = try GatheredTables(
      mimicDirectory: mimicDirectory, scratchDirectory: outputDirectory + "/.preparing", settings: settings,
      report: report)
    for (outcome, cohort) in gathered.cohorts where cohort.units.isEmpty {
      let flow = SmallCells.shown(cohort.flow).map { "\($0.reason): \(SmallCells.text($0.count))" }.joined(
        separator: ", ")
      throw PreparationError(cause: .cohortEmpty(outcome: outcome.rawValue, flow: flow))
    }
    let source = settings.source ?? detectedSource(gathered.directory, gathered.records)
    let writers = try gathered.cohorts.map { outcome, cohort throws(PreparationError) in
      report("writing \(SmallCells.line(cohort.units.count)) rows to \(outputDirectory)/\(outcome.rawValue)")
      return try OutcomeWriter(
        outcome: outcome, cohort: cohort, directory: "\(outputDirectory)/\(outcome.rawValue)", source: source,
        settings: settings,
        further: FurtherLabels(settings.further, beside: outcome, gathered.records, settings.definitions))
    }
    try writeRows(gathered, writers, threadCount: settings.threadCount)
    let reports = try writers.map { writer throws(PreparationError) in try writer.finish() }
    try gathered.store.remove()
    return gathered.report(source: source, outcomes: reports)
  }
}

/// Makes the rows of one part of the patients at a time, on all cores, and writes them in order.
private func writeRows(
  _ gathered: GatheredTables, _ writers: [OutcomeWriter], threadCount: Int
) throws(PreparationError) {
  for (part, patients) in gathered.store.patientsOfPart.enumerated() {
    let list = try gathered.store.events(ofPart: part)
    // A part's patients in as many pieces as there are cores.
    let perPiece = max(1, (patients.count + threadCount - 1) / max(1, threadCount))
    let pieces = stride(from: patients.lowerBound, to: patients.upperBound, by: perPiece).map {
      $0..<min($0 + perPiece, patients.upperBound)
    }
    let work = PartWork(gathered: gathered, list: list, patients: pieces)
    for rowsOfPiece in concurrentMap(count: pieces.count, { work.rows($0) }) {
      for (writer, rowsOfOutcome) in zip(writers, rowsOfPiece) { try writer.append(rowsOfOutcome) }
    }
  }
}

/// `@unchecked`: what it holds is read and not changed while the rows are made.
private final class PartWork: @unchecked Sendable {
  private let gathered: GatheredTables
  private let list: EventList
  private let patients: [Range<Int>]

  init(gathered: GatheredTables, list: EventList, patients: [Range<Int>]) {
    self.gathered = gathered
    self.list = list
    self.patients = patients
  }

  /// By outcome.
  func rows(_ piece: Int) -> [[UnitRow]] {
    gathered.cohorts.map { outcome, cohort in
      let accumulator = OutcomeAccumulator(
        outcome: outcome, cohort: cohort, patients: patients[piece], records: gathered.records,
        featureSet: gathered.featureSet)
      for patient in patients[piece] { accumulator.add(list, ofPatient: patient) }
      let sources = gathered.sources(accumulator)
      return accumulator.unitRange.indices.map { place in
        let index = place - accumulator.unitRange.lowerBound
        return UnitRow(
          unit: cohort.units[place], tabular: tabularRow(index, sources), sequence: accumulator.sequence(index))
      }
    }
  }
}
