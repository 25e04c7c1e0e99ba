// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Foundation
package import Shards
import Sweeps

/// A data set in words and pictures: the cohort's flow, the labels, what is missing, how values are distributed, and who
/// the rows are about. Holds no identifier, and no count or figure of fewer than 11 rows.
package struct DatasetPortrait: Sendable {
  struct Group: Sendable {
    let name: String
    /// nil where hidden.
    let count: Int?
    /// Share of label 1, or the mean label; nil where hidden.
    let label: Double?
  }

  struct Column: Sendable {
    let column: FeatureColumn
    /// nil where 1 to 10 rows are missing, or known: the share would tell how many.
    let missingShare: Double?
    /// By what a column stands in a list of the most often missing.
    let missingRank: Double
    /// 5, 25, 50, 75, 95 of 100; nil where fewer than 11 rows lie beyond.
    let quantiles: [Float?]
    /// Counts between `histogramLow` and `histogramHigh`; nil where hidden.
    let histogram: [Int?]
    let histogramLow: Float
    let histogramHigh: Float
  }

  let name: String
  let source: String
  let outcome: String
  let indexTime: String
  let isBinary: Bool
  let rowCount: Int
  let patientCount: Int
  /// nil for a hidden count.
  let flow: [FlowStep]
  /// Share of label 1, or the mean label; nil where it would describe fewer than 11.
  let label: Double?
  let labelHistogram: Column?
  /// A line for each outcome whose labels the rows have beside their own.
  let further: [String]
  let groups: [(name: String, members: [Group])]
  let columns: [Column]
  /// Of each step of the sequences, the share of cells with a value.
  let observedByStep: [Double]

  static let histogramBinCount = 20

  package init(_ dataset: Dataset) {
    let manifest = dataset.manifest
    name = manifest.name
    source = manifest.source
    outcome = manifest.outcome.rawValue
    indexTime = manifest.indexTime
    isBinary = manifest.outcome.isBinary
    rowCount = dataset.rowCount
    patientCount = manifest.patientCount
    flow = Self.shown(manifest.flow)
    label =
      switch manifest.labels {
      case .binary(let prevalence): prevalence
      case .regression(let mean, _): mean
      }
    further = manifest.further.map(\.text)
    let isBinary = isBinary
    groups = PatientGroups.all(dataset).map { group in
      let counts = SmallCells.shown(group.members.map(\.rows.count))
      let members = zip(group.members, counts).map { member, count in
        Group(name: member.name, count: count, label: count.flatMap { _ in Self.label(member.rows, dataset, isBinary) })
      }
      return (group.name, members)
    }
    let scans = ColumnScan.all(dataset)
    columns = zip(manifest.columns, scans).enumerated().map { place, entry in
      Self.column(entry.0, entry.1, rowCount: dataset.rowCount) { dataset.tabularRow($0)[place] }
    }
    if isBinary {
      labelHistogram = nil
    } else {
      let labels = dataset.labels
      let scan = ColumnScan(labels, labels: labels, isBinary: false, identifiers: labels.map { _ in 0 })
      labelHistogram = Self.column(
        FeatureColumn(
          name: "label", item: manifest.outcome.rawValue, unit: "", window: "", statistic: "value", label: "the label"),
        scan, rowCount: dataset.rowCount
      ) { labels[$0] }
    }
    observedByStep = (0..<dataset.stepCount).map { step in
      let width = dataset.channelCount
      let known = (0..<dataset.rowCount).reduce(0) { sum, row in
        sum + dataset.sequenceRow(row)[(step * width)..<((step + 1) * width)].count { !$0.isNaN }
      }
      // Few cells are of few rows.
      return known < SmallCells.countMin ? 0 : Double(known) / Double(max(1, dataset.rowCount * width))
    }
  }

  /// The first count and the last are of all rows; those between may be of a few.
  private static func shown(_ flow: [FlowStep]) -> [FlowStep] {
    let counts = flow.compactMap(\.count)
    // Hidden by `muster data prepare` already; data sets of format 1 hold every count.
    guard counts.count == flow.count else { return flow }
    return SmallCells.shown(zip(flow, counts).map { CohortStep(reason: $0.reason, count: $1) })
  }

  private static func label(_ rows: [Int], _ dataset: Dataset, _ isBinary: Bool) -> Double? {
    guard rows.count >= SmallCells.countMin else { return nil }
    let sum = rows.reduce(0.0) { $0 + Double(dataset.labels[$1]) }
    // The share of a binary label tells its count.
    if isBinary, SmallCells.shown([Int(sum), rows.count - Int(sum)]).contains(where: { $0 == nil }) { return nil }
    return sum / Double(rows.count)
  }

  private static func column(
    _ column: FeatureColumn, _ scan: ColumnScan, rowCount: Int, _ value: (Int) -> Float
  ) -> Column {
    // A quantile is one row's value, or lies between two: it is shown where at least 11 rows lie beyond it.
    let quantiles = zip([0.05, 0.25, 0.5, 0.25, 0.05], scan.quantiles).map { share, value -> Float? in
      share * Double(scan.known) >= Double(SmallCells.countMin) ? value : nil
    }
    var counts = [Int](repeating: 0, count: histogramBinCount)
    // From the 5th to the 95th of 100: the ends of the axis are no single patient's.
    let (low, high) = (scan.quantiles[0], scan.quantiles[4])
    if high > low {
      for row in 0..<rowCount {
        let value = value(row)
        guard value >= low, value <= high else { continue }
        counts[min(histogramBinCount - 1, Int((value - low) / (high - low) * Float(histogramBinCount)))] += 1
      }
    }
    let isShown = scan.known >= 20 * SmallCells.countMin && high > low
    let share = Double(scan.missing) / Double(max(1, rowCount))
    let isTelling = [scan.missing, rowCount - scan.missing].contains { SmallCells.shown($0) == nil }
    return Column(
      column: column, missingShare: isTelling ? nil : share,
      missingRank: isTelling ? (share > 0.5 ? 0.999 : 0) : share, quantiles: quantiles,
      histogram: isShown ? SmallCells.shown(counts) : [], histogramLow: low, histogramHigh: high)
  }
}
