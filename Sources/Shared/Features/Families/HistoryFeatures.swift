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
    let admissions = earlier.map { sources.records.admissions[$0] }
    func within(_ days: Int64) -> [Admission] {
      admissions.filter { ($0.dischargeTime ?? .min) >= admitTime - days * CivilTime.secondsPerDay }
    }
    let lastDischarge = admissions.compactMap(\.dischargeTime).max()
    let stays = earlier.flatMap { sources.records.staysOfAdmission[$0] }.map { sources.records.stays[$0] }
    return [
      Float(admissions.count), Float(within(365).count), Float(within(180).count),
      Float(within(180).count { $0.type == "EMERGENCY" }),
      lastDischarge.map { days(admitTime - $0) } ?? .nan,
      days(admissions.reduce(0) { $0 + max(0, ($1.dischargeTime ?? $1.admitTime) - $1.admitTime) }),
      Float(stays.count), days(stays.reduce(0) { $0 + max(0, ($1.outTime ?? $1.inTime) - $1.inTime) }),
    ]
  }

  private func days(_ seconds: Int64) -> Float { Float(Double(seconds) / Double(CivilTime.secondsPerDay)) }
}
