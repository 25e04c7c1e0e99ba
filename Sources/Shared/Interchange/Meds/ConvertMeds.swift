// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Foundation

/// What became of a MEDS data set.
package struct MedsReport: Sendable {
  package let name: String?
  package let fileCount: Int
  package let eventCount: Int
  package let subjectCount: Int
  /// Subjects without MEDS_BIRTH.
  package let leftOutCount: Int
  package let tables: [(table: String, rowCount: Int)]
  /// By the first part of a code, descending by count.
  package let unused: [(family: String, count: Int)]
  package let hasFlags: Bool

  /// Whether there are diagnoses or procedures in a coding that is not read, such as ICD-10.
  package var hasOtherCodings: Bool {
    unused.contains { $0.family.hasPrefix("DIAGNOSIS//") || $0.family.hasPrefix("PROCEDURE//") }
  }
}

/// Writes MIMIC-III-shaped tables of a MEDS data set's events, which `prepareDatasets` then reads like any others.
///
/// Splits are not kept: folds are dealt by patient later. Memory holds a row group of one file and one subject.
/// `MEDS.json` is written last: it marks the folder as whole, and as one that may be written again.
///
/// - Throws: before anything is written for what is wrong with the folder; a file that is damaged further on ends the
///   conversion without the mark.
package func convertMeds(
  from directory: String, to output: String, report: (String) -> Void = { _ in }
) throws(InterchangeError) -> MedsReport {
  let folder = try MedsFolder(directory: directory)
  var namesAdmissions = false
  for path in folder.files where try MedsReader(path: path).hasAdmissions { namesAdmissions = true }
  try claim(output)
  let tables = MedsTables(directory: output, placesByTime: !namesAdmissions)
  var (events, subjects, hasFlags) = (0, 0, false)
  var seen: Set<Int64> = []
  for (place, path) in folder.files.enumerated() {
    let reader = try MedsReader(path: path)
    try reader.forEachSubject { subject throws(InterchangeError) in
      guard seen.insert(subject.subjectID).inserted else {
        throw InterchangeError(
          .inputInvalid, path: path, expected: "all rows of a subject in one file",
          found: "a subject that an earlier file has", advice: "keep each subject in one file, as MEDS asks")
      }
      subjects += 1
      try tables.append(subject)
    }
    events += reader.eventCount
    hasFlags = hasFlags || reader.hasFlags
    let counts = "\(shown(events) ?? "few") events of \(shown(subjects) ?? "few") subjects"
    report("\(place + 1) of \(folder.files.count) files: \(counts)")
  }
  let counts = try tables.close()
  for needed in ["PATIENTS", "ADMISSIONS", "ICUSTAYS"] where counts.contains(where: { $0 == (needed, 0) }) {
    let families = tables.unusedCounts.keys.sorted().prefix(12).joined(separator: ", ")
    throw InterchangeError(
      .inputInvalid, path: directory,
      expected: "codes in the vocabulary of the MIMIC conversion (MEDS_BIRTH, HOSPITAL_ADMISSION//…, ICU_ADMISSION//…)",
      found: "no row for \(needed); codes not known begin with: \(families)",
      advice: "docs/Interchange.md lists the codes that are read")
  }
  try mark(output, folder, events, subjects)
  return MedsReport(
    name: folder.name, fileCount: folder.files.count, eventCount: events, subjectCount: subjects,
    leftOutCount: tables.leftOutCount, tables: counts,
    unused: tables.unusedCounts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) },
    hasFlags: hasFlags)
}

/// nil for 1 to 10: progress and mark are read by others.
private func shown(_ count: Int) -> String? { count > 0 && count < 11 ? nil : "\(count)" }

private let markName = "MEDS.json"

/// Makes the folder, or empties one that an earlier conversion filled.
private func claim(_ output: String) throws(InterchangeError) {
  let files = FileManager.default
  let ours = Set(MedsTables.tables.map { "\($0.rawValue).csv" } + [markName])
  do {
    try files.createDirectory(atPath: output, withIntermediateDirectories: true)
    let there = try files.contentsOfDirectory(atPath: output)
    let others = there.filter { !ours.contains($0) }
    guard others.isEmpty, there.isEmpty || there.contains(markName) else {
      throw InterchangeError(
        .occupied, path: output, expected: "an empty folder, or one with tables of an earlier conversion",
        found: "other files", advice: "name another folder")
    }
    for name in there { try files.removeItem(atPath: "\(output)/\(name)") }
    // From here on the folder is ours, even if the conversion is cut short.
    try Data("{}\n".utf8).write(to: URL(fileURLWithPath: "\(output)/\(markName)"))
  } catch let error as InterchangeError {
    throw error
  } catch {
    throw InterchangeError(
      .cannotWrite, path: output, expected: "a folder to write to", found: error.localizedDescription,
      advice: "check the path and its permissions")
  }
}

private func mark(
  _ output: String, _ folder: MedsFolder, _ events: Int, _ subjects: Int
) throws(InterchangeError) {
  struct Mark: Encodable {
    let from = "MEDS"
    let dataset: String?
    let events, subjects: Int?
    let isWhole = true
  }
  let encoder = JSONEncoder()
  encoder.outputFormatting = .sortedKeys
  do {
    try encoder.encode(
      Mark(
        dataset: folder.name, events: shown(events).map { _ in events }, subjects: shown(subjects).map { _ in subjects }
      )
    )
    .write(to: URL(fileURLWithPath: "\(output)/\(markName)"), options: .atomic)
  } catch {
    throw InterchangeError(
      .cannotWrite, path: output, expected: "to write \(markName)", found: error.localizedDescription,
      advice: "free the disk and run again")
  }
}
