// SPDX-License-Identifier: Apache-2.0

/// How rows are dealt to folds. With the data set's digest it fixes every fold on every worker: no list of rows travels.
package struct FoldPlan: Hashable, Sendable {
  package enum Scheme: String, CaseIterable, Hashable, Sendable {
    /// No patient in two folds, and the labels' shares as equal over folds as that allows.
    case stratifiedGrouped = "stratified-grouped"
    /// No patient in two folds, fold sizes as equal as that allows.
    case grouped
  }

  /// Patients that no fold holds, so that no search sees them: they are for one last score.
  package struct TestSet: Hashable, Sendable {
    /// Patients are dealt to so many parts, as to folds; parts `first` ..< `first + count` are set aside.
    package let partCount: Int
    package let first: Int
    package let count: Int
    package let seed: UInt64

    package init(partCount: Int, first: Int = 0, count: Int = 1, seed: UInt64) {
      precondition(
        first >= 0 && count >= 1 && count < partCount && first + count <= partCount,
        "parts \(first) ..< \(first + count) of \(partCount)")
      self.partCount = partCount
      self.first = first
      self.count = count
      self.seed = seed
    }

    package var parts: Range<Int> { first..<first + count }
  }

  package let scheme: Scheme
  package let foldCount: Int
  package let repeatCount: Int
  package let seed: UInt64
  package let testSet: TestSet?
  /// A trial is one task: trained on all rows but the test set's, scored on those.
  package let isFinal: Bool

  package init(
    scheme: Scheme, foldCount: Int, repeatCount: Int = 1, seed: UInt64, testSet: TestSet? = nil, isFinal: Bool = false
  ) {
    precondition(foldCount >= 2 && repeatCount >= 1, "needs 2 folds and 1 repeat, got \(foldCount) and \(repeatCount)")
    self.scheme = scheme
    self.foldCount = foldCount
    self.repeatCount = repeatCount
    self.seed = seed
    self.testSet = testSet
    self.isFinal = isFinal
  }

  /// Flat folds of a trial: folds × repeats, or the one final fit.
  package var taskCount: Int { isFinal ? 1 : foldCount * repeatCount }

  /// The final fit that follows a cross-validation by this plan.
  package var final: FoldPlan {
    FoldPlan(
      scheme: scheme, foldCount: foldCount, repeatCount: repeatCount, seed: seed, testSet: testSet, isFinal: true)
  }

  /// The same folds over the patients that `testSet` leaves.
  package func holdingOut(_ testSet: TestSet?) -> FoldPlan {
    FoldPlan(scheme: scheme, foldCount: foldCount, repeatCount: repeatCount, seed: seed, testSet: testSet)
  }
}
