// SPDX-License-Identifier: Apache-2.0

import Shards
import Sweeps

extension DatasetAudit {
  /// Columns that tell a further label alone reach behind the index time, whatever the data set's own outcome is; and further labels
  /// that can teach nothing.
  static func furtherLabels(_ dataset: Dataset) -> [Finding] {
    dataset.manifest.further.enumerated().flatMap { place, further -> [Finding] in
      let rows = (0..<dataset.rowCount).filter { !dataset.furtherLabel(place, row: $0).isNaN }
      let labels = rows.map { dataset.furtherLabel(place, row: $0) }
      let name = "further label \(further.outcome.rawValue)"
      guard let first = labels.first, labels.contains(where: { $0 != first }) else {
        let detail = labels.isEmpty ? "is known in no row" : "has one and the same value in every row where it is known"
        return [Finding(severity: .notice, kind: "constant", subject: name, detail: detail)]
      }
      let isBinary = further.outcome.isBinary
      let scans = ColumnScan.all(dataset, rows: rows, labels: labels, isBinary: isBinary)
      return zip(dataset.manifest.columns, scans).compactMap { column, scan in
        telling(scan).map {
          Finding(severity: .problem, kind: "near-label", subject: column.name, detail: "\($0) \(name)")
        }
      }
    }
  }

  private static func telling(_ scan: ColumnScan) -> String? {
    if let auroc = scan.missingAuroc, max(auroc, 1 - auroc) >= aurocMax {
      return "whether it is missing separates, with an AUROC of \(two(max(auroc, 1 - auroc))), the"
    }
    guard scan.known >= 2 * SmallCells.countMin, scan.distinctCount > 1 else { return nil }
    if let auroc = scan.auroc, max(auroc, 1 - auroc) >= aurocMax {
      return "alone it separates, with an AUROC of \(two(max(auroc, 1 - auroc))), the"
    }
    if let correlation = scan.labelCorrelation, abs(correlation) >= correlationMax {
      return "its rank correlation is \(two(correlation)) with the"
    }
    return nil
  }
}
