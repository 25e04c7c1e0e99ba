// SPDX-License-Identifier: Apache-2.0

package import Cohorts
package import Sweeps

/// Who is in a data set and what its label is, by kind of task.
package struct CohortDefinitions: Hashable, Sendable {
  package var readmission = ReadmissionDefinition()
  package var mortality = ICUDefinition(hoursToIndex: 48)
  package var stay = ICUDefinition(hoursToIndex: 24)

  package init() {}
}

/// What to prepare. Every setting has a name on the command line.
package struct PreparationSettings: Sendable {
  package var outcomes: [Outcome]
  package var definitions = CohortDefinitions()
  /// "mimic3", "mimic3-demo" or "synthetic"; nil finds out.
  package var source: String?
  /// What the manifest says made it.
  package var createdBy: String
  package var rowsPerShard: Int
  package var threadCount: Int

  /// Those that `prepareDatasets` knows; the others are the preset's.
  package static let preparedOutcomes: [Outcome] = [
    .readmission30d, .icuMortality, .lengthOfStay, .inHospitalMortality, .hospitalLengthOfStay, .lengthOfStayClass,
    .readmission7d, .readmission60d, .readmission90d,
  ]
  /// Those that are made where none is named.
  package static let usualOutcomes: [Outcome] = [.readmission30d, .icuMortality, .lengthOfStay]

  package init(
    outcomes: [Outcome], source: String? = nil, createdBy: String, rowsPerShard: Int = 4096,
    threadCount: Int? = nil
  ) {
    self.outcomes = outcomes
    self.source = source
    self.createdBy = createdBy
    self.rowsPerShard = rowsPerShard
    self.threadCount = threadCount ?? ProcessorCount.available
  }
}
