// SPDX-License-Identifier: Apache-2.0

/// A row of ICUSTAYS.
package struct ICUStay: Hashable, Sendable {
  package let stayID: Int64
  /// Index into `HospitalRecords.admissions`.
  package let admission: Int
  package let firstCareUnit: String?
  /// nil where the table has no such column, as for the three below.
  package let lastCareUnit: String?
  package let firstWard: Int64?
  package let lastWard: Int64?
  /// LOS as recorded: days from the time in to the time out, to 4 decimals.
  package let days: Double?
  package let inTime: Int64
  /// Empty for a few stays of the full set.
  package let outTime: Int64?
}
