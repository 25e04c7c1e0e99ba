// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Features
import Foundation
import Shards
import Sweeps

/// Hand-made tables of two patients, with columns in another order than PhysioNet's. Patient 7: admitted on 1 January
/// 2150 at 08:00 from the emergency room, in the ICU from 10:00 (stay 700) until 5 January 10:00, discharged on 9
/// January 12:00. Patient 3 makes every cohort hold two patients.
struct SmallHospital {
  var patients = [
    ["7", "M", "2080-01-01 00:00:00", ""], ["3", "F", "2090-06-01 00:00:00", "2151-01-01 00:00:00"],
  ]
  /// HADM_ID, SUBJECT_ID, ADMITTIME, DISCHTIME, DEATHTIME, HOSPITAL_EXPIRE_FLAG, ADMISSION_TYPE, ADMISSION_LOCATION,
  /// DISCHARGE_LOCATION, INSURANCE, LANGUAGE, MARITAL_STATUS, ETHNICITY, EDREGTIME, EDOUTTIME.
  var admissions = [
    [
      "70", "7", "2150-01-01 08:00:00", "2150-01-09 12:00:00", "", "0", "EMERGENCY", "EMERGENCY ROOM ADMIT", "HOME",
      "Medicare", "ENGL", "MARRIED", "WHITE", "2150-01-01 05:00:00", "2150-01-01 09:00:00",
    ],
    [
      "30", "3", "2150-02-01 08:00:00", "2150-02-09 12:00:00", "", "0", "ELECTIVE", "PHYS REFERRAL/NORMAL DELI", "SNF",
      "Private", "", "", "", "", "",
    ],
  ]
  /// ICUSTAY_ID, HADM_ID, FIRST_CAREUNIT, INTIME, OUTTIME.
  var stays = [
    ["700", "70", "MICU", "2150-01-01 10:00:00", "2150-01-05 10:00:00"],
    ["300", "30", "CCU", "2150-02-01 10:00:00", "2150-02-05 10:00:00"],
  ]
  /// CHARTTIME, ITEMID, SUBJECT_ID, HADM_ID, VALUE, VALUENUM, ERROR.
  var chart: [[String]] = [["2150-02-01 11:00:00", "211", "3", "30", "80", "80", ""]]
  /// CHARTTIME, ITEMID, SUBJECT_ID, HADM_ID, VALUENUM, FLAG.
  var labs: [[String]] = [["2150-02-01 11:00:00", "50971", "3", "30", "4", ""]]
  /// HADM_ID, ICD9_CODE.
  var diagnoses: [[String]]? = [["70", "4280"], ["30", "25000"]]
  /// HADM_ID, ICD9_CODE.
  var procedures: [[String]]? = [["70", "9604"]]
  /// HADM_ID, TRANSFERTIME, CURR_SERVICE.
  var services: [[String]]? = [["70", "2150-01-01 08:00:00", "CMED"]]
  /// HADM_ID, EVENTTYPE, INTIME.
  var transfers: [[String]]? = [["70", "transfer", "2150-01-01 10:00:00"]]
  /// SUBJECT_ID, HADM_ID, STARTDATE, DRUG_TYPE, DRUG.
  var prescriptions: [[String]]? = [["7", "70", "2150-01-01 00:00:00", "MAIN", "Furosemide"]]
  /// SUBJECT_ID, HADM_ID, ITEMID, CHARTTIME, VALUE, ISERROR.
  var outputs: [[String]]? = [["7", "70", "40055", "2150-01-02 09:00:00", "100", ""]]

  static let inTime = "2150-01-01 10:00:00"

