// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Shards
import Sweeps

/// Age, sex and what the registration says.
struct DemographicFeatures: FeatureFamily {
  let sources: FeatureSources

  private static let ethnicity = CategoryGroups(
    name: "ethnicity", item: "ADMISSIONS.ETHNICITY", window: "at admission",
    groups: [
      .init("white", ["WHITE", "PORTUGUESE"]), .init("black", ["BLACK"]),
      .init("hispanic", ["HISPANIC", "SOUTH AMERICAN"]), .init("asian", ["ASIAN"]),
      .init("unknown", ["UNKNOWN", "UNABLE", "PATIENT DECLINED"]), .init("other", [""]),
    ])
  private static let insurance = CategoryGroups(
    name: "insurance", item: "ADMISSIONS.INSURANCE", window: "at admission",
    groups: [
      .init("medicare", ["MEDICARE"]), .init("medicaid", ["MEDICAID"]), .init("private", ["PRIVATE"]),
      .init("government", ["GOVERNMENT"]), .init("self_pay", ["SELF PAY"]),
    ])
  private static let marital = CategoryGroups(
    name: "marital", item: "ADMISSIONS.MARITAL_STATUS", window: "at admission",
    groups: [
      .init("partnered", ["MARRIED", "LIFE PARTNER"]), .init("single", ["SINGLE"]), .init("widowed", ["WIDOWED"]),
      .init("divorced", ["DIVORCED", "SEPARATED"]),
    ])

  static func columns(for outcome: Outcome) -> [FeatureColumn] {
    [
      FeatureColumn(
        name: "age", item: "PATIENTS.DOB", unit: "years (91.4 for all over 89)", window: "at admission",
        statistic: "value"),
      FeatureColumn(
        name: "sex_male", item: "PATIENTS.GENDER", unit: "0 or 1", window: "at admission", statistic: "is present"),
      FeatureColumn(
        name: "language_english", item: "ADMISSIONS.LANGUAGE", unit: "0 or 1", window: "at admission",
        statistic: "is present"),
    ] + ethnicity.columns + insurance.columns + marital.columns
  }

  func values(_ index: Int) -> [Float] {
    let unit = sources.unit(index)
    let admission = sources.admission(of: unit)
    var values = [
      Float(sources.ageAtAdmission(of: unit)), sources.gender(of: unit).map { flag($0.uppercased() == "M") } ?? .nan,
      admission.language.map { flag($0.hasPrefix("ENGL")) } ?? .nan,
    ]
    values += Self.ethnicity.values(admission.ethnicity ?? "UNKNOWN")
    values += Self.insurance.values(admission.insurance)
    values += Self.marital.values(admission.maritalStatus)
    return values
  }
}
