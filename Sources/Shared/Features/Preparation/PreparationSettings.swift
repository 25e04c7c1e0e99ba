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
  /// Outcomes whose labels rows get beside their own, where they can have them.
  package var further: [Outcome] = []
  package var definitions = CohortDefinitions()
  package var featureSet = FeatureSet.standard
  /// Unpack every compressed table once before the work; nil does so where they take more than 1 GiB.
  package var checksFirst: Bool?
  /// "mimic3", "mimic3-demo" or "synthetic"; nil finds out.
  package var source: String?
  /// What the manifest says made it.
  package var createdBy: String
  package var rowsPerShard: Int
  package var threadCount: Int
  /// After so long a run that is killed loses nothing of what it read before.
  package var secondsPerCheckpoint = 15.0

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

extension PreparationSettings {
  /// In words, with what departs from the usual definition.
  func indexTimeText(_ outcome: Outcome) -> String {
    switch outcome {
    case .readmission7d, .readmission30d, .readmission60d, .readmission90d:
      return (["discharge from hospital"] + definitions.readmission.departures).joined(separator: "; ")
    case .icuMortality, .inHospitalMortality:
      let words = ["\(definitions.mortality.hoursToIndex) h after the time into the ICU"]
      return (words + definitions.mortality.departures).joined(separator: "; ")
    case .lengthOfStay, .lengthOfStayClass, .hospitalLengthOfStay:
      let words = ["\(definitions.stay.hoursToIndex) h after the time into the ICU"]
      return (words + definitions.stay.departures).joined(separator: "; ")
    case .decompensation, .remainingLengthOfStay: return "each sampled hour in the ICU, from the fifth on"
    case .phenotype: return "the time out of the ICU"
    }
  }

  private static let byteCountWithoutCheck = 1 << 30

  func checkCompressed(
    _ directory: MIMICDirectory, _ tables: [MIMICTable], _ report: (String) -> Void
  ) throws(PreparationError) {
    let byteCount = tables.reduce(0) { $0 + directory.byteCount(of: $1) }
    guard checksFirst ?? (byteCount > Self.byteCountWithoutCheck) else { return }
    report("checking that \(byteCount >> 20) MiB of tables are whole")
    do throws(CohortError) {
      try directory.checkCompressed(tables)
    } catch {
      throw PreparationError(cause: .input(error))
    }
  }
}
