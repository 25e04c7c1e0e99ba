// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Shards
package import Sweeps

/// Reads MIMIC-III tables once and writes a data set for each outcome under `outputDirectory/<outcome>`.
///
/// PATIENTS, ADMISSIONS, ICUSTAYS, CHARTEVENTS and LABEVENTS must be there; DIAGNOSES_ICD, PROCEDURES_ICD, SERVICES,
/// TRANSFERS, PRESCRIPTIONS and OUTPUTEVENTS may be missing or empty, which the report says and leaves their columns NaN.
/// The same tables give the same bytes. Memory: about 12 kB a unit and one shard of rows, whatever the tables' size.
///
/// - Parameters:
///   - source: "mimic3", "mimic3-demo" or "synthetic"; nil finds out.
///   - createdBy: what the manifest says made it.
///   - report: lines of progress.
/// - Throws: before anything is written for what is wrong with a table; a data set that is there already stays until its
///   successor is whole.
package func prepareDatasets(
  mimicDirectory: String, outputDirectory: String, outcomes: [Outcome], source: String? = nil, createdBy: String,
  rowsPerShard: Int = 4096, report: (String) -> Void = { _ in }
) throws(PreparationError) -> PreparationReport {
  guard !outcomes.isEmpty else { throw PreparationError(cause: .nothingAsked) }
  guard rowsPerShard > 0 else {
    throw PreparationError(
      cause: .settingInvalid(name: "rows per shard", expected: "at least 1", found: "\(rowsPerShard)"))
  }
  // Each once, in the order of the declaration.
  let wanted = Outcome.allCases.filter(outcomes.contains)
  return try withoutActuallyEscaping(report) { report throws(PreparationError) in
    let gathered: GatheredTables
    do throws(CohortError) {
      gathered = try GatheredTables(mimicDirectory: mimicDirectory, outcomes: wanted, report: report)
    } catch {
      throw PreparationError(cause: .input(error))
    }
    for accumulator in gathered.accumulators where accumulator.cohort.units.isEmpty {
      let flow = accumulator.cohort.flow.map { "\($0.reason): \($0.count)" }.joined(separator: ", ")
      throw PreparationError(cause: .cohortEmpty(outcome: accumulator.outcome.rawValue, flow: flow))
    }
    let source = source ?? detectedSource(gathered.directory, gathered.records)
    var reports: [PreparationReport.OutcomeReport] = []
    for accumulator in gathered.accumulators {
      let directory = "\(outputDirectory)/\(accumulator.outcome.rawValue)"
      report("writing \(accumulator.cohort.units.count) rows to \(directory)")
      do throws(ShardError) {
        reports.append(
          try write(
            gathered.sources(accumulator), to: directory, source: source, createdBy: createdBy,
            rowsPerShard: rowsPerShard))
      } catch {
        throw PreparationError(cause: .output(error))
      }
    }
    return gathered.report(source: source, outcomes: reports)
  }
}

/// Writes one outcome's data set.
private func write(
  _ sources: FeatureSources, to directory: String, source: String, createdBy: String, rowsPerShard: Int
) throws(ShardError) -> PreparationReport.OutcomeReport {
  let outcome = sources.outcome
  let cohort = sources.accumulator.cohort
  let columns = featureColumns(for: outcome)
  let writer = try DatasetWriter(
    directory: directory,
    description: DatasetDescription(
      name: "\(source)-\(outcome.rawValue)", outcome: outcome, source: source, indexTime: indexTimeText(outcome),
      columns: columns, channels: sequenceChannels, stepCount: OutcomeAccumulator.stepCount,
      flow: cohort.flow.map { FlowStep(reason: $0.reason, count: $0.count) }, createdBy: createdBy),
    rowsPerShard: rowsPerShard)
  var group: Int64 = -1
  var patient = -1
  for (index, unit) in cohort.units.enumerated() {
    // Units come by patient in ascending order of SUBJECT_ID: the group is the patient's place among them.
    if unit.patient != patient {
      patient = unit.patient
      group += 1
    }
    let tabular = tabularRow(index, sources)
    precondition(tabular.count == columns.count, "\(outcome): \(tabular.count) values for \(columns.count) columns")
    try writer.append(
      ShardRow(
        tabular: tabular, sequence: sources.accumulator.sequence(index), label: unit.label, group: group,
        rowID: unit.rowID))
  }
  let manifest = try writer.finish()
  return outcomeReport(cohort, outcome: outcome, directory: directory, columnCount: columns.count, manifest)
}

private func outcomeReport(
  _ cohort: Cohort, outcome: Outcome, directory: String, columnCount: Int, _ manifest: Manifest
) -> PreparationReport.OutcomeReport {
  let isBinary = outcome != .lengthOfStay
  let positives = cohort.positiveCount
  let negatives = cohort.units.count - positives
  // The complement tells as much as the cell.
  let isHidden = isBinary && [positives, negatives].contains { (1...10).contains($0) }
  let mean = cohort.units.reduce(0.0) { $0 + Double($1.label) } / Double(cohort.units.count)
  return PreparationReport.OutcomeReport(
    outcome: outcome.rawValue, directory: directory, indexTime: indexTimeText(outcome),
    flow: cohort.flow.map { PreparationReport.Step(reason: $0.reason, count: $0.count) },
    rowCount: cohort.units.count, patientCount: cohort.patientCount, columnCount: columnCount,
    positiveCount: isBinary && !isHidden ? positives : nil, isPositiveCountHidden: isHidden,
    labelMean: !isBinary && cohort.units.count > 10 ? mean : nil, fileCount: manifest.files.count)
}

private func indexTimeText(_ outcome: Outcome) -> String {
  switch outcome {
  case .readmission30d: "discharge from hospital"
  case .icuMortality: "48 h after the time into the ICU"
  case .lengthOfStay: "24 h after the time into the ICU"
  }
}
