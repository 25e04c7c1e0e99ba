// SPDX-License-Identifier: Apache-2.0

/// Stops a trial that is worse than the median of its branch at the same fold and step.
///
/// - Source: the median stopping rule of Golovin et al. 2017, "Google Vizier", section 3.2.2.
package struct MedianPruner: Pruner {
  private let rule: PercentilePruner

  package init(startupCount: Int = 5, warmupFolds: Int = 0) {
    rule = PercentilePruner(keepShare: 0.5, startupCount: startupCount, warmupFolds: warmupFolds)
  }

  package func verdict(on index: Int, in view: PruningView) -> PruningVerdict { rule.verdict(on: index, in: view) }
}
