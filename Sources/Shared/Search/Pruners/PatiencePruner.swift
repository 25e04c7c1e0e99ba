// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// Ends a fold whose metric on the inner rows has not become better for more than `patience` steps; what it has by then is
/// scored, and counts. It stops no trial: to have converged is no fault.
package struct PatiencePruner: Pruner {
  package let patience: StepRule.Patience
  package let schedule: StepSchedule

  package init(patience: StepRule.Patience, schedule: StepSchedule) {
    self.patience = patience
    self.schedule = schedule
  }

  package func verdict(on index: Int, in view: PruningView) -> PruningVerdict { .keep }

  package func stepRule(on index: Int, fold: Int, stepCount: Int, in view: PruningView) -> StepRule? {
    view.rule(schedule.steps(below: stepCount).map { .init(step: $0) }, patience: patience)
  }
}
