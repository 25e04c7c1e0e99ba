// SPDX-License-Identifier: Apache-2.0

import Shards

/// Counts as they may be shown: a cell that describes 1 to 10 rows is hidden, and with it enough others that it cannot be
/// worked out from their sum.
package struct SmallCells {
  package static let countMin = LabelSummary.cellCountMin

  /// nil for a hidden count. The sum of all counts is taken to be known.
  package static func shown(_ counts: [Int]) -> [Int?] {
    var isHidden = counts.map { $0 > 0 && $0 < countMin }
    let hiddenSum = zip(counts, isHidden).reduce(0) { $1.1 ? $0 + $1.0 : $0 }
    let hiddenCount = isHidden.count { $0 }
    // One hidden cell is the sum less the others; so is the sum of several that are few together.
    if hiddenCount == 1 || (hiddenCount > 0 && hiddenSum < countMin) {
      let others = counts.indices.filter { !isHidden[$0] && counts[$0] > 0 }
      if let least = others.min(by: { counts[$0] < counts[$1] }) { isHidden[least] = true }
    }
    return zip(counts, isHidden).map { $1 ? nil : $0 }
  }

  package static func text(_ count: Int?) -> String { count.map(String.init) ?? "hidden" }
}
