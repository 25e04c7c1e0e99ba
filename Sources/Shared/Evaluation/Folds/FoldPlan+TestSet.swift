// SPDX-License-Identifier: Apache-2.0

package import Sweeps

extension FoldPlan {
  /// Rows of the patients that are set aside, ascending; none without a test set. Dealt as folds are: whole patients, and
  /// labels in equal shares where the scheme says so.
  package func testRows(groups: [Int64], labels: [Float], isBinary: Bool) throws(FoldError) -> [Int] {
    guard let testSet else { return [] }
    let deal = FoldPlan(scheme: scheme, foldCount: testSet.partCount, seed: testSet.seed)
    let parts = try deal.assign(groups: groups, labels: labels, isBinary: isBinary)[0]
    return parts.indices.filter { testSet.parts.contains(parts[$0]) }
  }
}
