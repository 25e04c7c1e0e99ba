// SPDX-License-Identifier: Apache-2.0

/// Stops a trial whose curve, in the fold under way, has not become better for more than `patience` steps.
package struct PatiencePruner: Pruner {
  package let patience: Int
  /// What counts as better, in the metric's unit.
  package let gainMin: Double

  package init(patience: Int, gainMin: Double = 0) {
    self.patience = patience
    self.gainMin = gainMin
  }

  package func verdict(on index: Int, in view: PruningView) -> PruningVerdict {
    guard let fold = view.trials[index].folds.last, fold.score == nil, let last = fold.curve.last else { return .keep }
    var best: (step: Int, value: Double)?
    for point in fold.curve where point.value.isFinite {
      let sign = view.direction == .maximize ? 1.0 : -1.0
      if best.map({ sign * (point.value - $0.value) > gainMin }) ?? true { best = (point.step, point.value) }
    }
    let waited = last.step - (best?.step ?? fold.curve[0].step)
    return waited > patience ? .stop("no gain for \(waited) steps") : .keep
  }
}
