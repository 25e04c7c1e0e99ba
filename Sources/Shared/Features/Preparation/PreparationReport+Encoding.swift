// SPDX-License-Identifier: Apache-2.0

import Shards
import Sweeps

// Counts of 1 to 10 are `null`.

extension TableReport {
  private enum CodingKeys: String, CodingKey { case table, file, rowCount, usedCount }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(table, forKey: .table)
    try values.encodeIfPresent(file, forKey: .file)
    try values.encode(SmallCells.shown(rowCount), forKey: .rowCount)
    try values.encode(SmallCells.shown(usedCount), forKey: .usedCount)
  }
}

// Not of `ValueTally` itself: the journal of a pass keeps exact counts.
extension PreparationReport.Channel {
  private enum CodingKeys: String, CodingKey { case name, unit, values }
  private enum ValueKeys: String, CodingKey { case kept, clamped, dropped }

  package func encode(to encoder: any Encoder) throws {
    var channel = encoder.container(keyedBy: CodingKeys.self)
    try channel.encode(name, forKey: .name)
    try channel.encode(unit, forKey: .unit)
    var counts = channel.nestedContainer(keyedBy: ValueKeys.self, forKey: .values)
    try counts.encode(SmallCells.shown(values.kept), forKey: .kept)
    try counts.encode(SmallCells.shown(values.clamped), forKey: .clamped)
    try counts.encode(SmallCells.shown(values.dropped), forKey: .dropped)
  }
}

extension PreparationReport.OutcomeReport {
  private enum CodingKeys: String, CodingKey {
    case outcome, directory, indexTime, flow, rowCount, patientCount, columnCount, positiveCount, isPositiveCountHidden
    case labelMean, fileCount, further
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(outcome, forKey: .outcome)
    try values.encode(directory, forKey: .directory)
    try values.encode(indexTime, forKey: .indexTime)
    try values.encode(flow, forKey: .flow)
    try values.encode(SmallCells.shown(rowCount), forKey: .rowCount)
    try values.encode(SmallCells.shown(patientCount), forKey: .patientCount)
    try values.encode(columnCount, forKey: .columnCount)
    try values.encodeIfPresent(positiveCount, forKey: .positiveCount)
    try values.encode(isPositiveCountHidden, forKey: .isPositiveCountHidden)
    try values.encodeIfPresent(labelMean, forKey: .labelMean)
    try values.encode(fileCount, forKey: .fileCount)
    if !further.isEmpty { try values.encode(further.map(FurtherFigures.init), forKey: .further) }
  }
}

// Its figures are coarse, or of at least 11 rows.
private struct FurtherFigures: Encodable {
  let outcome: String
  let knownShare: Double?
  let prevalence: Double?
  let labelMean: Double?

  init(_ further: FurtherLabel) {
    outcome = further.outcome.rawValue
    knownShare = further.knownShare
    switch further.labels {
    case .binary(let share): (prevalence, labelMean) = (share, nil)
    case .regression(let mean, _): (prevalence, labelMean) = (nil, mean)
    }
  }
}

extension PreparationReport {
  private enum CodingKeys: String, CodingKey {
    case source, tables, channels, labs, errorRowCount, outcomes, warnings
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(source, forKey: .source)
    try values.encode(tables, forKey: .tables)
    try values.encode(channels, forKey: .channels)
    try values.encode(labs, forKey: .labs)
    try values.encode(SmallCells.shown(errorRowCount), forKey: .errorRowCount)
    try values.encode(outcomes, forKey: .outcomes)
    try values.encode(warnings, forKey: .warnings)
  }
}
