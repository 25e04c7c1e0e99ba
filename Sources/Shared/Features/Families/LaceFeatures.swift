// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Shards
import Sweeps

/// The LACE index, a score for readmission after discharge; only there.
///
///     L: length of stay     < 1 d 0, 1 d 1, 2 d 2, 3 d 3, 4–6 d 4, 7–13 d 5, 14 d and more 7
///     A: acute admission    3
///     C: comorbidity        LACE's weights; 4 points and more 5
///     E: emergency visits   in the 6 months before, at most 4
///
/// MIMIC-III holds no visits without admission, so E counts emergency admissions: the score comes out too low.
///
/// - Source: van Walraven et al. 2010, CMAJ 182(6), table 2.
struct LaceFeatures: FeatureFamily {
  let sources: FeatureSources

  static func columns(for outcome: Outcome) -> [FeatureColumn] {
    guard outcome.isAtDischarge else { return [] }
    return [
      FeatureColumn(
        name: "lace", item: "ADMISSIONS, DIAGNOSES_ICD (van Walraven 2010)", unit: "points", window: "at discharge",
        statistic: "score")
    ]
  }

  func values(_ index: Int) -> [Float] {
    guard sources.outcome.isAtDischarge else { return [] }
    let unit = sources.unit(index)
    guard let codes = sources.diagnoses(of: unit)?.first else { return [.nan] }
    let admission = sources.admission(of: unit)
    let days = Int(unit.indexTime.seconds(since: admission.admitTime) / CivilTime.secondsPerDay)
    let isAcute = admission.type == "EMERGENCY" || admission.type == "URGENT"
    let visits = sources.earlierAdmissions(of: unit).count { earlier in
      earlier.type == "EMERGENCY" && earlier.dischargeTime >= admission.admitTime - 180 * CivilTime.secondsPerDay
    }
    let score =
      lacePoints(days: days) + (isAcute ? 3 : 0) + codes.conditions.laceScore + min(4, visits)
    return [Float(score)]
  }
}

/// The points of L.
package func lacePoints(days: Int) -> Int {
  switch days {
  case ...0: 0
  case 1...3: days
  case 4...6: 4
  case 7...13: 5
  default: 7
  }
}
