// SPDX-License-Identifier: Apache-2.0

/// A row of ADMISSIONS.
package struct Admission: Hashable, Sendable {
  package let hadmID: Int64
  /// Index into `HospitalRecords.patients`.
  package let patient: Int
  package let admitTime: Int64
  package let dischargeTime: Int64?
  package let deathTime: Int64?
  /// HOSPITAL_EXPIRE_FLAG = 1.
  package let isMarkedDead: Bool
  package let type: String?
  package let location: String?
  package let dischargeLocation: String?
  package let insurance: String?
  package let language: String?
  package let maritalStatus: String?
  package let ethnicity: String?
  package let emergencyStart: Int64?
  package let emergencyEnd: Int64?

  package var isNewborn: Bool { type == "NEWBORN" }
  package var endsInDeath: Bool { isMarkedDead || deathTime != nil }
  /// The emergency department's registration where it comes before the admission.
  package var start: Int64 { min(admitTime, emergencyStart ?? admitTime) }
}
