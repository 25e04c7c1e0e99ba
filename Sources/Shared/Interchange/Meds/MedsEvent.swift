// SPDX-License-Identifier: Apache-2.0

/// One row of a MEDS data set.
struct MedsEvent {
  let code: MedsCode
  /// Seconds since 1970; nil for what always holds.
  let time: Int64?
  /// As it would be written in a table.
  let number: String?
  let text: String?
  let hadmID: Int64?
  let stayID: Int64?
  /// By `MedsColumns.details`.
  let details: [String?]
}

/// A subject's rows, in their order.
struct MedsSubject {
  let subjectID: Int64
  var events: [MedsEvent] = []
}

/// Columns of a MEDS file that are read.
enum MedsColumns {
  static let needed = ["subject_id", "time", "code"]
  static let number = "numeric_value"
  static let text = "text_value"
  static let admission = "hadm_id"
  /// The conversions of MIMIC-III and MIMIC-IV name it differently.
  static let stay = ["icustay_id", "stay_id"]

  enum Detail: Int, CaseIterable {
    case insurance, language, maritalStatus, race, flag, drugType, error

    var names: [String] {
      switch self {
      case .insurance: ["insurance"]
      case .language: ["language"]
      case .maritalStatus: ["marital_status"]
      case .race: ["race", "ethnicity"]
      case .flag: ["flag"]
      case .drugType: ["drug_type"]
      case .error: ["error"]
      }
    }
  }
}
