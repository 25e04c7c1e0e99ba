// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// What is known of a unit's own admission at its index time: how it began, and where it led only if that is over.
struct KnownAdmission: Sendable {
  let admitTime: Int64
  let type: String?
  let location: String?
  /// nil before the discharge.
  let dischargeLocation: String?
  let insurance: String?
  let language: String?
  let maritalStatus: String?
  let ethnicity: String?
  let emergencyStart: Int64?
  let emergencyEnd: Observed<Int64>?

  init(_ admission: Admission, at indexTime: IndexTime, isOver: Bool) {
    admitTime = admission.admitTime
    type = admission.type
    location = admission.location
    dischargeLocation = isOver ? admission.dischargeLocation : nil
    insurance = admission.insurance
    language = admission.language
    maritalStatus = admission.maritalStatus
    ethnicity = admission.ethnicity
    emergencyStart = admission.emergencyStart
    emergencyEnd = admission.emergencyEnd.flatMap { indexTime.observe($0, at: $0) }
  }
}
