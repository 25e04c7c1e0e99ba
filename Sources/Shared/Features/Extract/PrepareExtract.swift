// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Shards
import Sweeps

/// Makes data sets of MIMIC-Extract's `all_hourly_data.h5`: mortality in the ICU and in hospital, days in the ICU, and return to an
/// ICU within 30 days, from the hourly means before the index time and the age.
///
/// Columns of objects (gender, ethnicity) are Python objects there and are not read: to read one is to run it.
///
/// - Throws: before anything is written for what is wrong with the file.
package func prepareExtract(
  path: String, outputDirectory: String, settings: PreparationSettings, report: (String) -> Void = { _ in }
) throws(PreparationError) -> [PreparationReport.OutcomeReport] {
  do throws(ShardError) {
    let source = try ExtractSource(path: path)
    report("\(SmallCells.line(source.stays.count)) stays, \(source.variables.count) variables by hour")
    var reports: [PreparationReport.OutcomeReport] = []
    for outcome in [Outcome.icuMortality, .inHospitalMortality, .lengthOfStay, .readmission30d] {
      guard source.stays.contains(where: { !$0.label(outcome).isNaN }) else {
        report("\(outcome.rawValue): no label in the file: left out")
        continue
      }
      reports.append(try write(outcome, source, to: "\(outputDirectory)/\(outcome.rawValue)", settings))
    }
    return reports
  } catch {
    throw PreparationError(cause: .output(error))
  }
}

private func write(
  _ outcome: Outcome, _ source: ExtractSource, to directory: String, _ settings: PreparationSettings
) throws(ShardError) -> PreparationReport.OutcomeReport {
  // nil: the time out of the ICU.
  let hours: Int? =
    switch outcome {
    case .readmission30d: nil
    case .lengthOfStay: settings.definitions.stay.hoursToIndex
    default: settings.definitions.mortality.hoursToIndex
    }
  let labelled = source.stays.filter { !$0.label(outcome).isNaN }
  let kept = labelled.filter { $0.hours >= Double(hours ?? 0) }
  let flow =
    [
      CohortStep(reason: "stays in the file", count: source.stays.count),
      CohortStep(
        reason: hours == nil ? "left out: died, or no label" : "left out: no label",
        count: source.stays.count - labelled.count),
    ]
    + (hours.map {
      [CohortStep(reason: "left out: left the ICU before \($0) h", count: labelled.count - kept.count)]
    } ?? []) + [CohortStep(reason: "rows", count: kept.count)]
  let indexTime =
    hours.map { "\($0) h after the time into the ICU" } ?? "the time out of the ICU; label: back in one within 30 d"
  let columns = source.columns(hours: hours)
  let writer = try DatasetWriter(
    directory: directory,
    description: DatasetDescription(
      name: "mimic-extract-\(outcome.rawValue)", outcome: outcome, source: "mimic-extract", indexTime: indexTime,
      columns: columns, channels: source.channels, stepCount: OutcomeAccumulator.stepCount,
      flow: SmallCells.shown(flow), createdBy: settings.createdBy), rowsPerShard: settings.rowsPerShard)
  var (group, patient): (Int64, Int64?) = (-1, nil)
  for stay in kept {
    if stay.subjectID != patient {
      patient = stay.subjectID
      group += 1
    }
    // The last hour ends behind the stay, and nothing behind the stay is in it.
    let known = try source.known(stay, hours: hours ?? Int(stay.hours) + 1)
    try writer.append(
      ShardRow(
        tabular: known.tabular, sequence: known.sequence, label: Float(stay.label(outcome)), group: group,
        rowID: stay.stayID))
  }
  let manifest = try writer.finish()
  let positives = kept.count { $0.label(outcome) == 1 }
  let isHidden = outcome.isBinary && [positives, kept.count - positives].contains { (1...10).contains($0) }
  let mean = kept.reduce(0.0) { $0 + $1.label(outcome) } / Double(kept.count)
  return PreparationReport.OutcomeReport(
    outcome: outcome.rawValue, directory: directory, indexTime: indexTime, flow: SmallCells.shown(flow),
    rowCount: kept.count, patientCount: Int(group) + 1, columnCount: columns.count,
    positiveCount: outcome.isBinary && !isHidden ? positives : nil, isPositiveCountHidden: isHidden,
    labelMean: !outcome.isBinary && kept.count > 10 ? mean : nil, fileCount: manifest.files.count)
}
