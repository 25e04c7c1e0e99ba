// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Foundation
import Synthesis
import Testing

@Suite struct SynthesisTests {
  /// Plain tables of a few patients, as lines of fields; quoting is simple enough to undo by hand.
  private final class Tables {
    let folder = NSTemporaryDirectory() + "synthesis-" + UUID().uuidString
    let summary: SynthesisSummary

    init(patients: Int, seed: UInt64 = 1, isCompressed: Bool = false) throws {
      summary = try synthesizeMIMIC(
        SynthesisOptions(patientCount: patients, seed: seed, directory: folder, isCompressed: isCompressed))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func rows(_ table: MIMICTable) throws -> [[String: String]] {
      let text = try String(contentsOfFile: "\(folder)/\(table.rawValue).csv", encoding: .utf8)
      let lines = text.split(separator: "\n").map(fields)
      return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
    }

    private func fields(_ line: Substring) -> [String] {
      var (fields, field, isQuoted) = ([String](), "", false)
      for character in line {
        switch character {
        case "\"": isQuoted.toggle()
        case "," where !isQuoted:
          fields.append(field)
          field = ""
        default: field.append(character)
        }
      }
      return fields + [field]
    }
  }

  @Test func everyTable_hasItsHeader() throws {
    let tables = try Tables(patients: 3)
    for table in MIMICTable.allCases {
      let text = try String(contentsOfFile: "\(tables.folder)/\(table.rawValue).csv", encoding: .utf8)
      let header = text.prefix { $0 != "\n" }
      #expect(header == table.columns.map { "\"\($0)\"" }.joined(separator: ","), "\(table)")
    }
    #expect(FileManager.default.fileExists(atPath: tables.folder + "/SYNTHETIC.json"))
  }

  @Test func sameSeed_sameBytes_otherSeed_others() throws {
    let (one, same) = (try Tables(patients: 5, isCompressed: true), try Tables(patients: 5, isCompressed: true))
    let other = try Tables(patients: 5, seed: 2, isCompressed: true)
    for table in MIMICTable.allCases {
      func bytes(_ tables: Tables) -> Data? {
        FileManager.default.contents(atPath: "\(tables.folder)/\(table.rawValue).csv.gz")
      }
      #expect(bytes(one) != nil && bytes(one) == bytes(same), "\(table)")
    }
    #expect(one.summary == same.summary && one.summary != other.summary)
  }

  /// A larger cohort begins with the smaller one: patients are streams of their own.
  @Test func patients_areIndependentOfTheirNumber() throws {
    let (few, many) = (try Tables(patients: 4), try Tables(patients: 8))
    #expect(try Array(many.rows(.admissions).prefix(few.rows(.admissions).count)) == few.rows(.admissions))
  }

  @Test func ids_referToRows_andTimesAreOrdered() throws {
    let tables = try Tables(patients: 60)
    let subjects = Set(try tables.rows(.patients).map { $0["SUBJECT_ID"] })
    let admissions = try tables.rows(.admissions)
    let byID = Dictionary(uniqueKeysWithValues: admissions.map { ($0["HADM_ID"] ?? "", $0) })
    let stays = Set(try tables.rows(.icustays).map { $0["ICUSTAY_ID"] ?? "" })
    let items = Set(try tables.rows(.dItems).map { $0["ITEMID"] })
    let labItems = Set(try tables.rows(.dLabitems).map { $0["ITEMID"] })
    for admission in admissions {
      #expect(subjects.contains(admission["SUBJECT_ID"]))
      #expect(admission["ADMITTIME"] ?? "" < admission["DISCHTIME"] ?? "")
    }
    for row in try tables.rows(.chartevents) {
      let admission = try #require(byID[row["HADM_ID"] ?? ""])
      let time = row["CHARTTIME"] ?? ""
      let stay = row["ICUSTAY_ID"] ?? ""
      guard time >= admission["ADMITTIME"] ?? "", time <= admission["DISCHTIME"] ?? "", items.contains(row["ITEMID"]),
        stay.isEmpty || stays.contains(stay)
      else {
        Issue.record("a charted row outside its admission, or of an unknown item or stay: row \(row["ROW_ID"] ?? "")")
        return
      }
    }
    for row in try tables.rows(.labevents) where !labItems.contains(row["ITEMID"]) {
      Issue.record("an unknown laboratory item")
    }
  }

