// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// Stops a trial that is worse than the median of its branch at the same fold and step.
///
/// - Source: the median stopping rule of Golovin et al. 2017, "Google Vizier", section 3.2.2.
package struct MedianPruner: Pruner {
  private let rule: PercentilePruner

  package init(startupCount: Int = 5, warmupFolds: Int = 0, schedule: StepSchedule? = nil) {
    rule = PercentilePruner(
      keepShare: 0.5, startupCount: startupCount, warmupFolds: warmupFolds, schedule: schedule)
  }

  package func verdict(on index: Int, in view: PruningView) -> PruningVerdict { rule.verdict(on: index, in: view) }

  package func stepRule(on index: Int, fold: Int, stepCount: Int, in view: PruningView) -> StepRule? {
    rule.stepRule(on: index, fold: fold, stepCount: stepCount, in: view)
  }
}
