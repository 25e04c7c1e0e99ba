// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Shards
import Sweeps

/// What speaks against training on a data set: leaks of the label or of identifiers, rows told twice, columns without
/// content, groups that are measured differently.
///
/// Names columns and counts rows; holds no value of a row, and no count under 11 of people.
package struct DatasetAudit: Codable, Sendable {
  package enum Severity: String, Codable, Sendable {
    /// Do not train on it before you know why.
    case problem
    case notice
  }

  package struct Finding: Codable, Sendable {
    package let severity: Severity
    /// "identifier", "near-label", "timing", "duplicate", "constant", "overlap", "missingness".
    package let kind: String
    package let subject: String
    package let detail: String
  }

  package let dataset: String
  package let outcome: String
  package let indexTime: String
  /// nil for 1 to 10.
  package let rowCount: Int?
  package let columnCount: Int
  package let findings: [Finding]

  package var isSound: Bool { !findings.contains { $0.severity == .problem } }

  /// Above these a column tells the label, or the row, by itself.
  static let aurocMax = 0.95
  static let correlationMax = 0.95
  private static let identifierCorrelationMax = 0.99
  /// Points of missing values between two groups.
  private static let missingnessGap = 0.10

  package init(_ dataset: Dataset) {
    let manifest = dataset.manifest
    let scans = ColumnScan.all(dataset)
    var findings: [Finding] = []
    for (column, scan) in zip(manifest.columns, scans) {
      findings += Self.names(column, outcome: manifest.outcome)
      findings += Self.contents(column, scan, rowCount: dataset.rowCount)
    }
    findings += Self.duplicates(dataset)
    findings += Self.overlap(dataset)
    findings += Self.missingness(dataset)
    findings += Self.furtherLabels(dataset)
    self.dataset = manifest.name
    outcome = manifest.outcome.rawValue
    indexTime = manifest.indexTime
    rowCount = SmallCells.shown(dataset.rowCount)
    columnCount = dataset.columnCount
    // Problems first; else in the order in which they were found.
    self.findings = findings.filter { $0.severity == .problem } + findings.filter { $0.severity == .notice }
  }

  /// What a column's name and window say of it.
  private static func names(_ column: FeatureColumn, outcome: Outcome) -> [Finding] {
    let name = column.name.lowercased()
    let identifiers = ["subject", "hadm", "icustay", "row_id", "patient_id", "stay_id"]
    let labels = [
      "readmi", "expire", "death", "died", "mortality", "next_", "_next", "out_time", "outtime", "length_of_stay",
    ]
    var findings: [Finding] = []
    if identifiers.contains(where: name.contains) {
      findings.append(
        Finding(severity: .problem, kind: "identifier", subject: column.name, detail: "is named like an identifier"))
    }
    if labels.contains(where: name.contains) {
      findings.append(
        Finding(severity: .problem, kind: "near-label", subject: column.name, detail: "is named like an outcome"))
    }
    let window = column.window.lowercased()
    let isLate = ["after index", "after discharge", "whole stay", "future"].contains(where: window.contains)
    let isAtDischarge = outcome.isAtDischarge
    if isLate || (!isAtDischarge && ["at discharge", "this admission"].contains(window)) {
      findings.append(
        Finding(
          severity: .problem, kind: "timing", subject: column.name,
          detail: "its window (\(column.window)) reaches behind the index time"))
    }
    if isAtDischarge, window == "this admission" {
      findings.append(
        Finding(
          severity: .notice, kind: "timing", subject: column.name,
          detail: "codes of the admission are complete some days after the discharge"))
    }
    return findings
  }

  private static func contents(_ column: FeatureColumn, _ scan: ColumnScan, rowCount: Int) -> [Finding] {
    func finding(_ severity: Severity, _ kind: String, _ detail: String) -> Finding {
      Finding(severity: severity, kind: kind, subject: column.name, detail: detail)
    }
    if scan.known == 0 { return [finding(.notice, "constant", "has no value in any row")] }
    if scan.distinctCount == 1 {
      return [finding(.notice, "constant", "has one and the same value in every known row")]
    }
    var findings: [Finding] = []
    let isLarge = scan.known >= 2 * SmallCells.countMin
    if let auroc = scan.auroc, max(auroc, 1 - auroc) >= aurocMax, isLarge {
      findings.append(
        finding(.problem, "near-label", "alone it separates the labels with an AUROC of \(two(max(auroc, 1 - auroc)))"))
    }
    if let auroc = scan.missingAuroc, max(auroc, 1 - auroc) >= aurocMax {
      findings.append(
        finding(
          .problem, "near-label",
          "whether it is missing separates the labels with an AUROC of \(two(max(auroc, 1 - auroc)))"))
    }
    if let correlation = scan.labelCorrelation, abs(correlation) >= correlationMax, isLarge {
      findings.append(
        finding(.problem, "near-label", "its rank correlation with the label is \(two(correlation))"))
    }
    if let correlation = scan.identifierCorrelation, abs(correlation) >= identifierCorrelationMax, isLarge,
      scan.distinctCount * 2 > scan.known
    {
      findings.append(
        finding(.problem, "identifier", "its rank correlation with the row's identifier is \(two(correlation))"))
    }
    return findings
  }

  static func two(_ value: Double) -> String { String(format: "%.2f", value) }

  /// Rows whose values are all the same bits, and identifiers that come twice at one outcome of one row each.
  private static func duplicates(_ dataset: Dataset) -> [Finding] {
    let hashes = (0..<dataset.rowCount).map { rowKey(dataset, $0) }
    var first: [[UInt32]: Int] = [:]
    var (within, across) = (0, 0)
    for (row, key) in hashes.enumerated() {
      guard let earlier = first[key] else {
        first[key] = row
        continue
      }
      if dataset.groups[earlier] == dataset.groups[row] { within += 1 } else { across += 1 }
    }
    var findings: [Finding] = []
    if across > 0 {
      findings.append(
        Finding(
          severity: .problem, kind: "duplicate", subject: "rows",
          detail: "rows of different patients are equal in every column and step; folds by patient do not part them"))
    }
    if within > 0 {
      findings.append(
        Finding(
          severity: .notice, kind: "duplicate", subject: "rows", detail: "a patient's rows are equal in every column"))
    }
    let isOneEach = ![Outcome.decompensation, .remainingLengthOfStay].contains(dataset.manifest.outcome)
    if isOneEach, Set(dataset.rowIDs).count != dataset.rowCount {
      findings.append(
        Finding(
          severity: .problem, kind: "duplicate", subject: "rows",
          detail: "an admission or stay has more than one row"))
    }
    return findings
  }

  private static func rowKey(_ dataset: Dataset, _ row: Int) -> [UInt32] {
    dataset.tabularRow(row).map(\.bitPattern) + dataset.sequenceRow(row).map(\.bitPattern)
  }

  /// Folds keep a group together; that only helps if a row identifier has one group.
  private static func overlap(_ dataset: Dataset) -> [Finding] {
    var groupOfRow: [Int64: Int64] = [:]
    for (row, identifier) in dataset.rowIDs.enumerated() {
      if let group = groupOfRow[identifier], group != dataset.groups[row] {
        return [
          Finding(
            severity: .problem, kind: "overlap", subject: "groups",
            detail: "one admission or stay belongs to two groups: train and test would share a patient")
        ]
      }
      groupOfRow[identifier] = dataset.groups[row]
    }
    return []
  }

  /// The share of missing values, by groups that fairness asks about.
  private static func missingness(_ dataset: Dataset) -> [Finding] {
    PatientGroups.all(dataset).flatMap { groups -> [Finding] in
      let shares = groups.members.compactMap { group -> (name: String, share: Double)? in
        guard group.rows.count >= SmallCells.countMin else { return nil }
        let missing = group.rows.reduce(0) { sum, row in sum + dataset.tabularRow(row).count { $0.isNaN } }
        return (group.name, Double(missing) / Double(group.rows.count * dataset.columnCount))
      }
      guard let least = shares.min(by: { $0.share < $1.share }), let most = shares.max(by: { $0.share < $1.share }),
        most.share - least.share > missingnessGap
      else { return [] }
      return [
        Finding(
          severity: .notice, kind: "missingness", subject: groups.name,
          detail: "\(percent(most.share)) % of the values are missing for \(most.name), "
            + "\(percent(least.share)) % for \(least.name)")
      ]
    }
  }

  private static func percent(_ share: Double) -> String { String(format: "%.0f", share * 100) }

  package var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    do {
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    } catch {
      preconditionFailure("texts and counts always encode: \(error)")
    }
  }

  /// Each problem has a line of its own; notices that say the same of many columns share one. `json` has them all.
  package var text: String {
    var lines = [
      "\(dataset): \(outcome), index time: \(indexTime); \(SmallCells.text(rowCount)) rows, \(columnCount) columns"
    ]
    lines += findings.filter { $0.severity == .problem }.map(\.line) + noticeLines
    lines.append(
      isSound
        ? "no problem found by these checks: names, timing, near-label and identifier-like columns, duplicates, overlap"
        : "problems found: do not train on this data set before you know why")
    return lines.joined(separator: "\n") + "\n"
  }

  private var noticeLines: [String] {
    var told: [String] = []
    var lines: [String] = []
    for finding in findings where finding.severity == .notice {
      let same = findings.filter {
        $0.severity == .notice && $0.kind == finding.kind && $0.detail == finding.detail
      }
      guard same.count > Self.namedSubjectCount else {
        lines.append(finding.line)
        continue
      }
      let sentence = "\(finding.kind) \(finding.detail)"
      guard !told.contains(sentence) else { continue }
      told.append(sentence)
      let names = same.prefix(Self.namedSubjectCount).map(\.subject).joined(separator: ", ")
      lines.append("notice  \(finding.kind)  \(same.count) columns (\(names), …): \(finding.detail)")
    }
    return lines
  }

  private static let namedSubjectCount = 3
}

extension DatasetAudit.Finding {
  fileprivate var line: String { "\(severity.rawValue)  \(kind)  \(subject): \(detail)" }
}
