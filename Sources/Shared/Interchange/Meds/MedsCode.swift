// SPDX-License-Identifier: Apache-2.0

/// What a code of a MEDS data set says, in the vocabulary of the published MIMIC conversion; parts are parted by "//", and
/// UNK stands for what is not known.
///
/// - Source: github.com/Medical-Event-Data-Standard/MIMIC_IV_MEDS, event_configs.yaml; MEDS_BIRTH and MEDS_DEATH are the
///   standard's own.
enum MedsCode: Hashable {
  case birth
  case death
  case gender(String)
  case admission(type: String?, location: String?)
  case discharge(location: String?)
  case emergencyStart
  case emergencyEnd
  case stayStart(unit: String?)
  case stayEnd(unit: String?)
  /// A charted value or a laboratory result, by MIMIC's item number.
  case item(Int, unit: String?)
  case output(Int, unit: String?)
  case diagnosis(String)
  case procedure(String)
  case drug(String)
  case transfer(type: String, unit: String?)
  case service(String)
  /// Not used here; `family` is what stands before the first "//".
  case other(family: String)

  init(_ text: String) {
    let parts = text.components(partedBy: "//")
    func part(_ index: Int) -> String? {
      guard index < parts.count, !parts[index].isEmpty, parts[index] != "UNK" else { return nil }
      return parts[index]
    }
    /// All from here on: names of drugs may hold "//".
    func rest(_ index: Int) -> String? {
      let text = parts.dropFirst(index).joined(separator: "//")
      return text.isEmpty || text == "UNK" ? nil : text
    }
    self =
      switch (parts[0], part(1)) {
      case ("MEDS_BIRTH", _): .birth
      case ("MEDS_DEATH", _): .death
      case ("GENDER", let gender?): .gender(gender)
      case ("HOSPITAL_ADMISSION", let type): .admission(type: type, location: part(2))
      case ("HOSPITAL_DISCHARGE", let location): .discharge(location: location)
      case ("ED_REGISTRATION", _): .emergencyStart
      case ("ED_OUT", _): .emergencyEnd
      case ("ICU_ADMISSION", let unit): .stayStart(unit: unit)
      case ("ICU_DISCHARGE", let unit): .stayEnd(unit: unit)
      case ("LAB", "RESULT"): Self.item(part(2), part(3), parts[0])
      case ("LAB", let item): Self.item(item, part(2), parts[0])
      case ("SUBJECT_FLUID_OUTPUT", let item):
        item.flatMap { Int($0) }.map { .output($0, unit: part(2)) } ?? .other(family: parts[0])
      case ("DIAGNOSIS", "ICD"):
        part(2) == "9"
          ? rest(3).map { .diagnosis($0) } ?? .other(family: "DIAGNOSIS//ICD//9")
          : .other(family: "DIAGNOSIS//ICD//\(part(2) ?? "UNK")")
      case ("PROCEDURE", "ICD"):
        part(2) == "9"
          ? rest(3).map { .procedure($0) } ?? .other(family: "PROCEDURE//ICD//9")
          : .other(family: "PROCEDURE//ICD//\(part(2) ?? "UNK")")
      case ("MEDICATION", "START"): rest(2).map { .drug($0) } ?? .other(family: "MEDICATION")
      case ("TRANSFER_TO", let type?): .transfer(type: type, unit: part(2))
      case ("SERVICE", let service?): .service(service)
      default: .other(family: parts[0])
      }
  }

  private static func item(_ text: String?, _ unit: String?, _ family: String) -> MedsCode {
    guard let text, let item = Int(text) else { return .other(family: family) }
    return .item(item, unit: unit)
  }

  /// Items of D_LABITEMS; all others are charted.
  static let labItems = 50_000..<60_000
}

extension String {
  func components(partedBy separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
