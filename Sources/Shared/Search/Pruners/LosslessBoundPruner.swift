// SPDX-License-Identifier: Apache-2.0

/// Stops a trial that cannot win any more: even with the metric's best possible value on every fold to come, its score
/// would stay behind the best whole trial of its branch. It never costs the winner.
package struct LosslessBoundPruner: Pruner {
  package init() {}

  package func verdict(on index: Int, in view: PruningView) -> PruningVerdict {
    guard let best = view.bestPossible, let incumbent = view.incumbent(for: index) else { return .keep }
    guard let scores = view.trials[index].scores else { return .stop("a fold has no value") }
    guard scores.count < view.foldCount else { return .keep }
    let hoped = scores + Array(repeating: best, count: view.foldCount - scores.count)
    guard let bound = view.score(of: hoped), view.isBetter(incumbent.score, than: bound) else { return .keep }
    return .stop("cannot pass #\(incumbent.entrant.number) even with \(shortest(best)) on every fold to come")
  }
}
