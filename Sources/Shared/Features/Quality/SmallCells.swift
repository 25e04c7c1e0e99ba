// SPDX-License-Identifier: Apache-2.0

import Cohorts
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

  /// The first count is of all rows and the last of those that remain; those between may be of a few.
  static func shown(_ flow: [CohortStep]) -> [FlowStep] {
    guard flow.count > 2 else { return flow.map { FlowStep(reason: $0.reason, count: shown($0.count)) } }
    let remaining = flow[flow.count - 1].count
    let isFew = shown(remaining) == nil
    // Where few remain they are a cell like those who left: the start less these would tell them.
    let cells = flow.dropFirst().dropLast().map(\.count) + (isFew ? [remaining] : [])
    let between = shown(cells)
    let hiddenSum = zip(cells, between).reduce(0) { $1.1 == nil ? $0 + $1.0 : $0 }
    // The start less the rows would tell them.
    let start: Int? = hiddenSum > 0 && hiddenSum < countMin ? nil : shown(flow[0].count)
    let counts = [start] + between + (isFew ? [] : [remaining])
    return zip(flow, counts).map { FlowStep(reason: $0.reason, count: $1) }
  }

  /// nil for 1 to 10, of a count that is in no sum.
  static func shown(_ count: Int) -> Int? { count > 0 && count < countMin ? nil : count }

  /// For a line of progress or of a result.
  package static func line(_ count: Int) -> String { text(shown(count)) }

  package static func text(_ count: Int?) -> String { count.map(String.init) ?? "hidden" }
}
