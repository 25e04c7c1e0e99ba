// SPDX-License-Identifier: Apache-2.0

/// What ends a sweep before its number of trials does, as far as results tell.
package struct StopRules: Hashable, Sendable {
  /// Fold-trainings of the whole sweep, never exceeded: a trial counts with all its folds until it has ended with fewer.
  package var foldCountMax: Int?
  /// A whole trial that scores so well is good enough.
  package var target: Double?
  /// So many trials in a row that were not better than the best before them by more than `minDelta`.
  package var noImprovementCount: Int?
  package var minDelta = 0.0

  package init() {}
}