  /// Goal: rates of the outcomes are those of a hospital. Method: 2,000 patients; bands of about three standard errors.
  @Test func rates_areClinical() throws {
    var (alive, readmitted, deaths, total) = (0, 0, 0, 0)
    for admissions in synthesizeHistories(patientCount: 2_000, seed: 7) {
      for (index, admission) in admissions.enumerated() where admission.ageYears >= 18 {
        total += 1
        guard !admission.isDead else {
          deaths += 1
          continue
        }
        alive += 1
        if index + 1 < admissions.count, admissions[index + 1].admit - admission.discharge <= 30 * 86_400 {
          readmitted += 1
        }
      }
    }
    #expect((0.09...0.15).contains(Double(readmitted) / Double(alive)), "\(readmitted) of \(alive)")
    #expect((0.06...0.14).contains(Double(deaths) / Double(total)), "\(deaths) of \(total)")
    #expect(Double(total) / 2_000 > 1.2)
  }

  @Test func impossibleRequests_areRefused() {
    #expect(throws: SynthesisError.self) {
      try synthesizeMIMIC(SynthesisOptions(patientCount: 0, seed: 1, directory: "/tmp/x"))
    }
    #expect { try synthesizeMIMIC(SynthesisOptions(patientCount: 1, seed: 1, directory: "/proc/nowhere")) } throws: {
      "\($0)".contains("/proc/nowhere")
    }
  }
}

/// Goal: the full density is MIMIC-III's, unevenness and faults included. Method: 60 patients' CHARTEVENTS, counted by
/// patient; bands wide enough for any seed.
@Suite struct FullDensityTests {
  @Test func rows_areAsManyAndAsUneven_asInMIMIC() throws {
    let folder = NSTemporaryDirectory() + "synthesis-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let summary = try synthesizeMIMIC(
      SynthesisOptions(patientCount: 60, seed: 3, directory: folder, isCompressed: false, density: .full))
    let directory = try MIMICDirectory(path: folder)
    let reader = try TableReader(
      .chartevents, in: directory, columns: ["ROW_ID", "SUBJECT_ID", "ITEMID", "ERROR", "VALUE", "CHARTTIME"])
    var rows: [Int64: Int] = [:]
    var (errors, careVue, commas, expected) = (0, 0, 0, Int64(0))
    while try reader.next() {
      expected += 1
      guard try reader.integer(0) == expected else {
        Issue.record("ROW_ID is not counted up")
        return
      }
      rows[try reader.requiredInteger(1), default: 0] += 1
      if try reader.integer(3) == 1 { errors += 1 }
      if try reader.requiredInteger(2) < 100_000 { careVue += 1 }
      if reader.text(4)?.contains(", ") == true { commas += 1 }
      _ = try reader.requiredTime(5)
    }
    let counts = rows.values.sorted()
    let mean = Double(reader.rowCount) / 60
    #expect((3_000...14_000).contains(mean), "\(mean) rows a patient")
    #expect(counts[counts.count * 9 / 10] > 3 * counts[counts.count / 4])
    #expect(errors > 0 && commas > 0)
    #expect((0.2...0.8).contains(Double(careVue) / Double(reader.rowCount)))
    let bytes = try MIMICTable.allCases.reduce(0) { sum, table in
      let path = "\(folder)/\(table.rawValue).csv"
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      return sum + (size ?? 0) - table.columns.joined(separator: "\",\"").utf8.count - 3
    }
    #expect(summary.byteCount == bytes)
  }

  // In real life: a patient over 89 has a birth 300 years back, and blood was drawn before any admission.
  @Test func agedAndOutpatients_areThere() throws {
    let folder = NSTemporaryDirectory() + "synthesis-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try synthesizeMIMIC(
      SynthesisOptions(patientCount: 400, seed: 3, directory: folder, isCompressed: false))
    let directory = try MIMICDirectory(path: folder)
    let patients = try TableReader(.patients, in: directory, columns: ["DOB"])
    var aged = 0
    while try patients.next() {
      if try patients.requiredTime(0) < CivilTime.seconds(year: 1950, month: 1, day: 1) { aged += 1 }
    }
    #expect(aged > 0)
    let labs = try TableReader(.labevents, in: directory, columns: ["HADM_ID"])
    var outpatient = 0
    while try labs.next() { if labs.isNull(0) { outpatient += 1 } }
    #expect(outpatient > 100)
  }
}
