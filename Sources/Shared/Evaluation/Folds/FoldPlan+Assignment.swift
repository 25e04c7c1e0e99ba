// SPDX-License-Identifier: Apache-2.0

import Randomness
package import Sweeps

extension FoldPlan {
  /// Deals rows to folds, a patient's rows always together.
  ///
  /// Patients are shuffled, then taken largest first (most rows of the rarest stratum, then most rows); each goes to the
  /// fold that it leaves most even: the smallest sum over strata of squared shares. Depends on the plan's seed and on each
  /// group's set of labels, not on the order of the rows.
  ///
  /// - Parameters:
  ///   - groups: of each row [N], the patient.
  ///   - labels: of each row [N]; strata are 0 and 1, or quintiles of a real label. Ignored by scheme `grouped`.
  /// - Returns: per repeat, the fold of each row [N].
  /// - Complexity: O(N log N + groups · folds · strata) a repeat.
  /// - Source: the greedy of Sechidis, Tsoumakas & Vlahavas 2011, section 3, with patients for examples.
  package func assign(groups: [Int64], labels: [Float], isBinary: Bool) throws(FoldError) -> [[Int]] {
    guard groups.count == labels.count else {
      throw FoldError(expected: "a label for each of \(groups.count) rows", found: "\(labels.count) labels")
    }
    guard labels.allSatisfy({ $0.isFinite && (!isBinary || $0 == 0 || $0 == 1) }) else {
      throw FoldError(expected: isBinary ? "labels 0 and 1" : "finite labels", found: "others")
    }
    let strata = scheme == .grouped ? labels.map { _ in 0 } : strata(of: labels, isBinary: isBinary)
    let members = GroupTable(groups: groups, strata: strata)
    try check(members)
    return (0..<repeatCount).map { round in
      let foldOfGroup = deal(members, seed: derivedSeed(seed, .foldAssignment, round))
      return members.groupOfRow.map { foldOfGroup[$0] }
    }
  }

  private func check(_ members: GroupTable) throws(FoldError) {
    guard members.count >= foldCount else {
      throw FoldError(expected: "at least \(foldCount) patients", found: "\(members.count)")
    }
    for stratum in 0..<members.stratumCount {
      let holders = members.counts.reduce(0) { $0 + ($1[stratum] > 0 ? 1 : 0) }
      guard holders >= foldCount else {
        throw FoldError(
          expected: "each class in at least \(foldCount) patients", found: "a class that only \(holders) have")
      }
    }
  }

  private func deal(_ members: GroupTable, seed: UInt64) -> [Int] {
    var order = Array(0..<members.count)
    var generator = CounterGenerator(key: seed)
    generator.shuffle(&order)
    let totals = (0..<members.stratumCount).map { stratum in members.counts.reduce(0) { $0 + $1[stratum] } }
    let rarest = totals.indices.min { (totals[$0], $0) < (totals[$1], $1) } ?? 0
    let position = Self.inverse(order)
    order.sort {
      let (left, right) = (members.counts[$0], members.counts[$1])
      return (-left[rarest], -left.reduce(0, +), position[$0]) < (-right[rarest], -right.reduce(0, +), position[$1])
    }
    var filled = Array(repeating: Array(repeating: 0, count: members.stratumCount), count: foldCount)
    var foldOfGroup = Array(repeating: 0, count: members.count)
    for group in order {
      let fold = (0..<foldCount).min { left, right in
        let costs = (
          cost(of: members.counts[group], to: filled[left], totals),
          cost(of: members.counts[group], to: filled[right], totals)
        )
        // Among equals the emptier fold, then the lower one.
        return costs.0 != costs.1
          ? costs.0 < costs.1 : (filled[left].reduce(0, +), left) < (filled[right].reduce(0, +), right)
      }
      foldOfGroup[group] = fold ?? 0
      for stratum in totals.indices { filled[fold ?? 0][stratum] += members.counts[group][stratum] }
    }
    return foldOfGroup
  }

  /// What the sum of squared shares grows by: Σ ((f + g)² − f²) / total².
  private func cost(of group: [Int], to fold: [Int], _ totals: [Int]) -> Double {
    var sum = 0.0
    for stratum in totals.indices where totals[stratum] > 0 {
      let (before, added) = (Double(fold[stratum]), Double(group[stratum]))
      let total = Double(totals[stratum])
      sum += (added * (added + 2 * before)) / (total * total)
    }
    return sum
  }

  private static func inverse(_ order: [Int]) -> [Int] {
    var position = Array(repeating: 0, count: order.count)
    for (index, item) in order.enumerated() { position[item] = index }
    return position
  }
}

/// 0 and 1, or the quintile of a real label; equal labels share a stratum.
private func strata(of labels: [Float], isBinary: Bool) -> [Int] {
  if isBinary {
    let hasBoth = labels.contains(0) && labels.contains(1)
    return labels.map { hasBoth && $0 == 1 ? 1 : 0 }
  }
  let sorted = labels.sorted()
  let cuts = (1..<5).map { sorted[min(sorted.count - 1, sorted.count * $0 / 5)] }
  let raw = labels.map { label in cuts.reduce(0) { $0 + (label >= $1 ? 1 : 0) } }
  // Ties can leave a quintile empty: number the ones that are there.
  let used = Set(raw).sorted()
  return raw.map { value in used.firstIndex(of: value) ?? 0 }
}

/// Rows by group: groups in ascending order of their number, with the count of rows in each stratum.
private struct GroupTable {
  let groupOfRow: [Int]
  let counts: [[Int]]
  let stratumCount: Int
  var count: Int { counts.count }

  init(groups: [Int64], strata: [Int]) {
    stratumCount = (strata.max() ?? 0) + 1
    let order = groups.indices.sorted { (groups[$0], $0) < (groups[$1], $1) }
    var groupOfRow = Array(repeating: 0, count: groups.count)
    var counts: [[Int]] = []
    var previous: Int64?
    for row in order {
      if groups[row] != previous { counts.append(Array(repeating: 0, count: stratumCount)) }
      previous = groups[row]
      groupOfRow[row] = counts.count - 1
      counts[counts.count - 1][strata[row]] += 1
    }
    self.groupOfRow = groupOfRow
    self.counts = counts
  }
}