  /// `hours` after 2150-01-01 10:00:00, when patient 7 comes to the ICU.
  static func time(_ hours: Double) -> String {
    let seconds = Int((hours * 3_600).rounded()) + 10 * 3_600
    let (day, rest) = (seconds / 86_400, seconds % 86_400)
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }
    return "2150-01-\(two(day + 1)) \(two(rest / 3_600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
  }

  /// A chart event of patient 7.
  mutating func addChart(_ item: Int, _ hours: Double, _ number: String, text: String = "", admission: String = "70") {
    chart.append([Self.time(hours), "\(item)", "7", admission, text.isEmpty ? number : text, number, "0"])
  }

  mutating func addLab(_ item: Int, _ hours: Double, _ number: String, flag: String = "", admission: String = "70") {
    labs.append([Self.time(hours), "\(item)", "7", admission, number, flag])
  }

  /// - Parameter forBenchmark: with the columns that only the preset reads; lab results have none to give.
  func write(to folder: TableFolder, forBenchmark: Bool = false) throws {
    func table(_ name: String, _ header: String, _ rows: [[String]]?) throws {
      guard let rows else { return }
      try folder.write(name, header + "\n" + rows.map { $0.joined(separator: ",") + "\n" }.joined())
    }
    try table("PATIENTS.csv", "SUBJECT_ID,GENDER,DOB,DOD", patients)
    try table(
      "ADMISSIONS.csv",
      "HADM_ID,SUBJECT_ID,ADMITTIME,DISCHTIME,DEATHTIME,HOSPITAL_EXPIRE_FLAG,ADMISSION_TYPE,ADMISSION_LOCATION,"
        + "DISCHARGE_LOCATION,INSURANCE,LANGUAGE,MARITAL_STATUS,ETHNICITY,EDREGTIME,EDOUTTIME", admissions)
    if forBenchmark {
      try table(
        "ICUSTAYS.csv", "ICUSTAY_ID,HADM_ID,FIRST_CAREUNIT,INTIME,OUTTIME,LAST_CAREUNIT,FIRST_WARDID,LAST_WARDID,LOS",
        stays.map { $0 + [$0[2], "7", "7", "4.0"] })
      try table(
        "CHARTEVENTS.csv.gz", "charttime,itemid,subject_id,hadm_id,value,valuenum,error,icustay_id,valueuom",
        chart.map { $0 + ["", ""] })
      try table(
        "LABEVENTS.csv", "CHARTTIME,ITEMID,SUBJECT_ID,HADM_ID,VALUE,FLAG,VALUEUOM", labs.map { $0 + [""] })
      try table("D_ICD_DIAGNOSES.csv", "ICD9_CODE", [["4280"], ["25000"]])
    } else {
      try table("ICUSTAYS.csv", "ICUSTAY_ID,HADM_ID,FIRST_CAREUNIT,INTIME,OUTTIME", stays)
      try table("CHARTEVENTS.csv.gz", "charttime,itemid,subject_id,hadm_id,value,valuenum,error", chart)
      try table("LABEVENTS.csv", "CHARTTIME,ITEMID,SUBJECT_ID,HADM_ID,VALUENUM,FLAG", labs)
    }
    try table("DIAGNOSES_ICD.csv", "HADM_ID,ICD9_CODE", diagnoses)
    try table("PROCEDURES_ICD.csv", "HADM_ID,ICD9_CODE", procedures)
    try table("SERVICES.csv", "HADM_ID,TRANSFERTIME,CURR_SERVICE", services)
    try table("TRANSFERS.csv", "HADM_ID,EVENTTYPE,INTIME", transfers)
    try table("PRESCRIPTIONS.csv", "SUBJECT_ID,HADM_ID,STARTDATE,DRUG_TYPE,DRUG", prescriptions)
    try table("OUTPUTEVENTS.csv", "SUBJECT_ID,HADM_ID,ITEMID,CHARTTIME,VALUE,ISERROR", outputs)
  }

  /// The prepared data sets, read back from their shards.
  func prepare(_ outcomes: [Outcome] = PreparationSettings.usualOutcomes) throws -> Prepared {
    let folder = try TableFolder()
    try write(to: folder)
    return try Prepared(folder: folder, outcomes: outcomes)
  }
}

/// Data sets with their values copied out by name.
struct Prepared {
  let report: PreparationReport
  private let folder: TableFolder
  private var rows: [Outcome: [Int64: Row]] = [:]
  private(set) var datasets: [Outcome: Dataset] = [:]

  struct Row {
    let tabular: [String: Float]
    let bits: [UInt32]
    /// [T × C].
    let sequence: [Float]
    let label: Float
    let group: Int64
  }

  init(folder: TableFolder, outcomes: [Outcome], mimicDirectory: String? = nil) throws {
    self.folder = folder
    report = try prepareDatasets(
      mimicDirectory: mimicDirectory ?? folder.path, outputDirectory: folder.path + "/out",
      settings: PreparationSettings(outcomes: outcomes, createdBy: "test"))
    for outcome in outcomes {
      let dataset = try Dataset(directory: "\(folder.path)/out/\(outcome.rawValue)")
      let names = dataset.manifest.columns.map(\.name)
      var byID: [Int64: Row] = [:]
      for index in 0..<dataset.rowCount {
        let tabular = Array(dataset.tabularRow(index))
        let sequence = Array(dataset.sequenceRow(index))
        byID[dataset.rowIDs[index]] = Row(
          tabular: Dictionary(uniqueKeysWithValues: zip(names, tabular)),
          bits: (tabular + sequence).map { $0.isNaN ? 0x7FC0_0000 : $0.bitPattern }, sequence: sequence,
          label: dataset.labels[index], group: dataset.groups[index])
      }
      rows[outcome] = byID
      datasets[outcome] = dataset
    }
  }

  func row(_ outcome: Outcome, _ id: Int64) throws -> Row {
    guard let row = rows[outcome]?[id] else { throw MissingRow(id: id) }
    return row
  }

  /// One value of patient 7's row.
  func value(_ outcome: Outcome, _ column: String) throws -> Float {
    guard let value = try row(outcome, outcome == .readmission30d ? 70 : 700).tabular[column] else {
      throw MissingColumn(name: column)
    }
    return value
  }

  /// Channel of patient 7's sequence at a step.
  func step(_ outcome: Outcome, _ step: Int, _ channel: String) throws -> Float {
    guard let place = sequenceChannels.firstIndex(where: { $0.name == channel }) else {
      throw MissingColumn(name: channel)
    }
    let row = try row(outcome, outcome == .readmission30d ? 70 : 700)
    return row.sequence[step * sequenceChannels.count + place]
  }

  struct MissingRow: Error { let id: Int64 }
  struct MissingColumn: Error { let name: String }
}

/// A temporary folder, gone when its test ends.
final class TableFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "muster-features-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Plain whatever the name says: a reader goes by the content.
  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }
}
