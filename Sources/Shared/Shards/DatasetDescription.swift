// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// What a data set is, as its maker knows it before the first row.
package struct DatasetDescription: Hashable, Sendable {
  package let name: String
  package let outcome: Outcome
  /// "mimic3", "mimic3-demo" or "synthetic".
  package let source: String
  /// The index time in words: nothing recorded after it entered a feature.
  package let indexTime: String
  package let columns: [FeatureColumn]
  package let channels: [FeatureColumn]
  /// Hourly steps T of a sequence.
  package let stepCount: Int
  package let flow: [FlowStep]
  package let createdBy: String
  /// Whose labels each row has beside its own.
  package let further: [Outcome]

  package init(
    name: String, outcome: Outcome, source: String, indexTime: String, columns: [FeatureColumn],
    channels: [FeatureColumn], stepCount: Int, flow: [FlowStep], createdBy: String, further: [Outcome] = []
  ) {
    self.name = name
    self.outcome = outcome
    self.source = source
    self.indexTime = indexTime
    self.columns = columns
    self.channels = channels
    self.stepCount = stepCount
    self.flow = flow
    self.createdBy = createdBy
    self.further = further
  }
}

/// One row as the writer takes it.
package struct ShardRow: Hashable, Sendable {
  /// [F], NaN where missing.
  package let tabular: [Float]
  /// [T × C], step by step, NaN where nothing was observed.
  package let sequence: [Float]
  /// 0 or 1, or the regression's target.
  package let label: Float
  /// The patient, as a number that means nothing outside this data set. Folds never part a group.
  package let group: Int64
  /// Leads back to the source's row for whoever holds the source. Never leaves the shard.
  package let rowID: Int64
  /// [K] in the order of the description's `further`, NaN where not known.
  package let further: [Float]

  package init(
    tabular: [Float], sequence: [Float], label: Float, group: Int64, rowID: Int64, further: [Float] = []
  ) {
    self.tabular = tabular
    self.sequence = sequence
    self.label = label
    self.group = group
    self.rowID = rowID
    self.further = further
  }
}

extension Outcome {
  /// Whether labels are 0 and 1. The same as `objective == .binary`, whose module this one does not import.
  package var isBinary: Bool {
    switch self {
    case .readmission7d, .readmission30d, .readmission60d, .readmission90d, .icuMortality, .inHospitalMortality,
      .decompensation, .phenotype:
      true
    case .lengthOfStay, .hospitalLengthOfStay, .lengthOfStayClass, .remainingLengthOfStay: false
    }
  }
}
