// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Shards
import Sweeps

/// One row before it is written.
struct UnitRow: Sendable {
  let unit: CohortUnit
  let tabular: [Float]
  let sequence: [Float]
}

/// Writes one outcome's data set, rows in the order of its cohort.
final class OutcomeWriter {
  private let outcome: Outcome
  private let cohort: Cohort
  private let directory: String
  private let columns: [FeatureColumn]
  private let indexTime: String
  private let further: FurtherLabels
  private let writer: DatasetWriter
  private var group: Int64 = -1
  private var patient = -1

  init(
    outcome: Outcome, cohort: Cohort, directory: String, source: String, settings: PreparationSettings,
    further: FurtherLabels
  ) throws(PreparationError) {
    self.outcome = outcome
    self.cohort = cohort
    self.directory = directory
    self.further = further
    indexTime = settings.indexTimeText(outcome)
    columns = featureColumns(for: outcome, settings.featureSet)
    do throws(ShardError) {
      writer = try DatasetWriter(
        directory: directory,
        description: DatasetDescription(
          name: "\(source)-\(outcome.rawValue)", outcome: outcome, source: source, indexTime: indexTime,
          columns: columns, channels: sequenceChannels, stepCount: OutcomeAccumulator.stepCount,
          flow: SmallCells.shown(cohort.flow), createdBy: settings.createdBy,
          further: further.outcomes),
        rowsPerShard: settings.rowsPerShard)
    } catch {
      throw PreparationError(cause: .output(error))
    }
  }

  func append(_ rows: [UnitRow]) throws(PreparationError) {
    for row in rows {
      // Units come by patient in ascending order of SUBJECT_ID: the group is the patient's place among them.
      if row.unit.patient != patient {
        patient = row.unit.patient
        group += 1
      }
      precondition(
        row.tabular.count == columns.count, "\(outcome): \(row.tabular.count) values for \(columns.count) columns")
      do throws(ShardError) {
        try writer.append(
          ShardRow(
            tabular: row.tabular, sequence: row.sequence, label: row.unit.label, group: group, rowID: row.unit.rowID,
            further: further.labels(row.unit)))
      } catch {
        throw PreparationError(cause: .output(error))
      }
    }
  }

  func finish() throws(PreparationError) -> PreparationReport.OutcomeReport {
    do throws(ShardError) { return report(try writer.finish()) } catch { throw PreparationError(cause: .output(error)) }
  }

  private func report(_ manifest: Manifest) -> PreparationReport.OutcomeReport {
    let isBinary = outcome.isBinary
    let positives = cohort.positiveCount
    let negatives = cohort.units.count - positives
    // The complement tells as much as the cell.
    let isHidden = isBinary && [positives, negatives].contains { (1...10).contains($0) }
    let mean = cohort.units.reduce(0.0) { $0 + Double($1.label) } / Double(cohort.units.count)
    return PreparationReport.OutcomeReport(
      outcome: outcome.rawValue, directory: directory, indexTime: indexTime,
      flow: SmallCells.shown(cohort.flow),
      rowCount: cohort.units.count, patientCount: cohort.patientCount, columnCount: columns.count,
      positiveCount: isBinary && !isHidden ? positives : nil, isPositiveCountHidden: isHidden,
      labelMean: !isBinary && cohort.units.count > 10 ? mean : nil, fileCount: manifest.files.count,
      further: manifest.further)
  }
}
