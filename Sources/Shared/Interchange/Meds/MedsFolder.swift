// SPDX-License-Identifier: Apache-2.0

import Foundation
import Parquet

/// A MEDS data set on disk: `data/**/*.parquet`, subjects whole and one after the other in a file, and `metadata`.
///
/// - Source: https://medical-event-data-standard.github.io, version 0.3 and 0.4
struct MedsFolder {
  let directory: String
  /// Ascending by their path.
  let files: [String]
  /// `dataset_name` of metadata/dataset.json.
  let name: String?

  init(directory: String) throws(InterchangeError) {
    self.directory = directory
    let data = directory + "/data"
    guard let all = FileManager.default.enumerator(atPath: data) else {
      throw InterchangeError(
        .inputMissing, path: data, expected: "a folder of Parquet files, as MEDS has it", found: "none",
        advice: "give the folder that holds data/ and metadata/")
    }
    files = all.compactMap { $0 as? String }.filter { $0.hasSuffix(".parquet") }.sorted().map { "\(data)/\($0)" }
    guard !files.isEmpty else {
      throw InterchangeError(
        .inputMissing, path: data, expected: "at least one .parquet file", found: "none",
        advice: "give the folder that holds data/ and metadata/")
    }
    name = try Self.datasetName(directory + "/metadata/dataset.json")
  }

  /// nil where the file is not there, which MEDS 0.3 allows.
  private static func datasetName(_ path: String) throws(InterchangeError) -> String? {
    guard let described = FileManager.default.contents(atPath: path) else { return nil }
    do { return try JSONDecoder().decode(DatasetFile.self, from: described).dataset_name } catch {
      throw InterchangeError(
        .inputInvalid, path: path, expected: "a JSON object, dataset_name a text", found: "something else",
        advice: "write it anew with the tool that made the data set, or remove it")
    }
  }

  private struct DatasetFile: Decodable {
    let dataset_name: String?
  }
}

/// Reads one file subject by subject; memory holds a row group.
final class MedsReader {
  private let file: ParquetFile
  private var meanings: [String: MedsCode] = [:]
  private(set) var eventCount = 0
  let hasAdmissions: Bool
  let hasFlags: Bool

  init(path: String) throws(InterchangeError) {
    do throws(ParquetError) { file = try ParquetFile(path: path) } catch { throw InterchangeError(error) }
    let names = Set(file.columnNames)
    for column in MedsColumns.needed where !names.contains(column) {
      throw InterchangeError(
        .inputInvalid, path: "\(path), column \(column)", expected: "the columns subject_id, time and code",
        found: file.columnNames.sorted().prefix(20).joined(separator: ", "),
        advice: "convert the data with MEDS 0.3 or later")
    }
    hasAdmissions = names.contains(MedsColumns.admission)
    hasFlags = names.contains("flag")
  }

  /// Each subject's rows, whole, in the file's order.
  func forEachSubject(
    _ body: (MedsSubject) throws(InterchangeError) -> Void
  ) throws(InterchangeError) {
    var subject: MedsSubject?
    var seen: Set<Int64> = []
    for group in 0..<file.rowGroupCount {
      let rows = try MedsRows(file, group: group)
      for row in 0..<rows.count {
        let subjectID = try rows.subjectID(row)
        if subjectID != subject?.subjectID {
          if let subject { try body(subject) }
          guard seen.insert(subjectID).inserted else {
            throw InterchangeError(
              .inputInvalid, path: file.path, expected: "each subject's rows one after the other",
              found: "a subject that begins again", advice: "sort the file by subject_id and time, as MEDS asks")
          }
          subject = MedsSubject(subjectID: subjectID)
        }
        subject?.events.append(try rows.event(row, &meanings))
        eventCount += 1
      }
    }
    if let subject { try body(subject) }
  }
}
