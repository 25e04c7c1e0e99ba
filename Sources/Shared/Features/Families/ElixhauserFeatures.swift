// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Shards
import Sweeps

/// The 31 Elixhauser conditions and van Walraven's score, of the same admissions as the Charlson columns.
struct ElixhauserFeatures: FeatureFamily {
  let sources: FeatureSources

  static func columns(for outcome: Outcome) -> [FeatureColumn] {
    let window = outcome.isAtDischarge ? "this admission" : "earlier admissions"
    func column(_ name: String, _ unit: String, _ statistic: String) -> FeatureColumn {
      FeatureColumn(
        name: "elixhauser_\(name)", item: "DIAGNOSES_ICD, Quan 2005", unit: unit, window: window, statistic: statistic)
    }
    return [column("score", "points", "weighted sum")]
      + ElixhauserCondition.all.map { column($0.name, "0 or 1", "is present") }
  }

  func values(_ index: Int) -> [Float] {
    guard let diagnoses = sources.diagnoses(of: sources.unit(index)), !diagnoses.isEmpty else {
      return Array(repeating: .nan, count: 1 + ElixhauserCondition.all.count)
    }
    let bits = diagnoses.reduce(UInt32(0)) { $0 | $1.elixhauser }
    return [Float(ElixhauserCondition.score(bits))]
      + ElixhauserCondition.all.indices.map { flag(bits >> UInt32($0) & 1 == 1) }
  }
}

/// The HOSPITAL score, for readmission after a discharge; only there.
///
///     H: haemoglobin before discharge < 12 g/dL     1        T: admission of type urgent or emergency     1
///     O: discharged from oncology                   2        A: admissions in the year before: 1–5 2, more 5
///     S: sodium before discharge < 135 mmol/L       1        L: stay of 5 days and more                   2
///     P: any coded procedure                        1
///
/// A laboratory value that was never taken counts as normal, as in the score's derivation.
///
/// - Source: Donzé et al. 2013, JAMA Internal Medicine 173(8), table 3.
struct HospitalScoreFeatures: FeatureFamily {
  let sources: FeatureSources

  static func columns(for outcome: Outcome) -> [FeatureColumn] {
    guard outcome.isAtDischarge else { return [] }
    return [
      FeatureColumn(
        name: "hospital_score", item: "LABEVENTS, SERVICES, PROCEDURES_ICD, ADMISSIONS (Donzé 2013)", unit: "points",
        window: "at discharge", statistic: "score")
    ]
  }

  func values(_ index: Int) -> [Float] {
    guard sources.outcome.isAtDischarge else { return [] }
    let unit = sources.unit(index)
    let admission = sources.admission(of: unit)
    func last(_ name: String) -> Float {
      guard let test = LabTest.all.firstIndex(where: { $0.name == name }) else { return .nan }
      return sources.accumulator.labs[index * LabTest.all.count + test].last
    }
    let service = sources.services(of: unit)?.last?.value
    let yearBefore = sources.earlierAdmissions(of: unit).count {
      $0.dischargeTime >= admission.admitTime - 365 * CivilTime.secondsPerDay
    }
    var points = 0
    if last("hemoglobin") < 12 { points += 1 }
    if service == "OMED" { points += 2 }
    if last("sodium") < 135 { points += 1 }
    if (sources.procedureCounts(of: unit)?.first ?? 0) > 0 { points += 1 }
    if admission.type == "EMERGENCY" || admission.type == "URGENT" { points += 1 }
    points += yearBefore == 0 ? 0 : yearBefore <= 5 ? 2 : 5
    if unit.indexTime.seconds(since: admission.admitTime) >= 5 * CivilTime.secondsPerDay { points += 2 }
    return [Float(points)]
  }
}
