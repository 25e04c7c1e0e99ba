// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Shards
import Sweeps

/// How the patient came, where the patient was until the index time, and (at discharge) where the patient goes.
struct EncounterFeatures: FeatureFamily {
  let sources: FeatureSources

  private static let type = CategoryGroups(
    name: "admission_type", item: "ADMISSIONS.ADMISSION_TYPE", window: "at admission",
    groups: [
      .init("emergency", ["EMERGENCY"]), .init("urgent", ["URGENT"]), .init("elective", ["ELECTIVE"]),
    ])
  private static let location = CategoryGroups(
    name: "admitted_from", item: "ADMISSIONS.ADMISSION_LOCATION", window: "at admission",
    groups: [
      .init("emergency_room", ["EMERGENCY ROOM"]), .init("transfer", ["TRANSFER", "TRSF"]),
      .init("referral", ["CLINIC REFERRAL", "PHYS REFERRAL", "HMO REFERRAL"]),
    ])
  private static let careUnit = CategoryGroups(
    name: "care_unit", item: "ICUSTAYS.FIRST_CAREUNIT", window: "first ICU stay",
    groups: ["MICU", "SICU", "CCU", "CSRU", "TSICU"].map { .init($0.lowercased(), [$0]) })
  private static let service = CategoryGroups(
    name: "service", item: "SERVICES.CURR_SERVICE", window: "last before index time",
    groups: [
      .init("medicine", ["MED"]), .init("oncology", ["OMED"]), .init("cardiac", ["CMED", "CSURG"]),
      .init("neuro", ["NMED", "NSURG"]), .init("trauma", ["TRAUM", "ORTHO"]),
      .init("surgery", ["SURG", "TSURG", "VSURG", "PSURG", "GU", "GYN", "ENT", "DENT", "OBS"]),
    ])
  private static let destination = CategoryGroups(
    name: "discharged_to", item: "ADMISSIONS.DISCHARGE_LOCATION", window: "at discharge",
    groups: [
      .init("home_care", ["HOME HEALTH", "HOME WITH"]), .init("home", ["HOME"]), .init("nursing", ["SNF", "ICF"]),
      .init("rehabilitation", ["REHAB", "LONG TERM"]), .init("against_advice", ["LEFT AGAINST"]),
      .init("hospice", ["HOSPICE"]),
    ])

  static func columns(for outcome: Outcome) -> [FeatureColumn] {
    func number(_ name: String, _ item: String, _ unit: String, _ statistic: String) -> FeatureColumn {
      FeatureColumn(name: name, item: item, unit: unit, window: "admission to index time", statistic: statistic)
    }
    var columns = type.columns + location.columns
    columns += [
      number("emergency_room_hours", "ADMISSIONS.EDREGTIME, EDOUTTIME", "h", "duration"),
      number("hospital_hours", "ADMISSIONS.ADMITTIME", "h", "duration"),
      number("icu_hours", "ICUSTAYS.INTIME, OUTTIME", "h", "sum"),
      number("icu_stay_count", "ICUSTAYS.INTIME", "1", "count"),
      number("transfer_count", "TRANSFERS.INTIME, EVENTTYPE transfer", "1", "count"),
      number("service_count", "SERVICES.TRANSFERTIME", "1", "count"),
    ]
    columns += careUnit.columns + service.columns
    if outcome.isAtDischarge { columns += destination.columns }
    return columns
  }

  func values(_ index: Int) -> [Float] {
    let unit = sources.unit(index)
    let admission = sources.admission(of: unit)
    var values = Self.type.values(admission.type) + Self.location.values(admission.location)
    values.append(emergencyHours(admission))
    values.append(hours(unit.indexTime.seconds(since: admission.admitTime)))

    let stays = sources.icuSeconds(of: unit)
    values += [hours(stays.reduce(0) { $0 + $1.value }), Float(stays.count)]
    values.append(sources.transfers(of: unit).map { Float($0.count) } ?? .nan)
    let services = sources.services(of: unit)
    values.append(services.map { Float($0.count) } ?? .nan)

    values += Self.careUnit.values(sources.careUnit(of: unit))
    if let services {
      values += Self.service.values(services.last?.value)
    } else {
      values += Self.service.groups.map { _ in .nan }
    }
    if sources.outcome.isAtDischarge { values += Self.destination.values(admission.dischargeLocation) }
    return values
  }

  /// NaN where there was no emergency room, or its end is not known before the index time.
  private func emergencyHours(_ admission: KnownAdmission) -> Float {
    guard let start = admission.emergencyStart, let end = admission.emergencyEnd?.value, end >= start else {
      return .nan
    }
    return hours(end - start)
  }

  private func hours(_ seconds: Int64) -> Float { Float(Double(seconds) / Double(CivilTime.secondsPerHour)) }
}
