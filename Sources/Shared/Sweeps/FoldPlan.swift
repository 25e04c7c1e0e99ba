// SPDX-License-Identifier: Apache-2.0

/// How rows are dealt to folds. With the data set's digest it fixes every fold on every worker: no list of rows travels.
package struct FoldPlan: Hashable, Sendable {
  package enum Scheme: String, CaseIterable, Hashable, Sendable {
    /// No patient in two folds, and the labels' shares as equal over folds as that allows.
    case stratifiedGrouped = "stratified-grouped"
    /// No patient in two folds, fold sizes as equal as that allows.
    case grouped
  }

  package let scheme: Scheme
  package let foldCount: Int
  package let repeatCount: Int
  package let seed: UInt64

  package init(scheme: Scheme, foldCount: Int, repeatCount: Int = 1, seed: UInt64) {
    precondition(foldCount >= 2 && repeatCount >= 1, "needs 2 folds and 1 repeat, got \(foldCount) and \(repeatCount)")
    self.scheme = scheme
    self.foldCount = foldCount
    self.repeatCount = repeatCount
    self.seed = seed
  }

  /// Flat folds of a trial: folds × repeats.
  package var taskCount: Int { foldCount * repeatCount }
}
