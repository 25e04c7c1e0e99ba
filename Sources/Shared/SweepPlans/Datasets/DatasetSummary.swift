// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
package import Sweeps

/// What a data set's manifest says of it: enough for the coordinator, which opens no shard and links no HDF5.
package struct DatasetSummary: Hashable, Sendable {
  /// Of the folder, as it was given.
  package let path: String
  /// SHA-256 of the manifest's bytes: the data set's name everywhere.
  package let digest: ContentDigest
  package let name: String
  package let outcome: Outcome
  /// "mimic3", "mimic3-demo" or "synthetic".
  package let source: String
  package let rowCount: Int
  package let patientCount: Int
  /// Tabular features F.
  package let columnCount: Int
  /// Sequence features C, over `stepCount` T hours.
  package let channelCount: Int
  package let stepCount: Int
  /// Share of rows with label 1; `nil` for real labels, and where so few rows have one that the share is withheld.
  package let prevalence: Double?
  /// Its manifest, then its shards: what a worker must have to open it.
  package let files: [File]

  package struct File: Hashable, Sendable {
    /// In the folder `path`, and never elsewhere.
    package let name: String
    package let digest: ContentDigest
    package let byteCount: Int64
  }

  package var byteCount: Int64 { files.reduce(0) { $0 + $1.byteCount } }
  /// The cohort's flow; `nil` counts are hidden.
  package let flow: [FlowStep]
  package let columns: [Column]
  package let channels: [Column]
  /// Outcomes whose labels its rows have beside their own.
  package let further: [String]

  package struct FlowStep: Decodable, Hashable, Sendable {
    package let reason: String
    package let count: Int?
  }

  /// Where a column's numbers come from.
  package struct Column: Decodable, Hashable, Sendable {
    package let name: String
    package let item: String
    package let unit: String
    package let window: String
    package let statistic: String

    private enum CodingKeys: String, CodingKey { case name, item, unit, window, statistic }

    /// Only the name is needed: what is not said is blank.
    package init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      func text(_ key: CodingKeys) throws -> String { try values.decodeIfPresent(String.self, forKey: key) ?? "" }
      name = try values.decode(String.self, forKey: .name)
      (item, unit) = (try text(.item), try text(.unit))
      (window, statistic) = (try text(.window), try text(.statistic))
    }
  }

  /// Reads `DIR/manifest.json`.
  ///
  /// - Throws: `.datasetMissing`, `.datasetInvalid`.
  package init(directory: String) throws(SweepPlanError) {
    let path = directory.hasSuffix("/") ? directory + "manifest.json" : directory + "/manifest.json"
    guard FileManager.default.fileExists(atPath: path) else {
      guard access(directory, X_OK) == 0 || errno != EACCES else {
        throw SweepPlanError(
          .datasetMissing, "\(directory) cannot be opened: permission denied to user \(NSUserName())",
          help: "data sets are made for their owner and group alone: chgrp -R GROUP \(directory)")
      }
      let isThere = FileManager.default.fileExists(atPath: directory)
      throw SweepPlanError(
        .datasetMissing,
        isThere ? "\(directory) is no data set: it has no manifest.json" : "there is no data set \(directory)",
        help: "muster data prepare --mimic DIR --out \(Self.parent(of: directory))")
    }
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw SweepPlanError(.datasetInvalid, "\(path): cannot be read: \(error.localizedDescription)")
    }
    let manifest: ManifestHead
    do {
      manifest = try JSONDecoder().decode(ManifestHead.self, from: data)
    } catch {
      throw SweepPlanError(
        .datasetInvalid, "\(path): not a manifest: \(Self.reason(error))", help: Self.prepareAgain)
    }
    guard ManifestHead.formats.contains(manifest.format) else {
      throw SweepPlanError(
        .datasetInvalid,
        "\(path): expected format \(ManifestHead.formats.lowerBound) to \(ManifestHead.formats.upperBound), found "
          + "\(manifest.format)",
        help: "use the version of Muster that wrote it, or " + Self.prepareAgain)
    }
    guard let outcome = Outcome(rawValue: manifest.outcome) else {
      let known = listed(Outcome.allCases.map(\.rawValue), or: true)
      throw SweepPlanError(.datasetInvalid, "\(path): outcome: expected \(known)", help: Self.prepareAgain)
    }
    guard manifest.rows > 0, (1...manifest.rows).contains(manifest.patients) else {
      throw SweepPlanError(
        .datasetInvalid,
        "\(path): expected 1 patient to a patient a row, found \(manifest.patients) of \(manifest.rows)",
        help: Self.prepareAgain)
    }
    self.path = directory
    digest = ContentDigest(bytes: SHA256.hash(data: data))
    name = manifest.name
    self.outcome = outcome
    source = manifest.source
    rowCount = manifest.rows
    patientCount = manifest.patients
    columnCount = manifest.columns.count
    channelCount = manifest.channels.count
    stepCount = manifest.steps
    prevalence = manifest.labels.prevalence
    flow = manifest.flow ?? []
    columns = manifest.columns
    channels = manifest.channels
    further = manifest.further?.map(\.outcome) ?? []
    files = try Self.files(manifest, byteCount: Int64(data.count), digest: digest, path: path)
  }

  private static func files(
    _ manifest: ManifestHead, byteCount: Int64, digest: ContentDigest, path: String
  ) throws(SweepPlanError) -> [File] {
    var files = [File(name: "manifest.json", digest: digest, byteCount: byteCount)]
    for (index, entry) in manifest.files.enumerated() {
      guard let digest = ContentDigest(hex: entry.sha256), entry.bytes > 0, isFileName(entry.name) else {
        throw SweepPlanError(
          .datasetInvalid, "\(path): files[\(index)]: expected a plain name, a SHA-256 and a size", help: prepareAgain)
      }
      files.append(File(name: entry.name, digest: digest, byteCount: entry.bytes))
    }
    return files
  }

  /// A name that can only ever be a file directly in the data set's folder: the rule of `Shards`.
  private static func isFileName(_ name: String) -> Bool {
    let isPlain = name.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || [45, 46, 95].contains(byte)
    }
    return (1...128).contains(name.utf8.count) && isPlain && !name.hasPrefix(".") && name != "manifest.json"
  }

  private static let prepareAgain = "prepare the data set again with muster data prepare"

  /// Where `muster data prepare` would put the folder: the path without its last part.
  private static func parent(of directory: String) -> String {
    let parts = directory.split(separator: "/", omittingEmptySubsequences: true).dropLast()
    let parent = parts.joined(separator: "/")
    return directory.hasPrefix("/") ? "/" + parent : parent.isEmpty ? "." : parent
  }

  private static func reason(_ error: any Error) -> String {
    func path(_ context: DecodingError.Context) -> String {
      context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    return switch error as? DecodingError {
    case .keyNotFound(let key, _): "missing key `\(key.stringValue)`"
    case .typeMismatch(let type, let context): "`\(path(context))`: expected \(type)"
    case .valueNotFound(let type, let context): "`\(path(context))`: expected \(type), found null"
    default: "expected a JSON object"
    }
  }
}

/// The keys of `manifest.json` that are of use here; `Shards.Manifest` describes all of them.
private struct ManifestHead: Decodable {
  static let formats = 1...3

  struct Labels: Decodable { let prevalence: Double? }
  struct Further: Decodable { let outcome: String }
  struct File: Decodable {
    let name: String
    let sha256: String
    let bytes: Int64
  }

  let format: Int
  let name: String
  let outcome: String
  let source: String
  let rows: Int
  let patients: Int
  let steps: Int
  let columns: [DatasetSummary.Column]
  let channels: [DatasetSummary.Column]
  let flow: [DatasetSummary.FlowStep]?
  let labels: Labels
  let further: [Further]?
  let files: [File]
}
