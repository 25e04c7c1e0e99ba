// SPDX-License-Identifier: Apache-2.0

/// A row of ICUSTAYS.
package struct ICUStay: Hashable, Sendable {
  package let stayID: Int64
  /// Index into `HospitalRecords.admissions`.
  package let admission: Int
  package let firstCareUnit: String?
  package let inTime: Int64
  /// Empty for a few stays of the full set.
  package let outTime: Int64?
}
