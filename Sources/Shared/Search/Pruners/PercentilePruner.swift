// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// Stops a trial that stands outside the best `keepShare` of its branch at the same fold and step.
///
/// Until `startupCount` others have come to that place nothing is stopped, nor before `warmupFolds` folds have ended.
package struct PercentilePruner: Pruner {
  package let keepShare: Double
  package let startupCount: Int
  package let warmupFolds: Int
  /// Steps of a fold that are judged too; `nil` for whole folds alone.
  package let schedule: StepSchedule?

  package init(keepShare: Double, startupCount: Int = 5, warmupFolds: Int = 0, schedule: StepSchedule? = nil) {
    self.keepShare = keepShare
    self.startupCount = startupCount
    self.warmupFolds = warmupFolds
    self.schedule = schedule
  }

  package func verdict(on index: Int, in view: PruningView) -> PruningVerdict {
    let own = view.trials[index]
    guard let place = own.checkpoint, own.foldsDone >= max(1, warmupFolds) || place.step != nil && warmupFolds == 0
    else {
      return .keep
    }
    let others = view.peers(of: index).compactMap { $0.value(at: place) }
    guard others.count >= max(1, startupCount) else { return .keep }
    guard let value = own.value(at: place) else { return .stop("no value at fold \(place.fold)") }
    // Optuna and Vizier interpolate; the share of the others that are better needs no rule for that.
    let better = others.count { view.isBetter($0, than: value) }
    guard Double(better) > keepShare * Double(others.count) else { return .keep }
    return .stop("\(better) of \(others.count) were better after fold \(place.fold)")
  }

  package func stepRule(on index: Int, fold: Int, stepCount: Int, in view: PruningView) -> StepRule? {
    guard let schedule else { return nil }
    return view.rule(
      schedule.steps(below: stepCount).map { step in
        let others = view.values(besides: index, fold: fold, step: step)
        let kept = Int(keepShare * Double(others.count))
        guard others.count >= max(1, startupCount), kept < others.count else { return .init(step: step) }
        return view.place(step, atLeast: others[kept])
      })
  }
}
