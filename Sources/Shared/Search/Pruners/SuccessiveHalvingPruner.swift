// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// ASHA with folds, or steps of the first fold, as its budget: at each rung only the best 1/η of all that reached it go on.
///
/// Rungs are at min, min·η, min·η², … below the whole budget.
///
/// - Source: Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning", algorithm 2 (here a trial is asked
///   once at a rung and not promoted later: a fold that was not trained is saved for good).
package struct SuccessiveHalvingPruner: Pruner {
  package enum Unit: String, CaseIterable, Hashable, Sendable {
    case fold
    case step
  }

  package let minimum: Int
  package let reduction: Double
  package let unit: Unit

  package init(minimum: Int = 1, reduction: Double = 3, unit: Unit = .fold) {
    precondition(minimum >= 1 && reduction > 1, "rungs from \(minimum) by \(reduction)")
    self.minimum = minimum
    self.reduction = reduction
    self.unit = unit
  }

  package func verdict(on index: Int, in view: PruningView) -> PruningVerdict {
    verdict(on: index, in: view) { _ in true }
  }

  /// - Parameter isRival: whom the trial shares its rungs with, of its branch.
  func verdict(on index: Int, in view: PruningView, isRival: (Entrant) -> Bool) -> PruningVerdict {
    let own = view.trials[index]
    guard let place = own.checkpoint, isRung(place, in: view) else { return .keep }
    guard let value = own.value(at: place) else { return .stop("no value at fold \(place.fold)") }
    let others = view.peers(of: index).filter(isRival)
    let rivals = others.compactMap { rival in rival.value(at: place).map { (number: rival.number, value: $0) } }
    let better = rivals.count {
      view.isBetter($0.value, than: value) || ($0.value == value && $0.number < own.number)
    }
    let kept = max(1, Int(Double(rivals.count + 1) / reduction))
    return better < kept ? .keep : .stop("\(better) of \(rivals.count) were better at a rung that keeps \(kept)")
  }

  package func stepRule(on index: Int, fold: Int, stepCount: Int, in view: PruningView) -> StepRule? {
    guard unit == .step, fold == 0 else { return nil }
    let schedule = StepSchedule(first: minimum, .times(reduction))
    return view.rule(
      schedule.steps(below: stepCount).map { step in
        let rivals = view.values(besides: index, fold: fold, step: step)
        let kept = max(1, Int(Double(rivals.count + 1) / reduction))
        // Rivals are of earlier rounds: among equals they come first.
        return kept > rivals.count ? .init(step: step) : view.place(step, above: rivals[kept - 1])
      })
  }

  private func isRung(_ place: Checkpoint, in view: PruningView) -> Bool {
    var rung = Double(minimum)
    switch unit {
    case .fold:
      guard place.step == nil else { return false }
      while Int(rung) < view.foldCount {
        if Int(rung) == place.fold + 1 { return true }
        rung *= reduction
      }
      return false
    case .step:
      guard place.fold == 0, let step = place.step else { return false }
      while Int(rung) < step { rung *= reduction }
      return Int(rung) == step
    }
  }
}
