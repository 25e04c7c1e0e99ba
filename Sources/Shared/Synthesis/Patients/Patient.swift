// SPDX-License-Identifier: Apache-2.0

import Randomness

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

let hour: Int64 = 3_600
let day: Int64 = 86_400

func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

/// A synthetic patient: what no table shows (burden, severity, trend) and what follows from it.
struct Patient {
  let index: Int
  let isMale: Bool
  let birth: Int64
  /// Chronic burden, standard normal: drives diagnoses, labs, drugs and the risk to come back.
  let burden: Double
  let isCareVue: Bool
  let insurance: String
  let ethnicity: String
  let language: String
  let maritalStatus: String
  let religion: String
  var admissions: [Admission] = []

  var subject: Int { 10_000 + index * 3 + 1 }
  var death: Int64? { admissions.last?.death }
}

struct Admission {
  let id: Int
  let admit: Int64
  let discharge: Int64
  let death: Int64?
  let ageYears: Double
  let type: String
  let service: String
  /// Severity on arrival and at the end; standard deviations above a usual stay.
  let severityStart: Double
  let severityEnd: Double
  /// Ramp over the last two days: what a sequence shows and a single value does not.
  let trend: Double
  let stays: [Stay]

  /// Severity `hours` after admission, linear between arrival and end.
  func severity(at time: Int64) -> Double {
    let share = Double(time - admit) / Double(max(discharge - admit, 1))
    return severityStart + (severityEnd - severityStart) * min(max(share, 0), 1)
  }

  /// 0 until two days before the end, then up to the trend.
  func ramp(at time: Int64) -> Double {
    trend * max(0, 1 - Double(discharge - time) / Double(2 * day))
  }
}

struct Stay {
  let id: Int
  let unit: String
  let ward: Int
  let intime: Int64
  let outtime: Int64
}
