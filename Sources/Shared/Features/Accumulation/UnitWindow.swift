// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// Which admission an event names.
enum EventAdmission {
  /// HADM_ID is empty.
  static let none: Int32 = -1
  /// One that ADMISSIONS does not have.
  static let unknown: Int32 = -2
}

/// When an event belongs to a unit: what does is handed out as observed. All ends are open at the index time: an event of that very second is left out.
///
/// An event that names the unit's admission belongs to it from the unit's start on; where the unit is a whole admission,
/// and for laboratory results, also before (blood drawn in the emergency room or the ambulance). One that names no
/// admission belongs by its time alone. One that names another admission never does.
struct UnitWindow {
  let admission: Int32
  let indexTime: IndexTime
  /// First moment of a charted value that names the admission.
  let chartStart: Int64
  /// First moment of a charted value that names none.
  let chartStartUnnamed: Int64
  /// First moment of a laboratory result that names no admission.
  let labStartUnnamed: Int64

  init(_ unit: CohortUnit, admissionStart: Int64) {
    admission = Int32(unit.admission)
    indexTime = IndexTime(unit)
    chartStart = unit.stay == nil ? .min : unit.start
    chartStartUnnamed = unit.start
    labStartUnnamed = admissionStart
  }

  @inline(__always)
  func chart<Value>(_ value: Value, _ admission: Int32, _ time: Int64) -> Observed<Value>? {
    let isOwn =
      admission == self.admission
      ? time >= chartStart : admission == EventAdmission.none && time >= chartStartUnnamed
    return isOwn ? indexTime.observe(value, at: time) : nil
  }

  @inline(__always)
  func lab<Value>(_ value: Value, _ admission: Int32, _ time: Int64) -> Observed<Value>? {
    let isOwn = admission == self.admission || (admission == EventAdmission.none && time >= labStartUnnamed)
    return isOwn ? indexTime.observe(value, at: time) : nil
  }
}
