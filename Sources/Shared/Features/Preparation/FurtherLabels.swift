// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Sweeps

/// Labels of other outcomes beside a row's own, each at that row's index time. Labels only: no feature sees them.
struct FurtherLabels: Sendable {
  /// In the order of the declaration, without the row's own.
  let outcomes: [Outcome]
  private let records: HospitalRecords
  private let graceHours: Int
  /// By place in `outcomes`: of a readmission its labels by admission, else nothing.
  private let readmissions: [[Float]]

  /// Those that any row can have beside its own.
  static let known: [Outcome] = [
    .readmission30d, .icuMortality, .lengthOfStay, .inHospitalMortality, .hospitalLengthOfStay, .readmission7d,
    .readmission60d, .readmission90d,
  ]

  /// Whether rows of `row` can have a label of `outcome`: at the discharge the stay is over, and all but a return is decided.
  static func isDefined(_ outcome: Outcome, beside row: Outcome) -> Bool {
    outcome != row && known.contains(outcome) && (!row.isAtDischarge || outcome.isAtDischarge)
  }

  /// - Parameter asked: of which those are made that rows of `outcome` can have.
  init(_ asked: [Outcome], beside outcome: Outcome, _ records: HospitalRecords, _ definitions: CohortDefinitions) {
    outcomes = Self.known.filter { asked.contains($0) && Self.isDefined($0, beside: outcome) }
    self.records = records
    graceHours = definitions.mortality.graceHours
    readmissions = outcomes.map { further in
      guard let days = further.readmissionDays else { return [] }
      var definition = definitions.readmission
      definition.windowDays = days
      return records.readmissionLabels(definition)
    }
  }

  func labels(_ unit: CohortUnit) -> [Float] {
    zip(outcomes, readmissions).map { outcome, readmissions in
      switch outcome {
      case .icuMortality: records.diesInICU(unit, graceHours: graceHours)
      case .inHospitalMortality: records.diesInHospital(unit)
      case .lengthOfStay: records.daysLeftInICU(unit)
      case .hospitalLengthOfStay: records.daysLeftInHospital(unit)
      case .readmission7d, .readmission30d, .readmission60d, .readmission90d:
        records.readmissionLabel(unit, in: readmissions)
      case .lengthOfStayClass, .decompensation, .remainingLengthOfStay, .phenotype: .nan
      }
    }
  }
}

extension PreparationSettings {
  /// - Throws: for a further label that none of the asked data sets can have.
  func checkFurther() throws(PreparationError) {
    for outcome in further where !outcomes.contains(where: { FurtherLabels.isDefined(outcome, beside: $0) }) {
      let possible = FurtherLabels.known.filter { further in
        outcomes.contains { FurtherLabels.isDefined(further, beside: $0) }
      }
      throw PreparationError(
        cause: .settingInvalid(
          name: "further label (--also)", expected: "one of \(possible.map(\.rawValue).joined(separator: ", "))",
          found: "\(outcome.rawValue), which no row of \(outcomes.map(\.rawValue).joined(separator: ", ")) has"))
    }
  }
}
