// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Shards
import Sweeps

/// Admissions of the same patient that had ended before this one began, as far as MIMIC-III holds them.
struct HistoryFeatures: FeatureFamily {
  let sources: FeatureSources

  static func columns(for outcome: Outcome) -> [FeatureColumn] {
    func column(
      _ name: String, _ unit: String, _ statistic: String, window: String = "before admission",
      item: String = "ADMISSIONS"
    ) -> FeatureColumn {
      FeatureColumn(name: name, item: item, unit: unit, window: window, statistic: statistic)
    }
    return [
      column("earlier_admissions", "1", "count"),
      column("earlier_admissions_365d", "1", "count", window: "365 d before admission"),
      column("earlier_admissions_180d", "1", "count", window: "180 d before admission"),
      column(
        "earlier_emergencies_180d", "1", "count", window: "180 d before admission",
        item: "ADMISSIONS.ADMISSION_TYPE EMERGENCY"),
      column("days_since_discharge", "d", "duration"),
      column("earlier_hospital_days", "d", "sum"),
      column("earlier_icu_stays", "1", "count", item: "ICUSTAYS"),
      column("earlier_icu_days", "d", "sum", item: "ICUSTAYS"),
    ]
  }

  func values(_ index: Int) -> [Float] {
    let unit = sources.unit(index)
    let admitTime = sources.admission(of: unit).admitTime
    let earlier = sources.earlierAdmissions(of: unit)
    func within(_ days: Int64) -> [EarlierAdmission] {
      earlier.filter { $0.dischargeTime >= admitTime - days * CivilTime.secondsPerDay }
    }
    return [
      Float(earlier.count), Float(within(365).count), Float(within(180).count),
      Float(within(180).count { $0.type == "EMERGENCY" }),
      earlier.map(\.dischargeTime).max().map { days(admitTime - $0) } ?? .nan,
      days(earlier.reduce(0) { $0 + max(0, $1.dischargeTime - $1.admitTime) }),
      Float(earlier.reduce(0) { $0 + $1.icuStayCount }), days(earlier.reduce(0) { $0 + $1.icuSeconds }),
    ]
  }

  private func days(_ seconds: Int64) -> Float { Float(Double(seconds) / Double(CivilTime.secondsPerDay)) }
}
