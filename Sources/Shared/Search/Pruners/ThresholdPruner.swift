// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// Stops a trial whose mean so far is below `low`, above `high`, or no number.
package struct ThresholdPruner: Pruner {
  package let low: Double?
  package let high: Double?
  /// Steps of a fold that are judged too; `nil` for whole folds alone.
  package let schedule: StepSchedule?

  package init(low: Double? = nil, high: Double? = nil, schedule: StepSchedule? = nil) {
    self.low = low
    self.high = high
    self.schedule = schedule
  }

  package func verdict(on index: Int, in view: PruningView) -> PruningVerdict {
    let own = view.trials[index]
    guard let place = own.checkpoint else { return .keep }
    guard let value = own.value(at: place) else { return .stop("no value at fold \(place.fold)") }
    if let low, value < low { return .stop("below \(shortest(low)) after fold \(place.fold)") }
    if let high, value > high { return .stop("above \(shortest(high)) after fold \(place.fold)") }
    return .keep
  }

  package func stepRule(on index: Int, fold: Int, stepCount: Int, in view: PruningView) -> StepRule? {
    guard let schedule, (low ?? -.infinity) <= (high ?? .infinity) else { return nil }
    let range = (low ?? -.infinity)...(high ?? .infinity)
    return view.rule(schedule.steps(below: stepCount).map { .init(step: $0, range: range) })
  }
}
